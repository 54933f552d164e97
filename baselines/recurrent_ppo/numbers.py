"""Observations that Stable-Baselines3's policies do not take, as numbers that they do."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector import VectorEnv, VectorWrapper
from gymnasium.vector.utils import batch_space

from baselines.common.batches import batch_of_one, batch_size, is_batch, is_code_image
from baselines.networks.observation_encoder import ImageAndVector, ObservationEncoder


class AsNumbers:
    """Makes numbers of observations, with any image kept beside them.

    That is what the A2C-LSTM sees, so that both agents see the same.

    Args:
        space: Of one observation.

    Attributes:
        space: Of one observation as numbers: a Box, or a Dict of "image" and "numbers".

    Raises:
        InputError: If some part cannot be made numbers.
    """

    def __init__(self, space: spaces.Space[Any]) -> None:
        self._encoder = ObservationEncoder(space)
        self.space: spaces.Space[Any] = spaces.Box(-np.inf, np.inf, (self._encoder.size,))
        if self._encoder.image_shape is not None:
            image = spaces.Box(0, 255, self._encoder.image_shape, np.uint8)
            self.space = spaces.Dict({"image": image, "numbers": self.space})

    def batch(self, observations: Any) -> Any:
        """A batch of observations, as numbers."""
        size = batch_size(self._encoder.space, observations)
        encoded = self._encoder.encode(observations, size)
        if isinstance(encoded, ImageAndVector):
            return {"image": encoded.image, "numbers": encoded.vector}
        return encoded

    def one(self, observation: Any) -> Any:
        """A single observation, as numbers."""
        batch = self.batch(batch_of_one(self._encoder.space, observation))
        if isinstance(batch, dict):
            return {name: part[0] for name, part in batch.items()}
        return batch[0]

    def __call__(self, observations: Any) -> Any:
        """A batch of observations or a single one, as numbers."""
        several = is_batch(self._encoder.space, observations)
        return self.batch(observations) if several else self.one(observations)


def as_numbers(space: spaces.Space[Any]) -> AsNumbers | None:
    """What makes numbers of observations; None where the policies take them as they are.

    Raises:
        InputError: If some part cannot be made numbers.
    """
    parts = list(space.values()) if isinstance(space, spaces.Dict) else [space]
    taken = all(isinstance(part, spaces.Box) and not is_code_image(part) for part in parts)
    return None if taken else AsNumbers(space)


class NumbersEnv(VectorWrapper[Any, Any, Any, Any, Any]):
    """A vector environment that shows its observations as numbers.

    Args:
        env: With any autoreset mode.
        numbers: Makes numbers of its observations.
    """

    def __init__(self, env: VectorEnv[Any, Any, Any], numbers: AsNumbers) -> None:
        super().__init__(env)
        self.numbers = numbers
        self.single_observation_space = numbers.space
        self.observation_space = batch_space(numbers.space, env.num_envs)

    def reset(self, *, seed: Any = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        observation, infos = self.env.reset(seed=seed, options=options)
        return self.numbers.batch(observation), infos

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        observation, rewards, terminated, truncated, infos = self.env.step(actions)
        if "final_obs" in infos:
            final = np.empty(self.num_envs, object)
            for i in np.flatnonzero(infos["_final_obs"]):
                final[i] = self.numbers.one(infos["final_obs"][i])
            infos = infos | {"final_obs": final}
        return self.numbers.batch(observation), rewards, terminated, truncated, infos

    def restore(self, state: Any) -> Any:
        """Goes on from a state of the environment of `meta_envs` inside."""
        inner: Any = self.env.unwrapped
        return self.numbers.batch(inner.restore(state))
