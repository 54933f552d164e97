"""What can be read, linearly, of a network's activity: the belief, or anything else.

Hennig et al. 2023, "Emergence of belief-like representations through reinforcement learning",
PLOS Computational Biology 19:e1011067: a linear map from activity to the belief of an ideal
observer, and its R^2 on episodes that it was not fitted on, beside that of an untrained network
(`baselines.inside.controls`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.common.errors import InputError
from baselines.inside.explained import Explained, Score, explained
from baselines.inside.recording import Recording

Array = NDArray[np.float64]
FIT_SHARE = 5 / 7
"""Of the episodes, the first ones, that are fitted: 500 of 700. The others score."""
FOLDS = 5
"""Parts of these episodes by which the penalty is chosen."""
PENALTIES = np.logspace(-8, 2, 21)
"""Ridge penalties to choose of; 1 weighs a squared weight of a standardised unit as much as the
mean squared error of the standardised target."""
LEAST_EPISODES = 20
"""Fewer can be neither split nor resampled."""


class Probe(NamedTuple):
    """What a linear readout says on held-out episodes.

    Attributes:
        explained: Its R^2.
        penalty: The one chosen; shape (steps,) of a readout for each step.
        held_out: The episodes that it is scored on.
        predicted: What it says of them, shape (episodes held out, steps, n).
    """

    explained: Explained
    penalty: Array
    held_out: slice
    predicted: Array

    @property
    def total(self) -> Score:
        """See `Explained`."""
        return self.explained.total

    @property
    def within_steps(self) -> Score:
        """See `Explained`."""
        return self.explained.within_steps

    @property
    def by_step(self) -> Score:
        """See `Explained`."""
        return self.explained.by_step


def probe_belief(recording: Recording, name: str) -> Probe:
    """How well what an ideal observer believes can be read of a network, by one linear map.

    Args:
        recording: At least 20 episodes.
        name: Of the belief.

    Raises:
        InputError: If there is no such belief, or there are too few episodes.
    """
    return probe(recording.activity, belief_of(recording, name), recording.played)


def belief_of(recording: Recording, name: str) -> Array:
    """A belief, shape (episodes, steps, n); InputError if there is none of that name."""
    if name not in recording.belief:
        known = ", ".join(map(repr, recording.belief)) or "none: no optimum is known"
        raise InputError(
            f"no belief is called {name!r} in {recording.evaluation.env_id}: there are {known}"
        )
    return recording.belief[name]


def probe(activity: NDArray[np.floating], target: Array, played: NDArray[np.bool_]) -> Probe:
    """Fits one linear map for all steps, as Hennig et al. do.

    Its R^2 of an early step may be far below 0 where the target varies little yet: one map serves
    all steps, and goes by those that vary most. What can be read at a step by whatever map is told
    by `probe_each_step`, and where the two differ, the code changes with time.

    Args:
        activity: Shape (episodes, steps, units).
        target: Anything of the same moments, shape (episodes, steps, n), or (episodes, steps).
        played: Where an episode was going on, shape (episodes, steps).

    Raises:
        InputError: If shapes do not fit, or there are fewer than 20 episodes.
    """
    x, y, fit = _prepared(activity, target, played)
    moments = _moments(x[fit], y[fit], played[fit]).sum(axis=1)
    weights, penalty = _fit_ridge(moments, x.shape[2])
    predicted = _with_one(x[fit.stop :]) @ weights
    return _scored(predicted, target, played, fit, np.asarray(penalty))


def probe_each_step(
    activity: NDArray[np.floating], target: Array, played: NDArray[np.bool_]
) -> Probe:
    """Fits a linear map, with a penalty of its own, for each step; see `probe`.

    Knowing the step it knows its mean, so that of its R^2 `within_steps` is the fair one.
    """
    x, y, fit = _prepared(activity, target, played)
    moments = _moments(x[fit], y[fit], played[fit]).swapaxes(0, 1)
    fits = [_fit_ridge(step, x.shape[2]) for step in moments]
    weights, penalties = (np.array(part) for part in zip(*fits, strict=True))
    predicted = np.einsum("etu,tun->etn", _with_one(x[fit.stop :]), weights, optimize=True)
    return _scored(predicted, target, played, fit, penalties)


def _prepared(
    activity: NDArray[np.floating], target: Array, played: NDArray[np.bool_]
) -> tuple[Array, Array, slice]:
    """Both standardised by the episodes to fit, as (episodes, steps, n), and these."""
    y = target[..., None] if target.ndim == 2 else target
    if activity.ndim != 3 or y.shape[:2] != activity.shape[:2] or played.shape != y.shape[:2]:
        raise InputError(
            "activity, target and played must be of the same episodes and steps, got the shapes "
            f"{activity.shape}, {target.shape} and {played.shape}"
        )
    fit = fitted_episodes(len(y))
    return _standardised(activity, played, fit), _standardised(y, played, fit), fit


def fitted_episodes(episodes: int) -> slice:
    """Which of some episodes are to fit; all others are to score. InputError if they are few."""
    if episodes < LEAST_EPISODES:
        raise InputError(
            f"`episodes` must be at least {LEAST_EPISODES} to fit on some and score on others, "
            f"got {episodes}"
        )
    return slice(0, round(FIT_SHARE * episodes))


def _standardised(values: NDArray[np.floating], played: NDArray[np.bool_], fit: slice) -> Array:
    """By the mean and the deviation of each column over the steps of the episodes to fit."""
    rows = np.asarray(values[fit][played[fit]], np.float64)
    mean, deviation = rows.mean(axis=0), rows.std(axis=0)
    # A unit that does not vary, but for rounding, tells nothing.
    silent = deviation <= 1e-7 * np.maximum(np.abs(mean), 1e-7)
    return np.where(silent, 0.0, (values - mean) / np.where(silent, 1.0, deviation))


def _with_one(x: Array) -> Array:
    return np.concatenate([np.ones((*x.shape[:-1], 1)), x], axis=-1)


def _moments(x: Array, y: Array, played: NDArray[np.bool_]) -> Array:
    """Sums of products of (1, x, y) in each fold of episodes and each step.

    All that a ridge regression and its squared error depend on: shape (folds, steps, k, k).
    """
    rows = np.concatenate([_with_one(x), y], axis=-1) * played[..., None]
    folds = np.array_split(rows, FOLDS)
    return np.stack([np.einsum("etj,etk->tjk", f, f, optimize=True) for f in folds])


def _fit_ridge(moments: Array, units: int) -> tuple[Array, float]:
    """Weights, those of the intercept first, with the penalty that predicts other folds best.

    Args:
        moments: Of (1, x, y) in each fold, shape (folds, k, k).
        units: Columns of x.

    Returns:
        Shape (1 + units, n), and the penalty.
    """
    whole = moments.sum(axis=0)
    errors = np.zeros(len(PENALTIES))
    for fold in moments:
        solutions = _ridge(whole - fold, units)
        targets = np.broadcast_to(
            np.eye(solutions.shape[2]), (len(solutions), *[solutions.shape[2]] * 2)
        )
        # The residual is (1, x, y) times this.
        residual = np.concatenate([-solutions, targets], axis=1)
        errors += np.einsum("pjn,jk,pkn->p", residual, fold, residual, optimize=True)
    best = int(errors.argmin())
    return _ridge(whole, units)[best], float(PENALTIES[best])


def _ridge(moments: Array, units: int) -> Array:
    """Weights for each of `PENALTIES`, those of the intercept first, shape (penalties, k, n)."""
    count = moments[0, 0]
    if count < 2:  # Nothing to fit: the mean, which is 0.
        return np.zeros((len(PENALTIES), 1 + units, len(moments) - 1 - units))
    mean = moments[0, 1:] / count
    covariance = moments[1:, 1:] / count - np.outer(mean, mean)
    eigenvalues, vectors = np.linalg.eigh(covariance[:units, :units])
    along = vectors.T @ covariance[:units, units:]
    shrunk = along / (np.maximum(eigenvalues, 0)[:, None] + PENALTIES[:, None, None])
    weights = vectors @ shrunk
    intercept = mean[units:] - mean[:units] @ weights
    return np.concatenate([intercept[:, None], weights], axis=1)


def _scored(
    predicted: Array, target: Array, played: NDArray[np.bool_], fit: slice, penalty: Array
) -> Probe:
    """What was predicted, in the target's own units, and its R^2."""
    y = target[..., None] if target.ndim == 2 else target
    rows = y[fit][played[fit]]
    mean, deviation = rows.mean(axis=0), rows.std(axis=0)
    held_out = slice(fit.stop, len(y))
    said = mean + deviation * predicted
    score = explained(said, y[held_out], played[held_out], y[fit], played[fit])
    return Probe(score, penalty, held_out, said)
