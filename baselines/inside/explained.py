"""How much of something is explained by what is said of it: R^2 on held-out episodes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1_000
"""Bootstrap samples of the held-out episodes."""
CONSTANT = 1e-12
"""Share of the whole variance below which something does not vary: that is rounding."""


class Score(NamedTuple):
    """A figure and its 95 % interval: numbers, or arrays of one shape."""

    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def rest(self) -> Score:
        """1 minus it: what is not explained."""
        return Score(1 - self.value, 1 - self.high, 1 - self.low)

    def __str__(self) -> str:
        """For example `0.93 [0.92, 0.94]`; for numbers only."""
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


class Explained(NamedTuple):
    """R^2 = 1 - squared errors / squares around a mean, summed over the numbers of a target.

    1 is as good as can be, 0 is as good as the mean that the episodes for fitting had; it may be
    negative. Intervals are by a percentile bootstrap over the held-out episodes, for one fit.

    Attributes:
        total: Around one mean over all steps. What changes with time, as the count of pulls does,
            is explained by a clock alone.
        within_steps: Around the mean of each step, all steps together: what a clock cannot
            explain; nan if there is no such thing.
        by_step: Around the mean of each step, shape (steps,); nan where the target does not
            differ between episodes, as before the first outcome.
    """

    total: Score
    within_steps: Score
    by_step: Score


def explained(
    predicted: NDArray[np.float64],
    target: NDArray[np.float64],
    played: NDArray[np.bool_],
    fitted_target: NDArray[np.float64],
    fitted_played: NDArray[np.bool_],
    seed: int = 0,
) -> Explained:
    """Scores what is said of held-out episodes.

    The means are those of the episodes that were fitted: knowing those alone gives 0, and
    overfitting less than 0.

    Args:
        predicted: Shape (episodes, steps, n).
        target: Same shape.
        played: Where an episode was going on, shape (episodes, steps).
        fitted_target: That of the episodes that `predicted` was fitted on.
        fitted_played: Likewise.
        seed: Of the bootstrap.
    """
    overall, by_step = means(fitted_target, fitted_played)
    errors, around_all, around_step = (
        np.where(played, ((target - other) ** 2).sum(axis=2), 0.0)
        for other in (predicted, overall, by_step)
    )
    varies = _varies(target, played)
    return Explained(
        ratio(errors.sum(axis=1), around_all.sum(axis=1), seed).rest,
        ratio(errors.sum(axis=1), around_step.sum(axis=1) * varies.any(), seed).rest,
        ratio(errors, around_step * varies, seed).rest,
    )


def ratio(above: NDArray[np.float64], below: NDArray[np.float64], seed: int = 0) -> Score:
    """A sum over episodes divided by another one, with its bootstrap interval.

    Args:
        above: What each episode adds to the one, shape (episodes, ...).
        below: To the other, same shape, none below 0.
        seed: Of the bootstrap.

    Returns:
        Shape (...); nan where the divisor is 0.
    """
    episodes = len(above)
    rng = np.random.default_rng(seed)
    draws = rng.multinomial(episodes, np.full(episodes, 1 / episodes), RESAMPLES)
    # The first row is all episodes once; the others are bootstrap samples.
    weights = np.concatenate([np.ones((1, episodes)), draws])
    with np.errstate(invalid="ignore", divide="ignore"):
        sums = weights @ below
        values = np.where(sums > 0, (weights @ above) / sums, np.nan)
    # A resample in which nothing varies says nothing.
    known = np.where(np.isnan(values), values[0], values)
    low, high = np.percentile(known[1:], [2.5, 97.5], axis=0)
    return Score(values[0], low, high)


def mean_score(values: NDArray[np.float64], seed: int = 0) -> Score:
    """A mean over episodes, with its bootstrap interval; values of shape (episodes, ...)."""
    return ratio(values, np.ones_like(values), seed)


def means(
    target: NDArray[np.float64], played: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean over all steps, shape (n,), and that of each, (steps, n).

    A step that no episode has come to has the mean of all.
    """
    sums = np.where(played[..., None], target, 0.0).sum(axis=0)
    counts = played.sum(axis=0)[:, None]
    overall = sums.sum(axis=0) / counts.sum()
    return overall, np.where(counts > 0, sums / np.maximum(counts, 1), overall)


def _varies(target: NDArray[np.float64], played: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether a target differs between episodes, by step."""
    overall, by_step = means(target, played)
    whole, own = (
        np.where(played[..., None], (target - mean) ** 2, 0.0).sum(axis=(0, 2))
        for mean in (overall, by_step)
    )
    varies: NDArray[np.bool_] = own > CONSTANT * whole.sum()
    return varies
