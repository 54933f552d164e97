"""What a model of Stable-Baselines3 has learnt, to predict with: ours or anybody's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces

from baselines.common.agent import SavedPolicy
from baselines.recurrent_ppo.checkpoint import read_checkpoint
from baselines.recurrent_ppo.generators import Generators
from baselines.recurrent_ppo.numbers import AsNumbers, as_numbers
from baselines.recurrent_ppo.sb3_zip import make_policy


class RecurrentPPOPolicy:
    """A policy of Stable-Baselines3 that samples with random numbers of its own.

    Args:
        policy: With Stable-Baselines3's `predict`, which draws from torch's global generator.
        numbers: Makes of observations what the policy takes; None where it takes them as they are.
    """

    def __init__(self, policy: Any, numbers: AsNumbers | None = None) -> None:
        self.policy, self.numbers = policy, numbers
        self.generators = Generators()

    def set_random_seed(self, seed: int) -> None:
        """Seeds the numbers that `predict` samples actions with."""
        self.generators.seed(seed)

    def predict(
        self,
        observation: Any,
        state: tuple[np.ndarray, ...] | None = None,
        episode_start: np.ndarray | None = None,
        deterministic: bool = False,
    ) -> tuple[np.ndarray, tuple[np.ndarray, ...] | None]:
        """Chooses actions for a batch of episodes or for one, as Stable-Baselines3 does."""
        if self.numbers is not None:
            observation = self.numbers(observation)
        with self.generators.in_use():
            actions, state = self.policy.predict(observation, state, episode_start, deterministic)
        return actions, state


def read_policy(path: Path) -> SavedPolicy:
    """Reads a zip of Stable-Baselines3 to predict with. Nothing in the file is run.

    Args:
        path: The zip of a RecurrentPPO, PPO, A2C or DQN.

    Raises:
        InputError: If the file is no such zip, or cannot be rebuilt without unpickling.
    """
    saved, state = read_checkpoint(path)

    def make(
        observation_space: spaces.Space[Any], action_space: spaces.Space[Any]
    ) -> RecurrentPPOPolicy:
        # Other people's models take what they were trained on.
        numbers = None if state is None else as_numbers(observation_space)
        space = observation_space if numbers is None else numbers.space
        return RecurrentPPOPolicy(make_policy(saved, space, action_space), numbers)

    if state is None:
        return SavedPolicy(None, {}, make)
    return SavedPolicy(state.metadata.env_id, state.metadata.env_kwargs, make)
