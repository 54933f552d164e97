"""What an agent is: anything with Stable-Baselines3's `predict`."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Agent(Protocol):
    """Anything that chooses actions as a Stable-Baselines3 model does."""

    def predict(
        self,
        observation: Any,
        state: tuple[Any, ...] | None = None,
        episode_start: NDArray[np.bool_] | None = None,
        deterministic: bool = False,
    ) -> tuple[NDArray[Any], tuple[Any, ...] | None]:
        """Chooses actions for a batch of episodes.

        Args:
            observation: Observations, shape (num_envs, ...).
            state: What the last call returned; None at the first.
            episode_start: Where an episode has just started, shape (num_envs,).
            deterministic: Whether to take the most probable action instead of a sample.

        Returns:
            Actions, shape (num_envs,), and the state for the next call.
        """
        ...
