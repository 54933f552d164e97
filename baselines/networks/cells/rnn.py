"""The plain recurrent network of tanh units, without gates; torch runs it."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from baselines.common.errors import InputError
from baselines.networks.cells.hidden_only import HiddenOnly
from baselines.networks.cells.initial_weights import draw_recurrent
from baselines.networks.config import InputSizes, NetworkConfig


class RNN(HiddenOnly, nn.RNN):  # type: ignore[misc]  # called as all cells are
    """One layer of tanh units that feed back on each other (Elman 1990).

    Args:
        input_size: Numbers that it gets at each step.
        hidden_size: Units.
    """

    compiled_cell = None

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.state_size = hidden_size

    @classmethod
    def build(cls, inputs: InputSizes, config: NetworkConfig) -> RNN:
        """One for all inputs alike.

        Raises:
            InputError: If a setting is one of gates, which it has not.
        """
        if config.forget_bias or config.chrono_steps is not None:
            raise InputError(
                "`forget_bias` and `chrono_steps` are of gates, and `cell` rnn has none"
            )
        return cls(inputs.total, config.hidden_size)

    @torch.no_grad()
    def initialise(
        self, config: NetworkConfig, reward: slice | None, generator: np.random.Generator
    ) -> None:
        """Draws weights and scales those of the inputs."""
        draw_recurrent(self, config, reward, generator)
