"""The agent that acts at random: the floor of every comparison."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

from baselines.common.agent import Agent
from meta_envs.core.observation import count


class RandomAgent:
    """Every action with the same probability, whatever it sees.

    Args:
        action_space: Of one environment.
    """

    def __init__(self, action_space: spaces.Discrete) -> None:
        self.action_space = action_space
        self.rng = np.random.default_rng()

    def set_random_seed(self, seed: int | None = None) -> None:
        """Seeds the generator that actions come from."""
        self.rng = np.random.default_rng(seed)

    def predict(
        self,
        observation: Any,
        state: tuple[Any, ...] | None = None,
        episode_start: NDArray[np.bool_] | None = None,
        deterministic: bool = False,
    ) -> tuple[NDArray[np.int64], None]:
        """Draws actions, shape (num_envs,); everything but the batch size is ignored."""
        start, n = int(self.action_space.start), int(self.action_space.n)
        return self.rng.integers(start, start + n, count(observation)), None


def make_random(env: VectorEnv[Any, Any, Any]) -> Agent:
    """Every action equally likely, on any task."""
    assert isinstance(env.single_action_space, spaces.Discrete)
    return RandomAgent(env.single_action_space)
