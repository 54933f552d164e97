"""Two LSTMs side by side, one for the value and one for the policy."""

from __future__ import annotations

import numpy as np
from torch import nn

from baselines.common.errors import InputError
from baselines.networks.cells.lstm import LSTM
from baselines.networks.config import InputSizes, NetworkConfig


class ActorCriticLSTM(nn.Module):
    """A critic and an actor, each an LSTM of its own (Wang et al. 2018, simulation 6).

    What the actor gets depends on what the critic expects, so
    `baselines.networks.prediction_error.PredictionErrorActorCritic` runs the two. The parts of the
    state hold the critic's units, then the actor's.

    Args:
        input_size: Numbers that each gets at each step.
        hidden_size: Units of each.
    """

    state_names = LSTM.state_names
    compiled_cell = None

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size, self.state_size = hidden_size, 2 * hidden_size
        self.critic, self.actor = LSTM(input_size, hidden_size), LSTM(input_size, hidden_size)

    @classmethod
    def build(cls, inputs: InputSizes, config: NetworkConfig) -> ActorCriticLSTM:
        """One for numbers.

        Raises:
            InputError: If there are images.
        """
        if inputs.features:
            raise InputError("`cell` must not be actor-critic-lstm where observations hold images")
        return cls(inputs.total, config.hidden_size)

    def initialise(
        self, config: NetworkConfig, reward: slice | None, generator: np.random.Generator
    ) -> None:
        """Initialises both; where the critic gets the reward, the actor gets what it got wrong."""
        self.critic.initialise(config, reward, generator)
        self.actor.initialise(config, reward, generator)
