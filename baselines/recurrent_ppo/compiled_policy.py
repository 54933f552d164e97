"""sb3-contrib's policy with compiled arithmetic, where it is one that this can run."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3.common.distributions import (
    CategoricalDistribution,
    DiagGaussianDistribution,
)
from stable_baselines3.common.torch_layers import FlattenExtractor

from baselines.networks.actor_critic import ActorCritic
from baselines.networks.backends import CompiledBackend
from baselines.networks.backends.compiled_backend import emit
from baselines.networks.cells import Array
from baselines.networks.cells.lstm import LSTM, CompiledLSTM, advance
from baselines.recurrent_ppo.adam import is_plain_adam
from baselines.recurrent_ppo.update import Gradients
from meta_envs.core.compiled import compiled


def can_compile(policy: Any, observation_space: spaces.Space[Any]) -> bool:
    """Whether a policy is one LSTM of one layer that actor and critic share, and nothing else.

    On the CPU, from a vector to discrete actions or Gaussian ones, and trained by Adam.
    """
    return (
        policy.lstm_critic is None
        and policy.critic is None
        and policy.lstm_actor.num_layers == 1
        and not len(policy.mlp_extractor.policy_net)
        and not len(policy.mlp_extractor.value_net)
        and isinstance(policy.features_extractor, FlattenExtractor)
        and is_plain_adam(policy.optimizer)
        and isinstance(policy.action_dist, CategoricalDistribution | DiagGaussianDistribution)
        and len(observation_space.shape or ()) == 1
        and policy.device.type == "cpu"
    )


class CompiledPolicy:
    """Runs a policy that `can_compile`, and goes back through it.

    Args:
        policy: Read at each call, and given gradients by `backward`.
    """

    def __init__(self, policy: Any) -> None:
        self.policy = policy
        self.continuous = isinstance(policy.action_dist, DiagGaussianDistribution)
        lstm, num_actions = policy.lstm_actor, policy.action_net.out_features
        # Its initial weights, never used, must not take numbers from the generator.
        with torch.random.fork_rng(devices=[]):
            self.network = ActorCritic(LSTM(lstm.input_size, lstm.hidden_size), num_actions)
        for name, parameter in lstm.named_parameters():
            setattr(self.network.cell, name, parameter)
        self._backends: dict[tuple[int, int], SequenceBackend] = {}

    @torch.no_grad()
    def begin(self, num_steps: int, num_envs: int, state: tuple[Array, Array]) -> SequenceBackend:
        """What runs the policy with the weights that it has now.

        Args:
            num_steps: Steps that are kept.
            num_envs: Environments side by side.
            state: Hidden and cell state to begin with, each of shape (num_envs, hidden).
        """
        shape = num_steps, num_envs
        if shape not in self._backends:
            self._backends[shape] = SequenceBackend(self.network, *shape)
            self._backends[shape].critic_trains = self.policy.critic_trains_lstm
        backend, heads = self._backends[shape], (self.policy.action_net, self.policy.value_net)
        torch.cat([head.weight for head in heads], out=self.network.heads.weight)
        torch.cat([head.bias for head in heads], out=self.network.heads.bias)
        backend.state = state
        backend.begin()
        return backend

    def log_stds(self) -> Array:
        """The logs of the standard deviations, copied; empty where actions are discrete."""
        if not self.continuous:
            return np.zeros(0, np.float32)
        return np.array(self.policy.log_std.detach().numpy())

    def backward(self, backend: SequenceBackend, gradients: Gradients) -> None:
        """Sets the gradients of the policy's parameters from those of what it says."""
        backend.backward(gradients.heads)
        if self.continuous:
            self.policy.log_std.grad = torch.from_numpy(gradients.log_std)
        action_net, value_net = self.policy.action_net, self.policy.value_net
        weight, bias = self.network.heads.weight.grad, self.network.heads.bias.grad
        assert weight is not None
        assert bias is not None
        action_net.weight.grad, value_net.weight.grad = weight[:-1], weight[-1:]
        action_net.bias.grad, value_net.bias.grad = bias[:-1], bias[-1:]


class SequenceBackend(CompiledBackend):
    """Takes steps one by one, or a whole sequence that is known beforehand.

    Attributes:
        critic_trains: Whether the value trains the LSTM that it reads, which sb3-contrib's does
            not.
    """

    cell: CompiledLSTM
    critic_trains = False

    def begin(self) -> None:
        super().begin()
        if not self.critic_trains:
            self.back_panels[:, -1] = 0

    def run(self, observations: Array, starts: NDArray[np.bool_]) -> Array:
        """Takes all steps: heads, shape (num_steps, num_envs, num_actions + 1).

        Args:
            observations: Shape (num_steps, num_envs, observation_size).
            starts: Where an observation is an episode's first, shape (num_steps, num_envs).
        """
        self.starts[...] = starts
        cell = self.cell
        run(
            observations,
            starts,
            cell.initial,
            cell.panels,
            cell.inputs,
            cell.gates,
            cell.cells,
            cell.tanh_cells,
            cell.hidden,
            cell.state,
            self.head_panels,
            self.bias,
            self.padded_heads,
        )
        return self.heads


@compiled
def run(
    observations: Array,
    starts: NDArray[np.bool_],
    initial: Array,
    panels: Array,
    inputs: Array,
    gates: Array,
    cells: Array,
    tanh_cells: Array,
    hidden: Array,
    state: Array,
    head_panels: Array,
    bias: Array,
    heads: Array,
) -> None:
    """The steps of `SequenceBackend.run`; see `CompiledLSTM` for the arrays."""
    # Without noise, no actions are sampled.
    noise, actions = np.empty((0, 0), np.float32), np.empty(0, np.int64)
    for t in range(len(observations)):
        advance(
            t,
            observations[t],
            starts[t],
            initial,
            panels,
            inputs,
            gates,
            cells,
            tanh_cells,
            hidden,
            state,
        )
        emit(hidden[t], head_panels, bias, noise, heads[t], actions)
