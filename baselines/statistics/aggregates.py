"""One number for an agent over many environments and seeds (Agarwal et al. 2021, section 4.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from baselines.statistics.bootstrap import RESAMPLES, Estimate, Scores, estimate, read_scores
from baselines.statistics.bootstrap import resample as resample_scores

CUT = 0.25
"""Share of the runs that the interquartile mean leaves out at either end."""

Statistic = Callable[[Sequence[NDArray[np.float64]]], NDArray[np.float64]]
"""Of scores by environment, shape (..., seeds) each; gives shape (...)."""


def interquartile_mean(scores: Scores, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """The mean of the middle half of all runs of all environments.

    Less swayed by a run that failed than the mean, more precise than the median. Of n runs the
    floor(n / 4) lowest and as many of the highest are left out, whole runs only, as SciPy's
    `trim_mean` and the paper's own code have it: of ten seeds the middle six count, of three or
    fewer all. An environment with more seeds weighs more.

    For example the runs 0, 1, 2, 3 and 10 of one environment: floor(5 / 4) = 1 is left out at
    either end, and (1 + 2 + 3) / 3 = 2 is left.

    Args:
        scores: One score a seed by environment, nan for a run that failed.
        seed: Of the bootstrap.
        resamples: Of the bootstrap, which draws seeds anew within each environment.

    Raises:
        InputError: If there are no scores, or infinite ones.
    """
    return _aggregate(_interquartile_mean, scores, seed, resamples)


def mean(scores: Scores, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """The mean over environments of the mean over seeds; arguments as `interquartile_mean`."""
    return _aggregate(_mean_of_means, scores, seed, resamples)


def median(scores: Scores, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """The median over environments of the mean over seeds; arguments as `interquartile_mean`."""
    return _aggregate(_median_of_means, scores, seed, resamples)


def _aggregate(statistic: Statistic, scores: Scores, seed: int, resamples: int) -> Estimate:
    read = read_scores(scores)
    drawn = resample_scores(read, np.random.default_rng(seed), resamples)
    return estimate(float(statistic(list(read.values()))), statistic(drawn), read)


def _interquartile_mean(scores: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    pooled = np.sort(np.concatenate(scores, axis=-1), axis=-1)
    cut = int(CUT * pooled.shape[-1])
    middle: NDArray[np.float64] = pooled[..., cut : pooled.shape[-1] - cut].mean(axis=-1)
    return middle


def _means(scores: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.stack([values.mean(axis=-1) for values in scores], axis=-1)


def _mean_of_means(scores: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.asarray(_means(scores).mean(axis=-1))


def _median_of_means(scores: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.asarray(np.median(_means(scores), axis=-1))
