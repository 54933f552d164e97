"""Reading renderings: the text in them, where colours are, and how colour-blind people see them."""

import numpy as np

from meta_envs.rendering import font
from meta_envs.rendering.frame import LINE, MARGIN, SCALE
from meta_envs.rendering.palette import INK

LETTERS = {glyph.tobytes(): chr(font.FIRST + n) for n, glyph in enumerate(font.GLYPHS)}
DEUTERANOPIA = np.array(
    (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    )
)
PROTANOPIA = np.array(
    (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    )
)
"""Of linear RGB, at full severity: Machado, Oliveira and Fernandes 2009, table 1."""


def has(image, colour):
    """Where pixels have nearly this colour, shape (height, width)."""
    return (np.abs(image.astype(float) - colour) < 1.5).all(axis=2)


def read(image, top, left=MARGIN):
    """The line of text that begins at a pixel."""
    ink = has(image, INK)[top : top + font.ROWS * SCALE, left:][::SCALE, ::SCALE]
    columns = range(0, ink.shape[1] - font.ADVANCE + 1, font.ADVANCE)
    glyphs = (ink[:, column : column + font.ADVANCE] for column in columns)
    return "".join(LETTERS.get(glyph.tobytes(), "?") for glyph in glyphs).rstrip()


def caption(image):
    """Its two lines."""
    return read(image, MARGIN), read(image, MARGIN + LINE)


def find(image, text, colour=INK):
    """Upper left corners, (row, column), of all places where a text stands."""
    ink, mask = has(image, colour), font.mask(text, SCALE)
    # Correlation: as many hits as there is ink, and none where there should be none.
    wanted = np.zeros(ink.shape)
    wanted[: mask.shape[0], : mask.shape[1]] = np.where(mask, 1.0, -1.0)
    scores = np.fft.irfft2(np.fft.rfft2(ink) * np.conj(np.fft.rfft2(wanted)), s=ink.shape)
    return np.argwhere(np.abs(scores - mask.sum()) < 0.5).tolist()


def luminance(colour, seen_with=None):
    """Relative luminance of a colour in 0..255 (WCAG 2), 0 to 1, as some people see it."""
    share = np.asarray(colour, float) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    if seen_with is not None:
        linear = np.clip(linear @ seen_with.T, 0, 1)
    return linear @ (0.2126, 0.7152, 0.0722)


def contrast(first, second, seen_with=None):
    """The contrast ratio of two colours, 1 to 21."""
    low, high = sorted(luminance(colour, seen_with) for colour in (first, second))
    return (high + 0.05) / (low + 0.05)
