"""The network's arithmetic compiled: one step at a time, and back through all steps at the end.

What the backward pass needs of a step is kept from the rollout instead of being computed again.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from baselines.networks.actor_critic import ActorCritic
from baselines.networks.cells import Array, CompiledCell
from baselines.networks.kernels.products import (
    BLOCK,
    add_gradient,
    in_panels,
    multiply,
    padded,
    row_length,
)
from baselines.networks.sampling import sample
from meta_envs.core.compiled import compiled

NOTHING = np.empty((0, 0), np.float32), np.empty(0, np.int64)
"""Noise and actions for a step that samples none."""


class CompiledBackend:
    """Runs a network forward during a rollout and backward after it, on the CPU.

    Args:
        network: With a cell whose arithmetic is compiled; read at `begin`, and given gradients by
            `backward`.
        num_steps: Steps of a rollout.
        num_envs: Environments side by side.
    """

    def __init__(self, network: ActorCritic, num_steps: int, num_envs: int) -> None:
        self.network, self.num_envs = network, num_envs
        self.units, self.num_heads = network.cell.hidden_size, network.num_actions + 1
        self.cell: CompiledCell = network.cell.compiled_cell(network.cell, num_steps, num_envs)
        self.starts = np.zeros((num_steps, num_envs), np.bool_)
        # Longer rows than there are heads: the arithmetic goes by whole panels.
        self.padded_heads = np.zeros((num_steps, num_envs, row_length(self.num_heads)), np.float32)
        self.heads = self.padded_heads[:, :, : self.num_heads]
        self.state = self._initial()[:, None, : self.units].repeat(num_envs, axis=1)

    @property
    def state(self) -> tuple[Array, ...]:
        """The parts of the cell's state, each of shape (num_envs, state_size)."""
        return tuple(self.cell.state[:, :, : self.units].copy())

    @state.setter
    def state(self, state: tuple[Array, ...] | Array) -> None:
        self.cell.state[:, :, : self.units] = state

    def _initial(self) -> Array:
        """The state of an episode's start, filled up with zeros as the cell's is."""
        parts, _, width = self.cell.state.shape
        initial = np.zeros((parts, width), np.float32)
        initial[:, : self.units] = self.network.initial.detach().numpy()
        return initial

    def begin(self) -> None:
        """Takes up the network's weights as they are now, for the rollout to come."""
        self.cell.begin(self._initial())
        heads = self.network.heads
        weight = np.zeros((self.num_heads, self.cell.state.shape[2]), np.float32)
        weight[:, : self.units] = heads.weight.detach().numpy()
        self.head_panels, self.back_panels = in_panels(weight.T), in_panels(weight)
        self.bias = np.zeros(padded(self.num_heads), np.float32)
        self.bias[: self.num_heads] = heads.bias.detach().numpy()

    def step(
        self,
        t: int,
        observation: Array,
        starts: NDArray[np.bool_],
        noise: Array,
        actions: NDArray[Any],
    ) -> None:
        """Takes step `t` of the rollout; `heads[t]` are logits or means and, last, the value.

        Args:
            t: Which.
            observation: Shape (num_envs, observation_size).
            starts: Where it is an episode's first.
            noise: To sample with, see `sample`, shape (num_envs, num_actions).
            actions: To be written, shape (num_envs,), or (num_envs, num_actions) where they are
                continuous.
        """
        self.starts[t] = starts
        self.cell.step(t, observation, starts)
        emit(self.cell.hidden[t], self.head_panels, self.bias, noise, self.padded_heads[t], actions)

    @cached_property
    def _glance(self) -> CompiledBackend:
        """Takes the steps that are not of the rollout."""
        return CompiledBackend(self.network, 1, self.num_envs)

    def values(self, observation: Array, starts: NDArray[np.bool_]) -> Array:
        """Values of observations that the rollout ends or breaks off with, shape (num_envs,).

        Leaves the state as it is: no step is taken.
        """
        glance = self._glance
        glance.begin()
        glance.cell.state[...] = self.cell.state
        glance.step(0, observation, starts, *NOTHING)
        return glance.heads[0, :, -1].copy()

    def backward(self, head_gradients: Array) -> None:
        """Sets the gradients of the network's parameters, through the rollout's steps.

        Args:
            head_gradients: Gradient of the loss with respect to `heads`.
        """
        cell, initial = self.cell.backward(head_gradients, self.back_panels, self.starts)
        weight = np.zeros((self.num_heads, self.cell.hidden.shape[2]), np.float32)
        bias = np.zeros(self.num_heads, np.float32)
        back_through_heads(head_gradients, self.cell.hidden, weight, bias)
        network, units = self.network, self.units
        parameters = [*network.cell.parameters(), network.heads.weight, network.heads.bias]
        gradients = [*cell, weight[:, :units], bias]
        if network.initial.requires_grad:
            parameters.append(network.initial)
            gradients.append(initial[:, :units])
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = torch.from_numpy(np.ascontiguousarray(gradient))


@compiled
def emit(
    hidden: Array,
    panels: Array,
    bias: Array,
    noise: Array,
    heads: Array,
    actions: NDArray[Any],
) -> None:
    """From a step's hidden states to its heads and actions; see `CompiledBackend.step`."""
    for env in range(len(heads)):
        for head in range(len(bias)):
            heads[env, head] = bias[head]
    multiply(hidden, panels, heads, True)
    sample(heads, noise, actions)


@compiled
def back_through_heads(d_heads: Array, hidden: Array, weight: Array, bias: Array) -> None:
    """Gradients of the heads' weights and biases, summed as `add_gradient` does.

    Args:
        d_heads: Gradients of the heads, shape (num_steps, num_envs, num_heads).
        hidden: Shape (num_steps, num_envs, row_length(width)).
        weight: To be added to, shape (num_heads, row_length(width)).
        bias: To be added to, shape (num_heads,).
    """
    left = d_heads.reshape(-1, d_heads.shape[2])
    add_gradient(left, hidden.reshape(-1, hidden.shape[2]), 0, weight)
    for first in range(0, len(left), BLOCK):
        part = left[first : first + BLOCK]
        for head in range(len(bias)):
            total = np.float32(0)
            for row in range(len(part)):
                total += part[row, head]
            bias[head] += total
