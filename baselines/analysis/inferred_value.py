"""Reward prediction errors at the cues of the inferred-value task, around a reversal.

Wang et al. 2018, simulation 3: counted are blocks whose rewarded side is another than in the block
before. In their first trial nothing has told of the change yet. In the second it has, by the same
cue, whose outcome has been *experienced*, or by the other one, so that its value can only be
*inferred*.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.common.environments import make_vector_env
from baselines.evaluation.episodes import start_episodes
from baselines.evaluation.replay import played_family
from baselines.evaluation.result import Evaluation
from meta_envs.core import MetaVectorEnv
from meta_envs.tasks.cued.inferred_value import TRIAL_LENGTH, InferredValue

ENV_ID = "MetaInferredValue-v0"
KINDS = (
    "before, rewarded till now",
    "before, unrewarded till now",
    "after, experienced, now rewarded",
    "after, experienced, now unrewarded",
    "after, inferred, now rewarded",
    "after, inferred, now unrewarded",
)
"""Kinds of cues, in the order of all that is told by kind."""


class Blocks(NamedTuple):
    """The trials of the inferred-value task. All arrays have shape (episodes, blocks, trials).

    Attributes:
        cues: 0 for left and 1 for right.
        rewarded: The rewarded side.
    """

    cues: NDArray[np.int64]
    rewarded: NDArray[np.int64]

    @property
    def kinds(self) -> NDArray[np.int64]:
        """Indices into `KINDS`, -1 where a cue is of none."""
        kinds = np.full(self.cues.shape, -1)
        reversed_ = self.rewarded[:, 1:, 0] != self.rewarded[:, :-1, 0]
        hits = (self.cues == self.rewarded)[:, 1:, :2]
        first, second = np.moveaxis(hits, -1, 0)
        # A cue that will be rewarded from now on was not rewarded till now.
        kinds[:, 1:, 0] = np.where(reversed_, first.astype(int), -1)
        inferred = self.cues[:, 1:, 0] != self.cues[:, 1:, 1]
        kinds[:, 1:, 1] = np.where(reversed_, 2 + 2 * inferred + ~second, -1)
        return kinds


def read_blocks(evaluation: Evaluation) -> Blocks:
    """The cues and rewarded sides that an evaluation met.

    Raises:
        InputError: If it was played on another task.
    """
    family = played_family(evaluation, "not the inferred-value task", InferredValue)
    shape = len(evaluation.episodes), family.num_blocks, family.block_length
    env = make_vector_env(evaluation.env_id, shape[0], evaluation.env_kwargs)
    start_episodes(env, evaluation.episodes)
    inner = env.unwrapped
    assert isinstance(inner, MetaVectorEnv)
    assert isinstance(inner.family, InferredValue)
    rewarded = inner.family.rewarded[..., None].repeat(family.block_length, axis=2)
    return Blocks(inner.family.cues().reshape(shape), rewarded)


class Errors(NamedTuple):
    """Reward prediction errors of every trial, each of shape (episodes, blocks, trials).

    Attributes:
        fixation: When the fixation point appears, with the reward of the trial before.
        cue: When the cue appears.
        go: When the response is asked for.
    """

    fixation: NDArray[np.float64]
    cue: NDArray[np.float64]
    go: NDArray[np.float64]


def prediction_errors(
    values: NDArray[np.float64],
    rewards: NDArray[np.float64],
    discount: float,
    shape: tuple[int, ...],
) -> Errors:
    """The errors r + discount V(now) - V(one step before), the first of an episode 0.

    Args:
        values: Of the observation before every step, shape (episodes, steps).
        rewards: That the steps brought, same shape.
        discount: Per step.
        shape: (episodes, blocks, trials).
    """
    errors = np.zeros(values.shape)
    errors[:, 1:] = rewards[:, :-1] + discount * values[:, 1:] - values[:, :-1]
    by_step = errors.reshape(*shape, TRIAL_LENGTH)
    return Errors(*(by_step[..., step] for step in range(3)))
