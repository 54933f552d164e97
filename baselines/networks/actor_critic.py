"""Recurrent actor-critics: a memory cell, with the policy and the value read off its output."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from baselines.networks.cells import State
from baselines.networks.cells.initial_weights import orthogonal
from baselines.networks.config import NetworkConfig
from baselines.networks.image_encoder import CHUNK, ImageEncoder

HEAD_GAIN = 0.01
"""Length of the heads' initial weights: an untrained policy chooses evenly."""


class ActorCritic(nn.Module):
    """A memory cell, then a policy and a linear value (Wang et al. 2016, Fig. 1a).

    The policy is a softmax, or a Gaussian with a diagonal covariance that does not depend on what
    is seen.

    Args:
        cell: The memory cell, one of `baselines.networks.cells`.
        num_actions: Number of discrete actions, or of the numbers that make up a continuous one.
        initial_state: "zero", or "learned" for a trained state at the start of an episode.
        initial_log_std: Of a continuous action: the log of each number's standard deviation
            before anything is learnt; None for discrete actions.

    Attributes:
        log_std: The logs of the standard deviations, shape (num_actions,); None for discrete
            actions.
    """

    log_std: nn.Parameter | None

    def __init__(
        self,
        cell: Any,
        num_actions: int,
        initial_state: Literal["zero", "learned"] = "zero",
        initial_log_std: float | None = None,
    ) -> None:
        super().__init__()
        self.num_actions = num_actions
        self.cell = cell
        # One matrix for the policy's logits or means and, in the last row, the value.
        self.heads = nn.Linear(cell.hidden_size, num_actions + 1)
        self.initial = nn.Parameter(
            torch.zeros(len(cell.state_names), cell.state_size),
            requires_grad=initial_state == "learned",
        )
        self.log_std = (
            None
            if initial_log_std is None
            else nn.Parameter(torch.full((num_actions,), float(initial_log_std)))
        )

    @torch.no_grad()
    def initialise(
        self, config: NetworkConfig, reward: slice | None, generator: np.random.Generator
    ) -> None:
        """Draws the weights.

        Args:
            config: Settings.
            reward: Which of the cell's inputs are the last reward; None if that is not known.
            generator: To draw with.
        """
        self.cell.initialise(config, reward, generator)
        rows, columns = self.heads.weight.shape
        self.heads.weight.copy_(orthogonal(generator, rows, columns, HEAD_GAIN))
        self.heads.bias.zero_()

    def log_stds(self) -> NDArray[np.float32]:
        """A copy of `log_std`; empty for discrete actions."""
        if self.log_std is None:
            return np.zeros(0, np.float32)
        copied: NDArray[np.float32] = self.log_std.detach().cpu().numpy().copy()
        return copied

    def initial_state(self, num_envs: int) -> State:
        """The state at the start of an episode."""
        return tuple(part.expand(num_envs, -1) for part in self.initial)

    def forward(self, observations: Tensor, state: State, starts: Tensor) -> tuple[Tensor, State]:
        """Runs over whole sequences.

        Args:
            observations: Shape (steps, num_envs, observation_size).
            state: Before the first step.
            starts: Where an observation is an episode's first, shape (steps, num_envs).

        Returns:
            Logits or means and, last, the value, shape (steps, num_envs, num_actions + 1), and the
            state after the last step.
        """
        output, state = run(self.cell, observations, state, self.initial, starts)
        return self.heads(output), state


def run(
    cell: Any, inputs: Tensor, state: State, initial: Tensor, starts: Tensor
) -> tuple[Tensor, State]:
    """Runs a cell over whole sequences.

    It runs once from each step at which some episode starts to the next such step; where all
    episodes start together, that is once over the whole sequence.

    Args:
        cell: One of `baselines.networks.cells`.
        inputs: Shape (steps, num_envs, input_size).
        state: Before the first step.
        initial: The state at the start of an episode, shape (parts, state_size).
        starts: Where an episode starts, shape (steps, num_envs).

    Returns:
        The cell's output, shape (steps, num_envs, hidden_size), and its state after the last step.
    """
    cuts = starts[1:].any(dim=1).nonzero()[:, 0].add(1).tolist()
    outputs = []
    for first, last in zip([0, *cuts], [*cuts, len(inputs)], strict=True):
        start = starts[first][:, None]
        fresh = zip(initial, state, strict=True)
        parts = tuple(torch.where(start, new, old)[None].contiguous() for new, old in fresh)
        output, parts = cell(inputs[first:last], parts)
        state = tuple(part[0] for part in parts)
        outputs.append(output)
    return torch.cat(outputs) if len(outputs) > 1 else outputs[0], state


class ImageActorCritic(ActorCritic):
    """An encoder of images, then the cell with the image's features before the other inputs.

    Args:
        encoder: Of the images.
        cell: The memory cell; its inputs are the features, then the numbers beside the image.
        num_actions: See `ActorCritic`; likewise the others.
        initial_state: "zero" or "learned".
        initial_log_std: None for discrete actions.
    """

    def __init__(
        self,
        encoder: ImageEncoder,
        cell: Any,
        num_actions: int,
        initial_state: Literal["zero", "learned"] = "zero",
        initial_log_std: float | None = None,
    ) -> None:
        super().__init__(cell, num_actions, initial_state, initial_log_std)
        self.encoder = encoder

    @torch.no_grad()
    def initialise(
        self, config: NetworkConfig, reward: slice | None, generator: np.random.Generator
    ) -> None:
        """Draws the weights; the encoder keeps those that torch gave it.

        The features come before the numbers beside the image.
        """
        before = self.encoder.size
        if reward is not None:
            reward = slice(before + reward.start, before + reward.stop)
        super().initialise(config, reward, generator)

    @torch.no_grad()
    def inputs(self, blocks: Tensor, vector: Tensor) -> Tensor:
        """What the cell gets, shape (batch, features + vector_size), without gradients."""
        features = [self.encoder(chunk) for chunk in torch.split(blocks, CHUNK)]
        return torch.cat([torch.cat(features), vector], dim=1)
