"""The cheapest assignment, in whole numbers."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from meta_envs.core.extras import install_hint

FORBIDDEN = 10**9
"""Price of a pair that must not be; far above the sum of all others."""


def cheapest_assignment(prices: NDArray[np.int64]) -> int:
    """The least sum of prices where every row gets a column of its own.

    SciPy computes in float64, in which sums of whole numbers below 2 ** 53 are exact.

    Args:
        prices: Shape (rows, columns), at least as many columns as rows.

    Raises:
        DependencyNotInstalled: If SciPy is missing.
    """
    try:
        from scipy.optimize import linear_sum_assignment
    except ModuleNotFoundError as error:
        raise gym.error.DependencyNotInstalled(
            f"the best search of a room needs SciPy: {install_hint('optimal')}"
        ) from error
    return int(prices[linear_sum_assignment(prices)].sum())
