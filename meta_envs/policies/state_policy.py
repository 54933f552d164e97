"""Policies for tasks whose own observation is a one-hot state."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.observation import Observation
from meta_envs.policies.policy import Memory, Policy


class StatePolicy(Policy):
    """A policy for tasks whose own observation is a one-hot state.

    Memory: shape (num_envs, size); column 0 is the present state, the rest the subclass's own.
    """

    def begin(self, memory: Memory, observation: Observation) -> None:
        memory[:, 0] = self.meta_observation.own(observation).argmax(axis=1)

    def learn(self, memory: Memory, observation: Observation) -> None:
        actions = self.meta_observation.last_action(observation).argmax(axis=1)
        rewards = self.meta_observation.last_reward(observation)
        next_states = self.meta_observation.own(observation).argmax(axis=1)
        self.update(memory, memory[:, 0].astype(np.intp), actions, rewards, next_states)
        memory[:, 0] = next_states

    @abstractmethod
    def update(
        self,
        memory: Memory,
        states: NDArray[np.intp],
        actions: NDArray[np.intp],
        rewards: NDArray[np.float64],
        next_states: NDArray[np.intp],
    ) -> None:
        """Takes one step of each episode into `memory`, in place; column 0 is seen to.

        Where the step ended its trial, the next state is the one that the next trial starts in.
        """
