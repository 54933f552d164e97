"""Performance profiles: how many runs are how good (Agarwal et al. 2021, section 4.2)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from baselines.common.errors import InputError
from baselines.statistics.bootstrap import ENDS, RESAMPLES, Scores, read_scores, resample

THRESHOLDS = np.linspace(-0.05, 1.05, 221)
"""Normalised scores a little beyond chance and the optimum."""


class Profile(NamedTuple):
    """The share of runs above each threshold; each of shape (thresholds,).

    Attributes:
        thresholds: Normalised scores.
        share: Of the runs whose score is higher.
        low: Lower ends of the 95 % intervals, each for its threshold alone.
        high: Upper ends.
    """

    thresholds: NDArray[np.float64]
    share: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def performance_profile(
    scores: Scores,
    thresholds: ArrayLike = THRESHOLDS,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Profile:
    """The share of all runs of all environments above each threshold.

    Args:
        scores: One score a seed by environment, nan for a run that failed.
        thresholds: Shape (thresholds,).
        seed: Of the bootstrap.
        resamples: Of the bootstrap, which draws seeds anew within each environment. An environment
            with one seed adds nothing to the width of the intervals.

    Raises:
        InputError: If there are no scores, or a score or threshold that is not finite.
    """
    at = np.asarray(thresholds, dtype=np.float64)
    if at.ndim != 1 or not at.size or not np.isfinite(at).all():
        raise InputError(f"`thresholds` must be finite numbers, of shape (n,), got {at}")
    read = read_scores(scores)
    drawn = np.concatenate(resample(read, np.random.default_rng(seed), resamples), axis=1)
    # One threshold at a time: all at once would be a gigabyte.
    ends = [np.quantile((drawn > threshold).mean(axis=1), ENDS) for threshold in at]
    low, high = np.transpose(ends)
    runs = np.concatenate(list(read.values()))
    return Profile(at, (runs[:, None] > at).mean(axis=0), low, high)
