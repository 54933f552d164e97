"""The agent that acts at random: the floor of every comparison."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector import VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from baselines.common.agent import Agent
from meta_envs.core.observation import count


class RandomAgent:
    """Every action with the same probability, whatever it sees.

    Continuous ones are Gymnasium's samples: even between two bounds, normal where there are none.

    Args:
        action_space: Of one environment: Discrete, or a Box.
    """

    def __init__(self, action_space: spaces.Space[Any]) -> None:
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
    ) -> tuple[NDArray[Any], None]:
        """Draws actions, shape (num_envs, ...); everything but the batch size is ignored."""
        space, num_envs = self.action_space, count(observation)
        if isinstance(space, spaces.Discrete):
            start, n = int(space.start), int(space.n)
            return self.rng.integers(start, start + n, num_envs), None
        batch: Any = batch_space(space, num_envs)
        batch.seed(int(self.rng.integers(2**63)))
        return batch.sample(), None


def make_random(env: VectorEnv[Any, Any, Any]) -> Agent:
    """Every action equally likely, on any task."""
    return RandomAgent(env.single_action_space)
