"""95 % confidence intervals of means and shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Z95 = 1.96
"""Standard errors on either side of a mean that make a normal 95 % interval."""


def confidence_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """The normal interval of a mean, from values of shape (episodes,)."""
    half = Z95 * float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else np.inf
    mean = float(values.mean())
    return mean - half, mean + half


def with_half_width(mean: float, interval: tuple[float, float], digits: int = 3) -> str:
    """A mean and half the width of its interval, `2.770 ± 0.145`; alone where one tells none."""
    half, shown = interval[1] - mean, f"{mean:.{digits}f}"
    return f"{shown} ± {half:.{digits}f}" if np.isfinite(half) else shown


def wilson_interval(
    share: NDArray[np.float64], count: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Wilson's interval of shares, which stays inside [0, 1].

    Args:
        share: Observed shares, any shape.
        count: Of how many observations each, same shape; nan gives nan.

    Returns:
        The lower and the upper ends.
    """
    spread = share * (1 - share) / count + Z95**2 / (4 * count**2)
    centre = (share + Z95**2 / (2 * count)) / (1 + Z95**2 / count)
    half = Z95 / (1 + Z95**2 / count) * np.sqrt(spread)
    # Rounding must put no end on the wrong side of the share, or outside.
    low, high = np.minimum(share, centre - half), np.maximum(share, centre + half)
    return np.maximum(low, 0), np.minimum(high, 1)
