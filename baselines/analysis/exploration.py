"""Whether an agent explores too little or too much: its optimality gap on two arms, by kind."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.common.errors import InputError
from baselines.common.intervals import confidence_interval
from baselines.evaluation.replay import played_family
from baselines.evaluation.result import Evaluation
from meta_envs.tasks.bandits.bernoulli_bandit import BernoulliBandit

KINDS = ("missed exploration", "excess exploration", "equal means")
"""Kinds of suboptimal pulls, in the order of all that is told by kind.

To explore is to pull the arm with the lower posterior mean. An agent misses it where it pulls the
other arm and the optimum would not, and explores in excess where the optimum would not explore.
Where the means are equal, what is lost is that of the wrong one of the two.
"""


class GapByKind(NamedTuple):
    """The optimality gap, by kind of pull; over all kinds it is that of the evaluation.

    Attributes:
        mean: Of an episode, shape (3,).
        low: Lower end of its 95 % interval, shape (3,).
        high: Upper end, shape (3,).
        by_trial: Mean of each trial, shape (3, trials).
    """

    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    by_trial: NDArray[np.float64]


def gap_by_kind(evaluation: Evaluation) -> GapByKind:
    """How much of an agent's optimality gap is of each of `KINDS`.

    Raises:
        InputError: If it was not played on two independent arms.
    """
    played_family(evaluation, "not a bandit with independent arms", BernoulliBandit)
    gaps = evaluation.optimality_gap
    if gaps is None:
        raise InputError(f"{evaluation.env_id}: no optimality gap is known for more than two arms")
    kinds = _kinds(evaluation.actions, *counts(evaluation.actions, evaluation.rewards))
    split = np.stack([gaps * (kinds == kind) for kind in range(len(KINDS))])
    means = split.sum(axis=2)
    low, high = np.array([confidence_interval(mean) for mean in means]).T
    return GapByKind(means.mean(axis=1), low, high, split.mean(axis=1))


def counts(
    actions: NDArray[np.integer], rewards: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What was known of two arms before each pull, which is all that the optimum goes by.

    Args:
        actions: Of each episode, shape (episodes, steps).
        rewards: What they paid, same shape.

    Returns:
        Pulls and successes of both arms so far, each of shape (episodes, steps, 2).
    """
    pulled = (actions[..., None] == np.arange(2)).astype(np.int64)
    won = pulled * (rewards[..., None] > 0)
    return pulled.cumsum(axis=1) - pulled, won.cumsum(axis=1) - won


def _kinds(
    actions: NDArray[np.integer], pulls: NDArray[np.int64], successes: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Indices into `KINDS` that each pull would count under, shape (episodes, steps)."""
    # The posterior mean is (successes + 1) / (pulls + 2): compared in whole numbers, ties are ties.
    first, second = np.moveaxis((successes + 1) * (pulls[..., ::-1] + 2), -1, 0)
    lower = np.where(actions == 0, first < second, second < first)
    return np.where(first == second, 2, lower)
