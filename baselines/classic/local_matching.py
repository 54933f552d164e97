"""Local matching: each arm in proportion to what it has lately brought."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.classic.parameters import check_range
from baselines.common.agent import Agent
from meta_envs.core import MetaObservationWriter, MetaVectorEnv
from meta_envs.policies import Memory, StatePolicy
from meta_envs.tasks.cued.matching import CHOICE, TOTAL, Matching


class LocalMatching(StatePolicy):
    """Chooses each arm with a probability that is its share of the local income.

    The income of an arm is what it has brought a trial, leakily integrated: after a trial in which
    arm a was chosen and paid r, the income of a moves by (r - income) / `time_constant`, and that
    of the other arm, which has brought nothing, by -income / `time_constant`. Herrnstein's matching
    law, applied locally: Sugrue, Corrado and Newsome 2004, "Matching behavior and the
    representation of value in the parietal cortex", Science 304:1782. Incomes start equal, at half
    of the sum of the base rates.

    It never responds wrongly.

    Memory: the state and the two incomes, shape (num_envs, 3).

    Args:
        meta_observation: Of the environment to act in.
        family: The matching task to play.
        time_constant: Trials that incomes are integrated over, at least 1. Of 2 to 50, about 15
            earns most in `MetaMatching-v0`.
    """

    def __init__(
        self,
        meta_observation: MetaObservationWriter,
        family: Matching,
        time_constant: float = 15.0,
    ) -> None:
        super().__init__(meta_observation)
        self.rate = 1 / check_range("time_constant", time_constant, 1.0, 1e9)
        self.respond = family.respond

    def initial_memory(self, num_envs: int) -> Memory:
        return np.tile((0.0, TOTAL / 2, TOTAL / 2), (num_envs, 1))

    def update(
        self,
        memory: Memory,
        states: NDArray[np.intp],
        actions: NDArray[np.intp],
        rewards: NDArray[np.float64],
        next_states: NDArray[np.intp],
    ) -> None:
        rows = np.flatnonzero(states == CHOICE)
        brought = (actions[rows, None] == np.arange(2)) * rewards[rows, None]
        memory[rows, 1:] += self.rate * (brought - memory[rows, 1:])

    def act(self, memory: Memory) -> NDArray[np.intp]:
        left, right = memory[:, 1:].T
        # Both are zero only where one trial is all that counts, and it brought nothing.
        share = np.divide(right, left + right, where=left + right > 0, out=np.full(len(left), 0.5))
        choices = (self.rng.random(len(memory)) < share).astype(np.intp)
        return self.respond(memory[:, 0].astype(np.intp), choices)


def make_local_matching(env: MetaVectorEnv, time_constant: float = 15.0) -> Agent:
    """The local matching law."""
    assert isinstance(env.family, Matching)
    return LocalMatching(env.meta_observation, env.family, time_constant)
