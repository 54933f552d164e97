"""What a model of Stable-Baselines3 has learnt, to predict with: ours or anybody's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from sb3_contrib.common.recurrent.policies import RecurrentActorCriticPolicy
from sb3_contrib.common.recurrent.type_aliases import RNNStates

from baselines.common.agent import Inspection, SavedPolicy
from baselines.common.errors import InputError
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

    @torch.no_grad()
    def inspect(
        self,
        observation: Any,
        state: tuple[torch.Tensor, ...] | None = None,
        episode_start: np.ndarray | None = None,
    ) -> tuple[Inspection, tuple[torch.Tensor, ...]]:
        """What a batch of observations brings about; see `InspectableAgent.inspect`.

        The state has the critic's parts, too, where it has an LSTM of its own. The activity is
        that of the actor's last layer.

        Raises:
            InputError: If the policy has no memory.
        """
        policy = self.policy
        if not isinstance(policy, RecurrentActorCriticPolicy):
            raise InputError(
                f"{type(policy).__name__} has no memory to look into: take one with an LSTM"
            )
        if self.numbers is not None:
            observation = self.numbers(observation)
        tensors: Any = policy.obs_to_tensor(observation)[0]
        num_envs = len(next(iter(tensors.values())) if isinstance(tensors, dict) else tensors)
        if state is None:
            layers, _, hidden = policy.lstm_hidden_state_shape
            state = (torch.zeros(layers, num_envs, hidden, device=policy.device),) * 4
        starts = np.zeros(num_envs) if episode_start is None else episode_start
        before: Any = RNNStates(pi=state[:2], vf=state[2:])
        starting = torch.as_tensor(starts, dtype=torch.float32, device=policy.device)
        # Not to sample needs no random numbers.
        _, values, _, after = policy.forward(tensors, before, starting, deterministic=True)
        chosen, _ = policy.get_distribution(tensors, before.pi, starting)
        spread: Any = chosen.distribution
        logits = spread.logits if hasattr(spread, "logits") else spread.mean
        seen = (after.pi[0][-1], logits, values[:, 0])
        return Inspection(*(part.cpu().numpy() for part in seen)), (*after.pi, *after.vf)


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
