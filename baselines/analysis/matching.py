"""How choices follow rewards in the matching task: the matching law, and what the past weighs.

Lau and Glimcher 2005, "Dynamic response-by-response models of matching behavior in rhesus
monkeys", Journal of the Experimental Analysis of Behavior 84:555; used by Wang et al. 2018,
simulation 1. Both analyses look at the last two thirds of each episode.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

from baselines.analysis.logistic import fit_logistic
from baselines.evaluation.replay import played_family, replay
from baselines.evaluation.result import Evaluation
from meta_envs.core import MetaVectorEnv
from meta_envs.tasks.cued.matching import Matching

NO_CHOICE = -1


class Choices(NamedTuple):
    """The choices of some episodes of the matching task.

    Attributes:
        arms: 0 for left, 1 for right, `NO_CHOICE` where the response was invalid or the episode
            was over; shape (episodes, trials).
        paid: Whether they paid, same shape; False where there was no choice.
        lengths: Trials of each episode, shape (episodes,).
        left_rates: Base rates of the left arm, same shape.
    """

    arms: NDArray[np.int64]
    paid: NDArray[np.bool_]
    lengths: NDArray[np.int64]
    left_rates: NDArray[np.float64]

    @property
    def later(self) -> NDArray[np.bool_]:
        """Which trials are in the last two thirds of their episode, shape (episodes, trials)."""
        trial, length = np.arange(self.arms.shape[1]), self.lengths[:, None]
        return (3 * trial >= length) & (trial < length)


class Ratios(NamedTuple):
    """A point an episode, each attribute of shape (points,).

    Attributes:
        rewards: log2 of the rewards from the right arm over those from the left one.
        choices: log2 of the choices of the right arm over those of the left one.
        left_rates: Base rates of the left arm.
    """

    rewards: NDArray[np.float64]
    choices: NDArray[np.float64]
    left_rates: NDArray[np.float64]

    def where(self, mask: NDArray[np.bool_]) -> Ratios:
        """Some of the points."""
        return Ratios(*(values[mask] for values in self))


class Line(NamedTuple):
    """A least-squares line, and the standard error of its slope; all nan below three points."""

    slope: float
    intercept: float
    error: float


class ChoiceHistory(NamedTuple):
    """Weights of past trials for the choice of an arm over the other, in log-odds.

    Attributes:
        rewards: Of a reward from that arm, by lag from 1 on, shape (lags,).
        choices: Of a choice of that arm, same shape.
        reward_errors: Standard errors, same shape.
        choice_errors: Same.
    """

    rewards: NDArray[np.float64]
    choices: NDArray[np.float64]
    reward_errors: NDArray[np.float64]
    choice_errors: NDArray[np.float64]


def read_choices(evaluation: Evaluation) -> Choices:
    """The choices of an evaluation on the matching task.

    Raises:
        InputError: If it was played on another task.
    """
    length = played_family(evaluation, "not a matching task", Matching).trial_length
    lengths = evaluation.lengths // length
    actions = evaluation.actions[:, length - 1 :: length].astype(np.int64)
    rewards = evaluation.rewards[:, length - 1 :: length]
    played = np.arange(actions.shape[1]) < lengths[:, None]
    return Choices(
        arms=np.where(played & (actions < 2), actions, NO_CHOICE),
        paid=rewards > 0,
        lengths=lengths,
        left_rates=replay(evaluation, _left_rate)[:, 0],
    )


def _left_rate(env: VectorEnv[Any, Any, Any], _: Any, infos: Mapping[str, Any]) -> NDArray[Any]:
    inner = env.unwrapped
    assert isinstance(inner, MetaVectorEnv) and isinstance(inner.family, Matching)
    return inner.family.base_rates[:, 0].copy()


def invalid_share(evaluation: Evaluation) -> float:
    """The share of steps whose response was invalid."""
    return float((evaluation.rewards < 0).sum() / evaluation.lengths.sum())


def ratios(choices: Choices) -> Ratios:
    """Choices and rewards of the right arm over those of the left one, in each episode.

    Left out are episodes in which an arm was never chosen, or never paid: they have no ratio.
    """
    counts = [
        (choices.later & (choices.arms == arm) & what).sum(axis=1)
        for what in (choices.paid, np.ones_like(choices.paid))
        for arm in (0, 1)
    ]
    has = np.all([count > 0 for count in counts], axis=0)
    left_paid, right_paid, left, right = (count[has] for count in counts)
    return Ratios(np.log2(right_paid / left_paid), np.log2(right / left), choices.left_rates[has])


def fit_line(points: Ratios) -> Line:
    """The line of choices by rewards: a slope of 1 and an intercept of 0 is perfect matching."""
    x, y = points.rewards, points.choices
    if len(x) < 3 or np.ptp(x) == 0:
        return Line(np.nan, np.nan, np.nan)
    centred = x - x.mean()
    slope = float(centred @ y / (centred @ centred))
    rest = y - y.mean() - slope * centred
    error = float(np.sqrt(rest @ rest / (len(x) - 2) / (centred @ centred)))
    return Line(slope, float(y.mean() - slope * x.mean()), error)


def choice_history(choices: Choices, lags: int = 15) -> ChoiceHistory:
    """Fits the choice by the rewards and the choices up to `lags` trials ago.

    The log-odds of the right arm are a weighted sum, lag by lag, of R(right) - R(left) and
    C(right) - C(left), where R and C are 1 for the arm that paid and that was chosen, and else 0;
    and of a constant. Counted are choices in the last two thirds of their episodes, of all
    episodes together.

    Args:
        choices: What was played.
        lags: How many trials back to look; what was before an episode's start counts as 0.

    Returns:
        All nan where there is no finite fit, as where the choices follow from the past for certain.
    """
    side = np.where(choices.arms == NO_CHOICE, 0.0, 2.0 * choices.arms - 1)
    past = [
        np.pad(values, ((0, 0), (lag, 0)))[:, : values.shape[1]]
        for values in (side * choices.paid, side)
        for lag in range(1, lags + 1)
    ]
    counted = choices.later & (choices.arms != NO_CHOICE)
    predictors = np.stack([values[counted] for values in past], axis=1)
    predictors = np.column_stack([predictors, np.ones(len(predictors))])
    fit = fit_logistic(predictors, choices.arms[counted] == 1)
    parts = [row[part] for row in fit for part in (slice(lags), slice(lags, 2 * lags))]
    return ChoiceHistory(*parts)
