"""Settings of a network."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from baselines.common.errors import check_counts, check_literals, check_ranges, check_sizes

LOG_STDS = (-20, 5)
"""What a standard deviation's log may be to begin with: far beyond what can be of use."""


class InputSizes(NamedTuple):
    """How many numbers a memory cell gets at each step, in this order.

    Attributes:
        features: Of an image, from the encoder; 0 where the observations hold none.
        reward: Behind an image's features: the last reward.
        others: All others.
    """

    features: int
    reward: int
    others: int

    @property
    def total(self) -> int:
        """All together."""
        return sum(self)


class InitialWeights(Protocol):
    """What is done to the weights that were drawn for a cell; see `NetworkConfig` for each."""

    @property
    def input_gain(self) -> float: ...
    @property
    def reward_gain(self) -> float: ...
    @property
    def forget_bias(self) -> float: ...
    @property
    def chrono_steps(self) -> int | None: ...


def check_initial_weights(config: InitialWeights) -> None:
    """Raises an InputError if one of them is out of its range."""
    check_counts(config, {"chrono_steps": 2})
    gains = dict.fromkeys(("input_gain", "reward_gain"), (0.0, math.inf))
    check_ranges(config, gains | {"forget_bias": (-math.inf, math.inf)})


@dataclass(frozen=True)
class NetworkConfig:
    """Settings of a recurrent actor-critic.

    Raises:
        InputError: If a setting is out of its range.
    """

    hidden_size: int = 48
    """Units of the memory cell; of the second one in a stack."""
    cell: Literal["lstm", "gru", "rnn", "stacked-lstm", "actor-critic-lstm"] = "lstm"
    """Memory cell: an LSTM, a GRU as in RL^2, or tanh units without gates; or two LSTMs as in the
    paper's Fig. 1c, where the agent sees images: the first gets the last reward, the second the
    last action and what else there is; or an LSTM each for the policy and the value, of which the
    first gets the reward prediction error of the second (simulation 6 of Wang et al. 2018)."""
    # The names are those of `baselines.networks.cells.CELLS`.
    first_hidden_size: int = 64
    """Units of the first of two stacked LSTMs."""
    initial_state: Literal["zero", "learned"] = "zero"
    """The cell's state at an episode's start."""
    input_gain: float = 1.0
    """Factor of the cell's initial input weights. A large one makes it mix what it sees with what
    it remembers from the beginning, where a choice depends on both at once."""
    reward_gain: float = 1.0
    """Further factor of the last reward's initial input weights. With a large one, what is
    remembered is from the beginning what was there when a reward came."""
    forget_bias: float = 0.0
    """Added to the initial biases of an LSTM's forget gates, or a GRU's update gates: the more, the
    longer an untrained network remembers. TensorFlow's LSTM cell has 1."""
    chrono_steps: int | None = None
    """Chrono initialisation: initial biases are drawn so that the units of an untrained network
    keep what they hold for about 1 to this many steps, and take in new things as seldom."""
    encoder_size: int = 256
    """Features that the convolutional encoder makes of an image."""
    encoder_precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Numbers that the encoder multiplies. auto takes bfloat16 where the processor has units for
    it, which is more than twice as fast, and float32 elsewhere."""
    initial_log_std: float = 0.0
    """Of continuous actions: log of their standard deviation before anything is learnt."""
    device: Literal["cpu", "cuda"] = "cpu"
    """Where the network runs; a small one is fastest on the CPU."""

    def __post_init__(self) -> None:
        check_literals(self)
        check_sizes(self, ("hidden_size", "first_hidden_size", "encoder_size"))
        check_initial_weights(self)
        check_ranges(self, {"initial_log_std": LOG_STDS})
