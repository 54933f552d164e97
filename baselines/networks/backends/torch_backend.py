"""The network's arithmetic in torch: on any device, with gradients from autograd."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.networks.actor_critic import ActorCritic
from baselines.networks.sampling import sample

Array = NDArray[np.float32]


class TorchBackend:
    """Runs a network forward during a rollout, and again, with gradients, after it.

    It has the methods of `CompiledBackend` and the same results up to rounding.

    Args:
        network: On any device.
        num_steps: Steps of a rollout.
        num_envs: Environments side by side.
    """

    def __init__(self, network: ActorCritic, num_steps: int, num_envs: int) -> None:
        self.network = network
        self.device = network.initial.device
        self.num_steps, self.num_envs = num_steps, num_envs
        self.starts = torch.zeros(num_steps, num_envs, dtype=torch.bool, device=self.device)
        self.heads = np.zeros((num_steps, num_envs, network.num_actions + 1), np.float32)
        self.cell_state = network.initial_state(num_envs)

    # Made by the first rollout: an agent that only predicts, maybe in far more environments, goes
    # without.
    @cached_property
    def observations(self) -> Tensor:
        """What the cell got at every step, shape (num_steps, num_envs, size)."""
        size = self.network.cell.input_size
        return torch.zeros(self.num_steps, self.num_envs, size, device=self.device)

    @property
    def state(self) -> tuple[Array, ...]:
        """The parts of the cell's state, each of shape (num_envs, state_size)."""
        return tuple(part.detach().cpu().numpy().copy() for part in self.cell_state)

    @state.setter
    def state(self, state: tuple[Array, ...]) -> None:
        self.cell_state = tuple(torch.from_numpy(part.copy()).to(self.device) for part in state)

    def begin(self) -> None:
        """Notes the state that the rollout to come starts from."""
        self.first_state = tuple(part.detach().clone() for part in self.cell_state)

    @torch.no_grad()
    def step(
        self,
        t: int,
        observation: Any,
        starts: NDArray[np.bool_],
        noise: Array,
        actions: NDArray[Any],
    ) -> None:
        """Takes step `t` of the rollout; see `CompiledBackend.step`."""
        self.observations[t] = torch.as_tensor(observation)
        self.starts[t] = torch.from_numpy(starts)
        heads, self.cell_state = self.network(
            self.observations[t : t + 1], self.cell_state, self.starts[t : t + 1]
        )
        self.heads[t] = heads[0].cpu().numpy()
        sample(self.heads[t], noise, actions)

    @torch.no_grad()
    def values(self, observation: Any, starts: NDArray[np.bool_]) -> Array:
        """Values of observations that the rollout ends or breaks off with, shape (num_envs,)."""
        x, first = torch.as_tensor(observation[None]).to(self.device), self._tensor(starts[None])
        heads, _ = self.network(x, self.cell_state, first)
        return np.asarray(heads[0, :, -1].cpu().numpy())

    def backward(self, head_gradients: Array) -> None:
        """Sets the gradients of the network's parameters, through the rollout's steps."""
        self._backward(self.observations, head_gradients)

    def _backward(self, inputs: Tensor, head_gradients: Array) -> None:
        self.network.zero_grad(set_to_none=True)
        heads, _ = self.network(inputs, self.first_state, self.starts)
        heads.backward(gradient=self._tensor(head_gradients))

    def _tensor(self, array: NDArray[np.generic]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)
