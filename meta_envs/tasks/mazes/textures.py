"""Images that a maze in first person is made of: walls, grounds and things, all computed."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from meta_envs.tasks.mazes.rendering import WALL_COLOURS

TEXELS = 32
"""Texels that a wall, or a thing, has a side."""
BRICKS = ((8, 16), (8, 16), (16, 16), (4, 8), (32, 8), (8, 32), (16, 8))
"""Texels that a brick of each kind of wall has in height and in length."""
GROUNDS = np.array(((120, 150, 185), (105, 98, 90), (80, 75, 70)), np.uint8)
"""Colours of the ceiling and of the two kinds of squares on the floor."""
GOAL, APPLE = 0, 1
"""Kinds of things."""
SIZES = np.array((0.6, 0.3))
"""Their height and width, in cells."""
GOLD, RED, LEAF = np.array(((255, 205, 40), (215, 35, 30), (60, 170, 50)), np.float64)


@lru_cache(maxsize=1)
def wall_textures() -> NDArray[np.uint8]:
    """Bricks of each kind of wall in its colour, shape (kinds, TEXELS, TEXELS, 3)."""
    v, u = np.indices((TEXELS, TEXELS))
    textures = []
    for colour, (high, long) in zip(WALL_COLOURS, BRICKS, strict=True):
        row = v // high
        shifted = u + row * long // 2
        brick = shifted // long % (TEXELS // long)
        # Neighbouring bricks differ a little.
        light = 1.0 - 0.06 * ((5 * row + 3 * brick) % 4)
        light[(v % high == 0) | (shifted % long == 0)] = 0.55
        textures.append(np.rint(colour * light[..., None]))
    return frozen(np.array(textures))


@lru_cache(maxsize=1)
def sprites() -> NDArray[np.uint8]:
    """The goal, a golden ball, and an apple, with opacity, shape (2, TEXELS, TEXELS, 4)."""
    middle = (TEXELS - 1) / 2
    v, u = (np.indices((TEXELS, TEXELS)) - middle) / (TEXELS / 2)
    images = np.zeros((2, TEXELS, TEXELS, 4))
    for kind, colour in ((GOAL, GOLD), (APPLE, RED)):
        # Lit from above on the left.
        light = 1.0 - 0.45 * np.clip(np.hypot(v + 0.35, u + 0.35), 0.0, 1.2)
        images[kind, ..., :3] = colour * light[..., None]
        images[kind, ..., 3] = 255 * (np.hypot(v, u) < 1.0)
    stripe = (np.abs(v) < 0.12) & (images[GOAL, ..., 3] > 0)
    images[GOAL, stripe, :3] = 255
    stalk = (v < -0.7) & (np.abs(u - 0.1) < 0.15)
    images[APPLE, stalk] = [*LEAF, 255]
    return frozen(np.rint(images))


def frozen(images: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Images as bytes that nobody can change: all environments share them."""
    result = images.astype(np.uint8)
    result.setflags(write=False)
    return result
