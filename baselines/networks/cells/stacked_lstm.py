"""Two LSTMs in place of one."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from baselines.common.errors import InputError
from baselines.networks.cells.lstm import LSTM
from baselines.networks.config import InputSizes, NetworkConfig


class StackedLSTM(nn.Module):
    """Two LSTMs, one upon the other (Wang et al. 2016, Fig. 1c; Mirowski et al. 2017's Nav A3C).

    The first gets the features and the last reward; the second gets the first one's output, the
    features again, and everything else: the last action. It is called as `nn.LSTM` is, with the
    states of both side by side.

    Args:
        inputs: How many it gets: features that both LSTMs get, the reward for the first one, and
            all others for the second.
        first_size: Units of the first LSTM.
        hidden_size: Units of the second.
    """

    state_names = LSTM.state_names
    compiled_cell = None  # What takes its time is the encoder before it: torch runs both.

    def __init__(self, inputs: InputSizes, first_size: int, hidden_size: int) -> None:
        super().__init__()
        self.num_features, self.input_size = inputs.features, inputs.total
        self.hidden_size, self.state_size = hidden_size, first_size + hidden_size
        self.first = LSTM(inputs.features + inputs.reward, first_size)
        self.second = LSTM(first_size + inputs.features + inputs.others, hidden_size)

    @classmethod
    def build(cls, inputs: InputSizes, config: NetworkConfig) -> StackedLSTM:
        """One for images and what stands beside them."""
        if not inputs.features:
            raise InputError("`cell` must not be stacked-lstm where the observations hold no image")
        return cls(inputs, config.first_hidden_size, config.hidden_size)

    def initialise(
        self, config: NetworkConfig, reward: slice | None, generator: np.random.Generator
    ) -> None:
        """Initialises both; only the first gets the reward."""
        self.first.initialise(config, reward, generator)
        self.second.initialise(config, None, generator)

    def forward(
        self, inputs: Tensor, state: tuple[Tensor, ...]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Runs over a sequence.

        Args:
            inputs: Shape (steps, batch, input_size).
            state: Before the first step, each part of shape (1, batch, state_size).

        Returns:
            The second LSTM's output, shape (steps, batch, hidden_size), and the state after the
            last step.
        """
        hidden, cell = (
            torch.split(part, [self.first.hidden_size, self.hidden_size], dim=-1) for part in state
        )
        output, first = self.first(
            inputs[..., : self.first.input_size], (hidden[0].contiguous(), cell[0].contiguous())
        )
        parts = [
            output,
            inputs[..., : self.num_features],
            inputs[..., self.first.input_size :],
        ]
        output, second = self.second(
            torch.cat(parts, dim=-1), (hidden[1].contiguous(), cell[1].contiguous())
        )
        return output, (torch.cat([first[0], second[0]], -1), torch.cat([first[1], second[1]], -1))
