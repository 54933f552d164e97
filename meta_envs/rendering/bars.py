"""What steps have brought, as bars: taller and darker where it was more."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from meta_envs.rendering.palette import HIT, MISS, PALE, WHITE

LEAST = 0.35
"""Height of the bar for the least that a step can bring, as a share of the tallest."""
NONE = np.nan
"""Stands for a step that there is nothing to show of."""


def bar_height(height: int) -> int:
    """Pixels of the tallest bar in a row of `height`: all but the gap at its end."""
    return height - (max(height // 8, 1) if height > 3 else 0)


def bars(shares: ArrayLike, height: int, width: int) -> NDArray[np.float32]:
    """Rows of bars, one a step.

    Args:
        shares: What each step has brought, from 0 for the least to 1 for the most, or `NONE`;
            shape (rows, steps).
        height: Pixels of a row, of which the last are a gap where there is room for one.
        width: Pixels of a step, likewise.

    Returns:
        Colours in 0..255, shape (rows * height, steps * width, 3).
    """
    shares = np.asarray(shares, np.float32)
    lines = bar_height(height)
    levels = 1 - (np.arange(lines, dtype=np.float32) + 0.5) / lines
    tall = LEAST + (1 - LEAST) * shares[:, None]
    # Nothing is as tall as NONE.
    filled = levels[:, None] < tall
    colours = MISS + (HIT - MISS) * np.nan_to_num(shares)[..., None]
    rows = np.full((len(shares), height, *shares.shape[1:], 3), WHITE)
    rows[:, :lines] = np.where(filled[..., None], colours[:, None], PALE)
    image = rows.reshape(len(shares) * height, -1, 3).repeat(width, axis=1)
    if width > 3:
        image[:, width - 1 :: width] = WHITE
    return image
