"""What an A2C-LSTM has learnt: a network and how to call it. It only predicts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from baselines.a2c_lstm.checkpoint import Checkpoint, read_checkpoint
from baselines.a2c_lstm.config import A2CLSTMConfig
from baselines.common.agent import Inspection, SavedPolicy
from baselines.common.batches import batch_of_one, batch_size, is_batch
from baselines.common.errors import InputError
from baselines.networks.actions import make_actions
from baselines.networks.backends import Backend, make_backend
from baselines.networks.build import make_network, torch_device
from baselines.networks.cells import Array
from baselines.networks.observation_encoder import ObservationEncoder
from baselines.networks.prediction_error import Change, PredictionErrorActorCritic


class A2CLSTMPolicy:
    """A network that chooses actions, called as Stable-Baselines3 calls a model.

    Args:
        observation_space: Of one environment.
        action_space: Likewise.
        config: Settings; those of the training do not matter.
        reward_columns: Which numbers of an observation are the last reward, where that is known.
        seed: Of the generator that actions are sampled with.

    Raises:
        InputError: If the network does not fit the spaces.
    """

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        config: A2CLSTMConfig,
        reward_columns: slice | None = None,
        seed: int | None = None,
    ) -> None:
        self.observation_space, self.memory = observation_space, config.memory
        self.actions = make_actions(action_space, "the A2C-LSTM")
        self.encoder = ObservationEncoder(observation_space, reward_columns)
        self.network = make_network(self.encoder, self.actions, config, config.discount.end)
        self.network.to(torch_device(config.device))
        # Its own generator, so that an evaluation on the way does not change the training.
        self.generator = np.random.default_rng(seed)
        self._latest: tuple[int, Backend] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """For a copy: what runs the network is made anew, as its arrays are views of each other."""
        return self.__dict__ | {"_latest": None}

    def load_weights(self, checkpoint: Checkpoint) -> None:
        """Takes the weights of a checkpoint.

        Raises:
            InputError: If they do not fit the network.
        """
        weights, needed = checkpoint.weights, self.network.state_dict()
        for key in sorted(needed.keys() | weights.keys()):
            there, here = (
                str(tuple(tensors[key].shape)) if key in tensors else "missing"
                for tensors in (weights, needed)
            )
            if there != here:
                here = "none" if here == "missing" else here
                raise InputError(
                    f"{checkpoint.path} was trained on {checkpoint.metadata.env_id} and does "
                    f"not fit these observations or actions: its {key} is {there} where {here} "
                    "is needed"
                )
        self.network.load_state_dict(weights)

    def set_random_seed(self, seed: int) -> None:
        """Seeds the generator that `predict` samples actions with."""
        self.generator = np.random.default_rng(seed)

    def change_prediction_error(self, change: Change | None) -> None:
        """Adds something to the reward prediction error that the actor gets, from now on.

        As optogenetic stimulation does in Wang et al. 2018, simulation 6. Nothing is added at an
        episode's first step, where there is no prediction error.

        Args:
            change: From the observations of a step, a batch of them as the environment gives it,
                to what is added for each, shape (num_envs,); None for nothing again.

        Raises:
            InputError: If the agent's network has no prediction error.
        """
        if not isinstance(self.network, PredictionErrorActorCritic):
            raise InputError(
                "there is a prediction error to be changed only where `cell` is actor-critic-lstm"
            )
        self.network.change = change

    def predict(
        self,
        observation: Any,
        state: tuple[Array, ...] | None = None,
        episode_start: NDArray[np.bool_] | None = None,
        deterministic: bool = False,
    ) -> tuple[NDArray[Any], tuple[Array, ...]]:
        """Chooses actions for a batch of episodes, or for one.

        Args:
            observation: A batch of the environment's observations, or a single one.
            state: What the last call returned; None at the first.
            episode_start: Where an episode has just started, shape (num_envs,).
            deterministic: Whether to take the most probable action instead of a sample.

        Returns:
            Actions as the environment takes them, within their bounds: shape (num_envs, ...), or
            one action for a single observation; and the network's state.
        """
        if not is_batch(self.observation_space, observation):
            batch = batch_of_one(self.observation_space, observation)
            actions, state = self.predict(batch, state, episode_start, deterministic)
            return actions[0], state
        backend, encoded, starts = self._prepare(observation, state, episode_start)
        noise = self._no_noise(len(starts))
        if not deterministic:
            self.actions.noise(self.generator, self.network.log_stds(), noise)
        actions = self.actions.empty(len(starts))
        backend.step(0, encoded, starts, noise, actions)
        return self.actions.for_env(actions), backend.state

    def inspect(
        self,
        observation: Any,
        state: tuple[Array, ...] | None = None,
        episode_start: NDArray[np.bool_] | None = None,
    ) -> tuple[Inspection, tuple[Array, ...]]:
        """What a batch of observations brings about; see `InspectableAgent.inspect`."""
        backend, encoded, starts = self._prepare(observation, state, episode_start)
        actions = self.actions.empty(len(starts))
        backend.step(0, encoded, starts, self._no_noise(len(starts)), actions)
        heads, after = backend.heads[0].copy(), backend.state
        return Inspection(after[0], heads[:, :-1], heads[:, -1]), after

    def _no_noise(self, num_envs: int) -> Array:
        return np.zeros((num_envs, self.actions.num_heads), np.float32)

    def _prepare(
        self,
        observation: Any,
        state: tuple[Array, ...] | None,
        episode_start: NDArray[np.bool_] | None,
    ) -> tuple[Backend, Any, NDArray[np.bool_]]:
        """What runs the network, in the state given; the encoded batch; where episodes start."""
        num_envs = batch_size(self.observation_space, observation)
        starts = np.full(num_envs, state is None or not self.memory)
        if episode_start is not None:
            starts |= np.asarray(episode_start, np.bool_)
        backend = self._backend(num_envs)
        if state is not None:
            backend.state = state
        backend.begin()
        return backend, self.encoder.encode(observation, num_envs), starts

    def _backend(self, num_envs: int) -> Backend:
        """What runs the network for so many episodes: the last one, if it is of so many."""
        if self._latest is None or self._latest[0] != num_envs:
            self._latest = num_envs, make_backend(self.network, 1, num_envs)
        return self._latest[1]


def read_policy(path: Path) -> SavedPolicy:
    """Reads a checkpoint to predict with. Nothing in the file is run.

    Args:
        path: What `A2CLSTM.save` wrote.

    Raises:
        InputError: If the file is no checkpoint of this agent.
    """
    checkpoint = read_checkpoint(path)

    def make(
        observation_space: spaces.Space[Any], action_space: spaces.Space[Any]
    ) -> A2CLSTMPolicy:
        # To predict, any machine will do: one without the GPU that it was trained on.
        config = replace(checkpoint.metadata.config, device="cpu")
        policy = A2CLSTMPolicy(observation_space, action_space, config)
        policy.load_weights(checkpoint)
        return policy

    return SavedPolicy(checkpoint.metadata.env_id, checkpoint.metadata.env_kwargs, make)
