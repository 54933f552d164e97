"""The caption above and the legend below what a task draws, the same for all tasks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.family import TaskFamily
from meta_envs.rendering import font
from meta_envs.rendering.bars import bars
from meta_envs.rendering.palette import GREY, INK, WHITE, Colour
from meta_envs.rendering.shapes import around, disc, square

Image = NDArray[np.float32]
"""Colours in 0..255, shape (height, width, 3)."""

WIDTH, MARGIN, GAP = 720, 12, 10
"""Pixels of an image's width at least, around it, and between its parts."""
INNER = WIDTH - 2 * MARGIN
"""Pixels of width that a task has to draw on; if it takes more, the image grows."""
SCALE = 2
"""Of the text."""
LINE = font.ROWS * SCALE + 4
"""Pixels of a line of text."""
LANE = 18
"""Pixels of half a row, where a row has two lanes."""
PATCH = 14
"""Pixels that the picture of an entry in the legend has a side."""


class Entry(NamedTuple):
    """What something in the image means.

    Attributes:
        paint: Paints it into a square of `PATCH` pixels a side.
        label: Its meaning.
        task: Whether it tells of the hidden task: not there where that is not revealed.
    """

    paint: Callable[[Image], None]
    label: str
    task: bool = False


def swatch(colour: Colour, inside: Colour | None = None) -> Callable[[Image], None]:
    """A square, for an `Entry`; with `inside`, the colour is that of its edge."""
    return lambda patch: square(patch, colour, inside)


def dot(colour: Colour) -> Callable[[Image], None]:
    """A disc, for an `Entry`."""
    return lambda patch: disc(patch, np.full(2, (PATCH - 1) / 2), PATCH * 0.45, colour)


def bar(share: float) -> Callable[[Image], None]:
    """What a step has brought, for an `Entry`; see `bars`."""

    def paint(patch: Image) -> None:
        patch[:, PATCH // 4 : -PATCH // 4] = bars([[share]], PATCH + 1, 1)[:-1]

    return paint


def compose(
    family: TaskFamily,
    shown: str,
    trial: tuple[int, int | None],
    history: Sequence[tuple[int, float]],
    body: Image,
    legend: Sequence[Entry],
) -> NDArray[np.uint8]:
    """A whole image: the caption, what the task draws, the legend.

    An image has the same size whether or not the task is revealed.

    Args:
        family: Whose episode it is.
        shown: What the image shows, in a few words.
        trial: The one under way, counted from 0, and how many there are, None if that is open.
        history: Actions and rewards so far.
        body: What the task draws.
        legend: What is what in it.
    """
    width = max(WIDTH, body.shape[1] + 2 * MARGIN)
    key = _draw_legend(legend, width - 2 * MARGIN, family.reveal)
    top, bottom = MARGIN + 2 * LINE + GAP, GAP + len(key) + MARGIN
    caption = blank(2 * LINE, width - 2 * MARGIN)
    font.write(caption, f"{name(family)}: {shown}", 0, 0, SCALE)
    status = _status(trial, len(history), family.episode_length, [r for _, r in history])
    font.write(caption, status, LINE, 0, SCALE)
    image = np.full((top + len(body) + bottom, width, 3), 255, np.uint8)
    for row, part in ((MARGIN, caption), (top, body), (top + len(body) + GAP, key)):
        image[row : row + len(part), MARGIN : MARGIN + part.shape[1]] = np.rint(part)
    return image


def name(family: TaskFamily) -> str:
    """What a family's class is called, in words: "Dark Key To Door"."""
    return re.sub("(?<=[a-z])(?=[A-Z])|(?=[A-Z][a-z])(?<!^)", " ", type(family).__name__)


def _status(
    trial: tuple[int, int | None], step: int, num_steps: int, rewards: Sequence[float]
) -> str:
    number, num_trials = trial
    # After the last step there is no further trial.
    number = number + 1 if num_trials is None else min(number + 1, num_trials)
    trials = f"trial {number}" + (f" of {num_trials}" if num_trials else "")
    reward = f"reward {round(rewards[-1], 2):g}" if rewards else "no reward yet"
    total = f"sum {round(sum(rewards), 2):g}"
    return f"{trials}  step {step} of {num_steps}  {reward}  {total}"


def _draw_legend(legend: Sequence[Entry], width: int, reveal: bool) -> Image:
    places, row, left = [], 0, 0
    for entry in legend:
        wide = PATCH + 6 + font.width(entry.label, SCALE) + 14
        if left and left + wide > width:
            row, left = row + 1, 0
        places.append((row * LINE, left))
        left += wide
    image = blank((row + 1) * LINE, width)
    for entry, (top, left) in zip(legend, places, strict=True):
        if entry.task and not reveal:
            continue
        entry.paint(image[top : top + PATCH, left : left + PATCH])
        font.write(image, entry.label, top, left + PATCH + 6, SCALE)
    return image


def titled(image: Image, title: str) -> Image:
    """A part of an image with a line above that says what it is."""
    header = blank(LINE, image.shape[1])
    font.write(header, title, 0, 0, SCALE, INK)
    return below(header, image, gap=0)


def draw_place(image: Image, row: int, column: int, half: int, sign: str, lit: bool) -> None:
    """Draws a place that the agent can see as a square with a sign, dark where it is now `lit`.

    Args:
        image: Painted on in place.
        row: Of the middle.
        column: Likewise.
        half: Pixels from there to the edge.
        sign: A few letters.
        lit: Whether it is what is shown or asked for now.
    """
    square(around(image, row, column, half), INK if lit else GREY * 1.2)
    left = column - font.width(sign, SCALE) // 2 + 1
    font.write(image, sign, row - font.ROWS + 1, left, SCALE, WHITE if lit else INK)


def lane(which: int) -> slice:
    """The lines of the upper (0) or lower (1) lane of a row, but for a gap below it."""
    return slice(which * LANE, (which + 1) * LANE - 2)


def named_lanes(
    name: str, lanes: Sequence[str], widest: tuple[str, str], colour: Colour = INK
) -> Image:
    """What a row of two lanes shows, and what each of them is.

    Args:
        name: Of the row.
        lanes: Of the upper lane and of the lower one.
        widest: The longest name of a row and of a lane that stand in one column with these.
        colour: Of the lanes' names.
    """
    wide = font.width(widest[0], SCALE) + GAP
    image = blank(2 * LANE, wide + font.width(widest[1], SCALE))
    font.write(image, name, LANE - font.ROWS, 0, SCALE)
    for number, text in enumerate(lanes):
        font.write(image, text, number * LANE + 1, wide, SCALE, colour)
    return image


def blank(height: int, width: int) -> Image:
    """A white image."""
    # One number fills an array far faster than a colour.
    return np.full((height, width, 3), 255, np.float32)


def below(*images: Image, gap: int = GAP) -> Image:
    """Images one below the other, their left edges in line."""
    width = max(image.shape[1] for image in images)
    height = sum(len(image) for image in images) + gap * (len(images) - 1)
    result, top = blank(height, width), 0
    for image in images:
        result[top : top + len(image), : image.shape[1]] = image
        top += len(image) + gap
    return result


def beside(*images: Image, gap: int = GAP) -> Image:
    """Images side by side, their upper edges in line."""
    height = max(len(image) for image in images)
    width = sum(image.shape[1] for image in images) + gap * (len(images) - 1)
    result, left = blank(height, width), 0
    for image in images:
        result[: len(image), left : left + image.shape[1]] = image
        left += image.shape[1] + gap
    return result


def labels(texts: Sequence[str], height: int) -> Image:
    """A column of labels, one for each row of `height` pixels; only those there is room for."""
    scale = SCALE if height >= font.ROWS * SCALE else 1
    width = max(font.width(text, scale) for text in texts)
    image = blank(len(texts) * height, width)
    every = -(-font.ROWS * scale // height)
    for row in range(0, len(texts), every):
        top = row * height + (height - font.ROWS * scale) // 2
        font.write(image, texts[row], max(top, row * height), 0, scale, INK)
    return image
