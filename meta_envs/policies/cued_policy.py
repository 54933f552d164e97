"""Policies for two arms of cued magnitude, exactly one of which pays on each trial."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.observation import Observation
from meta_envs.policies.policy import Memory, Policy


class CuedPolicy(Policy):
    """A policy that learns which arm pays, and weighs that by the magnitudes on offer.

    For `meta_envs.tasks.bandits.volatility`.

    Memory: shape (num_envs, 2 + n), the magnitudes on offer, then n numbers of what was learnt.
    """

    def initial_memory(self, num_envs: int) -> Memory:
        return np.hstack([np.zeros((num_envs, 2)), self.initial_belief(num_envs)])

    def begin(self, memory: Memory, observation: Observation) -> None:
        memory[:, :2] = self.meta_observation.own(observation)

    def learn(self, memory: Memory, observation: Observation) -> None:
        first = self.meta_observation.last_action(observation)[:, 0] == 1
        paid = self.meta_observation.last_reward(observation) > 0
        # Exactly one arm pays: the second one did where the first was pulled in vain.
        memory[:, 2:] = self.update(memory[:, 2:], first == paid)
        memory[:, :2] = self.meta_observation.own(observation)

    def values(self, memory: Memory) -> NDArray[np.float64]:
        """What each arm is expected to pay now, shape (num_envs, 2)."""
        p1 = self.chance(memory[:, 2:])
        return np.stack([p1, 1 - p1], axis=1) * memory[:, :2]

    @abstractmethod
    def initial_belief(self, num_envs: int) -> NDArray[np.float64]:
        """What is believed at an episode's start, shape (num_envs, n)."""

    @abstractmethod
    def update(
        self, belief: NDArray[np.float64], first_paid: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """What is believed after it was seen which arm paid, as a new array (num_envs, n)."""

    @abstractmethod
    def chance(self, belief: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probability that the first arm pays now, shape (num_envs,)."""
