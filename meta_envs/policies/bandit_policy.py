"""Policies for tasks without states: they learn from each pull and what it paid."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.observation import Observation
from meta_envs.policies.policy import Memory, Policy


class BanditPolicy(Policy):
    """A policy for tasks without states: it learns from its pulls and what they paid."""

    def learn(self, memory: Memory, observation: Observation) -> None:
        actions = self.meta_observation.last_action(observation).argmax(axis=1)
        self.update(memory, actions, self.meta_observation.last_reward(observation))

    @abstractmethod
    def update(
        self, memory: Memory, actions: NDArray[np.intp], rewards: NDArray[np.float64]
    ) -> None:
        """Takes one pull of each episode into `memory`, in place."""


class CountingPolicy(BanditPolicy):
    """A policy that acts from two numbers an arm: its pulls and its summed rewards.

    Memory: shape (num_envs, 2, num_actions), pulls first.
    """

    def initial_memory(self, num_envs: int) -> Memory:
        return np.zeros((num_envs, 2, self.num_actions))

    def update(
        self, memory: Memory, actions: NDArray[np.intp], rewards: NDArray[np.float64]
    ) -> None:
        rows = np.arange(len(memory))
        memory[rows, 0, actions] += 1
        memory[rows, 1, actions] += rewards
