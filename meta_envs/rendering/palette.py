"""Colours that the renderings of all environments share, each an array of shape (3,) in 0..255."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WHITE, BLUE, GREEN, RED = np.array(
    ((255, 255, 255), (70, 110, 190), (40, 150, 70), (205, 60, 50)), np.float32
)
SCALE = np.array(((205, 60, 50), (240, 200, 80), (40, 150, 70)), np.float32)
"""Red, yellow and green."""


def heat(share: float) -> NDArray[np.float32]:
    """The colour of a number from 0 (red) over 0.5 (yellow) to 1 (green), shape (3,)."""
    channels = [np.interp(share, (0.0, 0.5, 1.0), channel) for channel in SCALE.T]
    return np.array(channels, np.float32)
