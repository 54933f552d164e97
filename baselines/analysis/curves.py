"""Learning curves: how reward and regret go from trial to trial of an episode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

from baselines.common.environments import step_info
from baselines.common.errors import InputError
from baselines.common.intervals import Z95
from baselines.evaluation.replay import replay
from baselines.evaluation.result import Evaluation


class Curve(NamedTuple):
    """A mean by trial and its normal 95 % interval, each of shape (trials,)."""

    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def reward_curve(evaluation: Evaluation) -> Curve:
    """Mean reward of each trial, summed over its steps."""
    return _curve(evaluation, evaluation.rewards)


def regret_curve(evaluation: Evaluation) -> Curve:
    """Mean regret of each trial, summed over its steps.

    Raises:
        InputError: If the environment does not report it.
    """
    if evaluation.regret is None:
        raise InputError(f"{evaluation.env_id} does not report regret")
    return _curve(evaluation, evaluation.regret)


def _curve(evaluation: Evaluation, values: NDArray[np.float64]) -> Curve:
    """Sums values of shape (episodes, steps) by trial, and takes the mean where there was one."""
    played = evaluation.played
    trials = replay(evaluation, _trial).astype(np.int64)
    count = int(trials.max()) + 1
    cell = (np.arange(len(values))[:, None] * count + trials)[played]
    size = len(values) * count
    sums = np.bincount(cell, values[played], size).reshape(-1, count)
    reached = np.bincount(cell, minlength=size).reshape(-1, count) > 0
    number = reached.sum(axis=0)
    mean = sums.sum(axis=0) / number
    squares = np.square((sums - mean) * reached).sum(axis=0)
    # One episode says nothing about the spread.
    half = np.full(count, np.inf)
    many = number > 1
    half[many] = Z95 * np.sqrt(squares[many] / (number[many] - 1) / number[many])
    return Curve(mean, mean - half, mean + half)


def _trial(env: VectorEnv[Any, Any, Any], _: Any, infos: Mapping[str, Any]) -> NDArray[Any]:
    trial = step_info(infos, "trial")
    if trial is None:
        raise InputError(f"{env.spec.id if env.spec else env} has no trials")
    return trial
