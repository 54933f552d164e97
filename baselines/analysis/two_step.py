"""How often an agent stays with its choice in the two-step task, by what the last trial brought."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

from baselines.common.intervals import wilson_interval
from baselines.evaluation.replay import played_family, replay
from baselines.evaluation.result import Evaluation
from meta_envs.core import MetaVectorEnv
from meta_envs.tasks.two_step.two_step import TwoStep

KINDS = ("rewarded, common", "rewarded, rare", "unrewarded, common", "unrewarded, rare")
"""Kinds of trials, in the order of all that is told by kind."""


class Trials(NamedTuple):
    """The trials of a two-step task. All arrays have shape (episodes, trials).

    Attributes:
        choices: Actions in S1; what is neither 0 nor 1 is invalid.
        seconds: 0 where they led to S2, 1 where to S3. Common is from 0 to 0 and from 1 to 1.
        rewards: Of each trial, below 0 where its last response was invalid.
    """

    choices: NDArray[np.int64]
    seconds: NDArray[np.int64]
    rewards: NDArray[np.float64]

    @property
    def chosen(self) -> NDArray[np.bool_]:
        """Where there was a choice, and not an invalid response."""
        return np.isin(self.choices, (0, 1))

    @property
    def kinds(self) -> NDArray[np.int64]:
        """Indices into `KINDS`; -1 where the trial is of none, for an invalid response."""
        kinds = 2 * (self.rewards == 0) + (self.choices != self.seconds)
        return np.where(self.chosen & (self.rewards >= 0), kinds, -1)


class Stay(NamedTuple):
    """Chances to stay by kind of trial, each of shape (4,); nan where there was no such trial.

    Attributes:
        mean: Share of stays.
        low: Lower end of its 95 % interval.
        high: Upper end.
    """

    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def read_trials(evaluation: Evaluation) -> Trials:
    """The trials of an evaluation on a two-step task, with fixation or without.

    Raises:
        InputError: If it was played on another task.
    """
    family = played_family(evaluation, "not a two-step task", TwoStep)
    shape = -1, family.num_trials, family.trial_length
    states = replay(evaluation, _state).reshape(shape)
    return Trials(
        choices=evaluation.actions.reshape(shape)[..., -2].astype(np.int64),
        seconds=states[..., -1] - family.choice_state - 1,
        rewards=evaluation.rewards.reshape(shape)[..., -1],
    )


def _state(env: VectorEnv[Any, Any, Any], observation: Any, _: Mapping[str, Any]) -> NDArray[Any]:
    inner = env.unwrapped
    assert isinstance(inner, MetaVectorEnv)
    return inner.meta_observation.own(observation).argmax(axis=1)


def stay_probabilities(trials: Trials, num_trials: int | None = None) -> Stay:
    """Chance to choose again what was chosen last, after each of `KINDS`.

    The intervals are Wilson's, with as many observations as would give a share the variance that
    it has between whole episodes (Korn and Graubard 1998): trials of one episode depend on each
    other. Where that variance cannot be told, as where all stay or none do, each episode counts as
    one observation.

    Args:
        trials: What was played.
        num_trials: Trials of each episode to count: 2 leaves the step from the first trial to
            the second, None counts all.

    Raises:
        ValueError: If there are fewer trials than that, or than two.
    """
    length = trials.choices.shape[1]
    last = length if num_trials is None else num_trials
    if not 2 <= last <= length:
        raise ValueError(f"num_trials must be in 2..{length}, got {last}")
    choices, kinds = trials.choices[:, :last], trials.kinds[:, : last - 1]
    stays, chosen = choices[:, 1:] == choices[:, :-1], trials.chosen[:, 1:last]
    shares = [_share(stays, chosen & (kinds == kind)) for kind in range(len(KINDS))]
    return Stay(*np.array(shares).T)


def _share(hits: NDArray[np.bool_], where: NDArray[np.bool_]) -> tuple[float, float, float]:
    """The share of hits where they count, and its interval; arrays of (episodes, trials)."""
    counts = where.sum(axis=1)
    total, episodes = int(counts.sum()), int(np.count_nonzero(counts))
    if not total:
        return (float("nan"),) * 3
    sums = (hits & where).sum(axis=1)
    p = float(sums.sum() / total)
    squares = float(np.square(sums - p * counts).sum()) * episodes / max(episodes - 1, 1)
    # Not compared with 0: rounding could leave a little of it.
    n = p * (1 - p) * total**2 / squares if squares > 1e-9 * total else float(episodes)
    low, high = wilson_interval(np.array(p), np.array(n))
    return p, float(low), float(high)
