"""What runs a network during a rollout, and backward after it."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from baselines.networks.actor_critic import ActorCritic, ImageActorCritic
from baselines.networks.backends.image_backend import ImageBackend
from baselines.networks.backends.numpy_backend import NumpyBackend
from baselines.networks.backends.torch_backend import TorchBackend
from baselines.networks.cells import Array

__all__ = ["Backend", "ImageBackend", "NumpyBackend", "TorchBackend", "make_backend"]


class Backend(Protocol):
    """What runs a network.

    `NumpyBackend` and `TorchBackend` take observations as an array, `ImageBackend` as an
    `ImageAndVector`.
    """

    heads: Array
    state: tuple[Array, ...]

    def begin(self) -> None:
        """Takes up the network as it is now, for the rollout to come."""

    def step(self, t: int, observation: Any, starts: NDArray[np.bool_]) -> Array:
        """Takes step `t`; returns logits and value, shape (num_actions + 1, num_envs)."""

    def values(self, observation: Any, starts: NDArray[np.bool_]) -> Array:
        """Values of observations at which no step is taken, shape (num_envs,)."""

    def backward(self, head_gradients: Array) -> None:
        """Sets the gradients of the network's parameters from those of the heads."""


def make_backend(network: ActorCritic, num_steps: int, num_envs: int) -> Backend:
    """What runs a network fastest."""
    if isinstance(network, ImageActorCritic):
        return ImageBackend(network, num_steps, num_envs)
    in_numpy = network.initial.device.type == "cpu" and network.cell.numpy_cell is not None
    return (NumpyBackend if in_numpy else TorchBackend)(network, num_steps, num_envs)
