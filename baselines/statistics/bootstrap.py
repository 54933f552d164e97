"""Scores of many trainings, and the stratified bootstrap over their seeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from baselines.common.errors import InputError

RESAMPLES = 10_000
"""Of a bootstrap."""
ENDS = 0.025, 0.975
"""Quantiles of the resamples between which a 95 % interval lies."""

Scores = Mapping[str, ArrayLike]
"""One normalised score a training seed by environment; numbers of seeds may differ. A run without a
score, as of a training that broke off, is nan and counts as chance, 0: to leave out what failed
would reward an agent for failing where it is bad."""


class Estimate(NamedTuple):
    """A statistic of scores.

    Attributes:
        value: Of the scores as they are.
        low: Lower end of its 95 % interval; -inf if an environment has one seed only, which tells
            nothing of the others.
        high: Upper end, or inf.
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """For example `0.981 [0.975, 0.986]`; without an interval that says nothing."""
        if not np.isfinite(self.low):
            return f"{self.value:.3f}"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def read_scores(scores: Scores) -> dict[str, NDArray[np.float64]]:
    """Scores as arrays of shape (seeds,), failed runs as 0.

    Raises:
        InputError: If there is no environment, one has no seed, or a score is infinite.
    """
    if not scores:
        raise InputError("`scores` must have at least one environment, got none")
    read = {}
    for env_id, values in scores.items():
        array = np.asarray(values, dtype=np.float64)
        if array.ndim != 1 or not array.size:
            raise InputError(
                f"`scores` of {env_id} must be one number a seed, of shape (seeds,), got shape "
                f"{array.shape}"
            )
        if np.isinf(array).any():
            raise InputError(f"`scores` of {env_id} must be finite, or nan for a run that failed")
        read[env_id] = np.where(np.isnan(array), 0.0, array)
    return read


def resample(
    scores: Mapping[str, NDArray[np.float64]], rng: np.random.Generator, resamples: int = RESAMPLES
) -> list[NDArray[np.float64]]:
    """Draws seeds anew within each environment, with replacement.

    The environments stay the same in every resample: which there are is no matter of chance, and
    how they differ no uncertainty.

    Args:
        scores: As from `read_scores`.
        rng: Draws the seeds.
        resamples: How many.

    Returns:
        By environment, in the order of `scores`, shape (resamples, seeds).
    """
    return [values[rng.integers(values.size, size=(resamples, values.size))]
            for values in scores.values()]  # fmt: skip


def estimate(
    value: float, resampled: NDArray[np.float64], *samples: Mapping[str, NDArray[np.float64]]
) -> Estimate:
    """A statistic with its percentile interval.

    Args:
        value: The statistic of the scores.
        resampled: That of each resample, shape (resamples,).
        *samples: The scores; an environment with one seed leaves no interval.
    """
    if any(values.size < 2 for scores in samples for values in scores.values()):
        return Estimate(value, -np.inf, np.inf)
    low, high = np.quantile(resampled, ENDS)
    return Estimate(value, float(low), float(high))
