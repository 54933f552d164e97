"""In MDPs, the action that seems to pay most at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.classic.parameters import check_range
from baselines.classic.planning_policy import mdp_of
from baselines.common.agent import Agent
from meta_envs.core import MetaObservationWriter, MetaVectorEnv
from meta_envs.policies import Memory, StatePolicy
from meta_envs.tasks.mdps.tabular_mdp import REWARD_MEAN, TabularMDP


class Myopic(StatePolicy):
    """In each state a bandit of its own: the highest mean reward, whatever it leads to.

    Memory: shape (num_envs, 1 + 2 * num_states * num_actions); the state, then for each state
    and action the visits, then the rewards that they brought.

    Args:
        family: The tasks to play.
        meta_observation: Of the environment to act in.
        prior_mean: Of the mean rewards; that of the tasks is 1. A higher one is optimism. It
            counts as one visit.
    """

    def __init__(
        self,
        family: TabularMDP,
        meta_observation: MetaObservationWriter,
        prior_mean: float = REWARD_MEAN,
    ) -> None:
        super().__init__(meta_observation)
        self.shape = (2, family.num_states, self.num_actions)
        self.prior_mean = check_range("prior_mean", prior_mean, -np.inf, np.inf)

    def initial_memory(self, num_envs: int) -> Memory:
        return np.zeros((num_envs, 1 + int(np.prod(self.shape))))

    def update(
        self,
        memory: Memory,
        states: NDArray[np.intp],
        actions: NDArray[np.intp],
        rewards: NDArray[np.float64],
        next_states: NDArray[np.intp],
    ) -> None:
        counts, rows = self._counts(memory), np.arange(len(memory))
        counts[rows, 0, states, actions] += 1
        counts[rows, 1, states, actions] += rewards

    def act(self, memory: Memory) -> NDArray[np.intp]:
        states = memory[:, 0].astype(np.intp)
        visits, sums = self._counts(memory)[np.arange(len(memory)), :, states].swapaxes(0, 1)
        return self.best((sums + self.prior_mean) / (visits + 1))

    def _counts(self, memory: Memory) -> NDArray[np.float64]:
        """A view of the visits and of the rewards."""
        return memory[:, 1:].reshape(-1, *self.shape)


def make_myopic(env: MetaVectorEnv, prior_mean: float = 1.0) -> Agent:
    """The myopic agent."""
    return Myopic(mdp_of(env), env.meta_observation, prior_mean)
