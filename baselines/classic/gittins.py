"""The Gittins index of Bernoulli arms, for discounted reward."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.classic.parameters import check_range
from baselines.common.agent import Agent
from meta_envs.core import MetaObservationWriter, MetaVectorEnv
from meta_envs.optimal.bandits.gittins import HorizonGittins, discounted_indices
from meta_envs.policies import CountingPolicy, Memory


class Gittins(CountingPolicy):
    """Pulls the arm with the highest Gittins index, optimal for discounted reward for ever.

    In an episode of fixed length it is an approximation: a discount of about 1 - 1 / num_trials
    stands for the horizon.

    Args:
        meta_observation: Of the environment to act in.
        num_trials: Pulls in an episode.
        discount: Discount factor in (0, 1); None takes 1 - 1 / num_trials.
    """

    def __init__(
        self,
        meta_observation: MetaObservationWriter,
        num_trials: int,
        discount: float | None = None,
    ) -> None:
        super().__init__(meta_observation)
        if discount is None:
            discount = 1 - 1 / max(num_trials, 2)
        self.discount = check_range("discount", discount, 1e-3, 1 - 1e-4)
        self.table = discounted_indices(self.discount, num_trials)

    def act(self, memory: Memory) -> NDArray[np.intp]:
        pulls, successes = memory.astype(np.intp).swapaxes(0, 1)
        return self.best(self.table[pulls, successes])


def make_gittins(env: MetaVectorEnv, discount: float | None = None) -> Agent:
    """The discounted Gittins index; `discount` None fits the episode's length."""
    return Gittins(env.meta_observation, env.family.episode_length, discount)


def make_near_optimal(env: MetaVectorEnv) -> Agent:
    """The finite-horizon Gittins index."""
    return HorizonGittins(env.meta_observation, env.family.episode_length)
