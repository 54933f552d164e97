"""What runs a network during a rollout, and backward after it."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from baselines.networks.actor_critic import ActorCritic, ImageActorCritic
from baselines.networks.backends.compiled_backend import CompiledBackend
from baselines.networks.backends.image_backend import ImageBackend
from baselines.networks.backends.torch_backend import TorchBackend
from baselines.networks.cells import Array

__all__ = ["Backend", "CompiledBackend", "ImageBackend", "TorchBackend", "make_backend"]


class Backend(Protocol):
    """What runs a network.

    `CompiledBackend` and `TorchBackend` take observations as an array, `ImageBackend` as an
    `ImageAndVector`.

    Attributes:
        network: That it runs.
        heads: Logits or means and, last, the value of every step, shape (num_steps, num_envs,
            num_actions + 1).
        state: The parts of the cell's state, each of shape (num_envs, state_size).
    """

    heads: Array
    state: tuple[Array, ...]

    @property
    def network(self) -> ActorCritic: ...

    def begin(self) -> None:
        """Takes up the network as it is now, for the rollout to come."""

    def step(
        self,
        t: int,
        observation: Any,
        starts: NDArray[np.bool_],
        noise: Array,
        actions: NDArray[Any],
    ) -> None:
        """Takes step `t`: writes `heads[t]` and samples actions; see `CompiledBackend.step`."""

    def values(self, observation: Any, starts: NDArray[np.bool_]) -> Array:
        """Values of observations at which no step is taken, shape (num_envs,)."""

    def backward(self, head_gradients: Array) -> None:
        """Sets the gradients of the network's parameters from those of the heads."""


def make_backend(network: ActorCritic, num_steps: int, num_envs: int) -> Backend:
    """What runs a network fastest."""
    if isinstance(network, ImageActorCritic):
        return ImageBackend(network, num_steps, num_envs)
    on_cpu = network.initial.device.type == "cpu"
    if on_cpu and network.cell.compiled_cell is not None:
        return CompiledBackend(network, num_steps, num_envs)
    return TorchBackend(network, num_steps, num_envs)
