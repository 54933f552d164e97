"""Discs, lines and squares, for renderings of episodes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meta_envs.rendering.palette import Colour


def disc(
    image: NDArray[np.float32],
    centre: NDArray[np.float64],
    radius: float,
    colour: Colour,
) -> None:
    """Paints a disc with a smooth edge.

    Args:
        image: Colours in 0..255, shape (height, width, 3), painted on in place.
        centre: Row and column.
        radius: In pixels.
        colour: Shape (3,).
    """
    line(image, centre, centre, 2 * radius, colour)


def line(
    image: NDArray[np.float32],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    width: float,
    colour: Colour,
) -> None:
    """Paints a line with round ends, from one (row, column) to another; see `disc`."""
    low = np.maximum(np.minimum(start, end) - width, 0).astype(int)
    high = (np.maximum(start, end) + width + 1).astype(int)
    part = image[low[0] : high[0], low[1] : high[1]]
    rows, columns = np.ogrid[: part.shape[0], : part.shape[1]]
    down, right = rows + (low[0] - start[0]), columns + (low[1] - start[1])
    along = end - start
    # The nearest point of the line to each pixel, as a share of its length.
    share = down * along[0] + right * along[1]
    share = np.clip(share / max(float(along @ along), 1e-9), 0, 1)
    distance = np.hypot(down - share * along[0], right - share * along[1])
    cover = np.clip(width / 2 - distance + 0.5, 0, 1)[..., None]
    part += (cover * (colour - part)).astype(np.float32)


def dashes(
    image: NDArray[np.float32],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    width: float,
    colour: Colour,
) -> None:
    """Paints a broken line; see `line`."""
    along = end - start
    count = max(round(float(np.hypot(*along)) / (5 * width)), 2)
    for dash in range(count):
        first, last = (part / (count - 0.6) for part in (dash, dash + 0.4))
        line(image, start + first * along, start + last * along, width, colour)


def square(image: NDArray[np.float32], colour: Colour, inside: Colour | None = None) -> None:
    """Paints a whole image; with `inside`, the colour is that of its edge."""
    edge = max(min(image.shape[:2]) // 8, 1)
    image[...] = colour
    if inside is not None:
        image[edge:-edge, edge:-edge] = inside


def around(image: NDArray[np.float32], row: int, column: int, half: int) -> NDArray[np.float32]:
    """The square part of an image that reaches `half` pixels from a point, to be painted on."""
    return image[row - half : row + half, column - half : column + half]
