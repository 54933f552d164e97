"""The network's arithmetic in NumPy: one step at a time, and back through all steps at the end.

Arrays are feature-major, (features, num_envs), so that each gate is one contiguous block.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from baselines.networks.actor_critic import ActorCritic
from baselines.networks.cells import Array, NumpyCell


class NumpyBackend:
    """Runs a network forward during a rollout and backward after it, on the CPU.

    Args:
        network: With a cell that computes in NumPy too; read at `begin`, and given gradients by
            `backward`.
        num_steps: Steps of a rollout.
        num_envs: Environments side by side.
    """

    def __init__(self, network: ActorCritic, num_steps: int, num_envs: int) -> None:
        self.network = network
        self.cell: NumpyCell = network.cell.numpy_cell(network.cell, num_steps, num_envs)
        self.heads = np.zeros((num_steps, network.num_actions + 1, num_envs), np.float32)
        self.starts = np.zeros((num_steps, num_envs), np.bool_)
        self.state = self.initial(num_envs)
        self._product = np.zeros((network.cell.hidden_size, num_envs), np.float32)

    def initial(self, num_envs: int) -> tuple[Array, ...]:
        """The parts of the state at an episode's start, each of shape (state_size, num_envs)."""
        return tuple(self.network.initial.detach().numpy()[:, :, None].repeat(num_envs, axis=2))

    def begin(self) -> None:
        """Takes up the network's weights as they are now, for the rollout to come."""
        self.cell.begin()
        self.head_weight = self.network.heads.weight.detach().numpy().copy()
        self.head_bias = self.network.heads.bias.detach().numpy()[:, None].copy()

    def step(self, t: int, observation: Array, starts: NDArray[np.bool_]) -> Array:
        """Takes step `t` of the rollout.

        Args:
            t: Which.
            observation: Shape (num_envs, observation_size).
            starts: Where it is an episode's first.

        Returns:
            Logits and, in the last row, the value, shape (num_actions + 1, num_envs).
        """
        self.starts[t] = starts
        before = self.cell.enter(t, observation, self.state)
        if np.count_nonzero(starts):
            self._restart(before, starts)
        self.state = self.cell.advance(t)
        heads = np.matmul(self.head_weight, self.state[0], out=self.heads[t])
        heads += self.head_bias
        return heads

    def _restart(self, state: tuple[Array, ...], starts: NDArray[np.bool_]) -> None:
        for part, initial in zip(state, self.initial(int(starts.sum())), strict=True):
            part[:, starts] = initial

    def values(self, observation: Array, starts: NDArray[np.bool_]) -> Array:
        """Values of observations that the rollout ends or breaks off with, shape (num_envs,).

        Leaves the state as it is: no step is taken.
        """
        state = tuple(part.copy() for part in self.state)
        self._restart(state, starts)
        hidden = self.cell.peek(observation, state)
        return (self.head_weight[-1:] @ hidden + self.head_bias[-1])[0]

    def backward(self, head_gradients: Array) -> None:
        """Sets the gradients of the network's parameters, through the rollout's steps.

        Args:
            head_gradients: Gradient of the loss with respect to what `step` returned, shape
                (num_steps, num_actions + 1, num_envs).
        """
        initial = np.zeros_like(self.network.initial.detach().numpy())
        d_state = tuple(np.zeros_like(part) for part in self.state)
        back_to_hidden = self.head_weight.T.copy()
        self.cell.begin_backward()
        for t in range(len(head_gradients) - 1, -1, -1):
            d_hidden = d_state[0]
            d_hidden += np.matmul(back_to_hidden, head_gradients[t], out=self._product)
            self.cell.backward(t, d_state)
            starts = self.starts[t]
            if np.count_nonzero(starts):
                initial += [part[:, starts].sum(axis=1) for part in d_state]
                for part in d_state:
                    part[:, starts] = 0
        self._set_gradients(initial, head_gradients)

    def _set_gradients(self, initial: Array, head_gradients: Array) -> None:
        gradients = [
            *self.cell.gradients(),
            np.matmul(head_gradients, self.cell.hidden.transpose(0, 2, 1)).sum(axis=0),
            head_gradients.sum(axis=(0, 2)),
        ]
        network = self.network
        parameters = [*network.cell.parameters(), network.heads.weight, network.heads.bias]
        if network.initial.requires_grad:
            parameters.append(network.initial)
            gradients.append(initial)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = torch.from_numpy(np.array(gradient, np.float32))
