"""Settings of the A2C-LSTM: every hyperparameter of the paper's table, and ours."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

from baselines.common.errors import InputError, check_literals


@dataclass(frozen=True)
class Schedule:
    """A value that moves in a straight line during training, then stays."""

    start: float
    """Value at the beginning of training."""
    end: float
    """Value at the end of training."""
    fraction: float = 1.0
    """Part of training after which the end value is reached, in (0, 1]."""

    def __post_init__(self) -> None:
        if not 0 < self.fraction <= 1:
            raise InputError(f"fraction must be in (0, 1], got {self.fraction}")

    def at(self, progress: float) -> float:
        """The value when `progress`, in [0, 1], of training is done."""
        return self.start + (self.end - self.start) * min(progress / self.fraction, 1.0)

    def discount_at(self, progress: float) -> float:
        """The value of a discount: its horizon 1 / (1 - discount) grows geometrically.

        A discount of .97 looks three times as far as one of .9; in a straight line from .8, most
        of the way would be spent where little changes.
        """
        if self.start == self.end:
            return self.start
        ratio = (1 - self.end) / (1 - self.start)
        return float(1 - (1 - self.start) * ratio ** min(progress / self.fraction, 1.0))


def constant(value: float) -> Schedule:
    """A schedule that does not move."""
    return Schedule(value, value)


@dataclass(frozen=True)
class A2CLSTMConfig:
    """Settings of the A2C-LSTM."""

    num_envs: int = 32
    """Environments stepped side by side, by all processes together; each update learns from one
    rollout of them all."""
    num_steps: int | None = None
    """Steps of a rollout, and of back-propagation through time. None takes the whole episode,
    so that none is ever cut; environments that are not ours need a number."""
    hidden_size: int = 48
    """Units of the LSTM; of the second one in a stack."""
    initial_state: Literal["zero", "learned"] = "zero"
    """The LSTM's state at an episode's start."""
    input_gain: float = 1.0
    """Factor of the LSTM's first input weights. A large one makes it mix what it sees with what it
    remembers from the beginning, where a choice hangs on both at once."""
    reward_gain: float = 1.0
    """Further factor of the last reward's first input weights. With a large one, what is remembered
    is from the beginning what was there when a reward came."""
    forget_bias: float = 0.0
    """Added to the forget gates' first biases: the more, the longer an untrained network
    remembers. TensorFlow's LSTM cell has 1."""
    chrono_steps: int | None = None
    """Chrono initialisation: first biases are drawn so that the units of an untrained network keep
    what they hold for about 1 to this many steps, and take in new things as seldom."""
    memory: bool = True
    """False starts the LSTM anew at every step: what a network without memory can learn, to be
    compared with."""
    lstm: Literal["single", "stacked"] = "single"
    """One LSTM, or two as in the paper's Fig. 1c, where the agent sees pictures: the first gets
    the last reward, the second the last action and what else there is."""
    first_hidden_size: int = 64
    """Units of the first of two stacked LSTMs."""
    encoder_size: int = 256
    """Features that the convolutional encoder makes of a picture."""
    encoder_precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Numbers that the encoder multiplies. auto takes bfloat16 where the processor has units for
    it, which is more than twice as fast, and float32 elsewhere."""
    optimizer: Literal["adam", "rmsprop"] = "adam"
    """Gradient descent method."""
    optimizer_decay: float = 0.99
    """Decay of the mean squared gradient in RMSProp; Adam keeps to its .9 and .999."""
    optimizer_epsilon: float = 1e-5
    """Added to the root mean squared gradient."""
    learning_rate: Schedule = field(default_factory=lambda: Schedule(6e-3, 0.0))
    """Step size."""
    discount: Schedule = field(default_factory=lambda: Schedule(0.8, 0.97, 0.6))
    """Discount factor; between its ends the horizon 1 / (1 - discount) grows geometrically."""
    gae_lambda: float = 0.95
    """Lambda of generalised advantage estimation; 1 gives the paper's n-step return."""
    entropy_coef: Schedule = field(default_factory=lambda: Schedule(0.05, 0.0))
    """Weight of the policy's entropy."""
    value_coef: float = 0.05
    """Weight of the value loss, half the squared error."""
    max_grad_norm: float = 0.5
    """Largest norm of the gradient; a larger one is scaled down."""
    normalize_advantage: bool = False
    """Whether a rollout's advantages are scaled to mean 0 and standard deviation 1."""
    device: Literal["cpu", "cuda"] = "cpu"
    """Where the network runs; a small one is fastest on the CPU."""

    def __post_init__(self) -> None:
        check_literals(self)
        counts = ("num_envs", "num_steps", "hidden_size", "first_hidden_size", "encoder_size")
        for name, least in (*((name, 1) for name in counts), ("chrono_steps", 2)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise InputError(f"{name} must be a whole number of at least {least}, got {value}")
        for name, low, high in (
            ("input_gain", 0, math.inf),
            ("reward_gain", 0, math.inf),
            ("forget_bias", -math.inf, math.inf),
            ("optimizer_decay", 0, 1),
            ("optimizer_epsilon", 0, math.inf),
            ("learning_rate", 0, math.inf),
            ("discount", 0, 1),
            ("gae_lambda", 0, 1),
            ("entropy_coef", 0, math.inf),
            ("value_coef", 0, math.inf),
            ("max_grad_norm", 0, math.inf),
        ):
            value = getattr(self, name)
            values = (value.start, value.end) if isinstance(value, Schedule) else (value,)
            for value in values:
                if not low <= value <= high:
                    raise InputError(f"{name} must be between {low} and {high}, got {value}")
        if 1 in (self.discount.start, self.discount.end) and (
            self.discount.start != self.discount.end
        ):
            raise InputError("discount can be 1 only if it does not move: its horizon is infinite")


def config_from_dict(values: dict[str, Any]) -> A2CLSTMConfig:
    """Rebuilds settings from what `dataclasses.asdict` made of them."""
    fields: dict[str, Any] = {
        name: Schedule(**value) if isinstance(value, dict) else value
        for name, value in values.items()
    }
    return A2CLSTMConfig(**fields)
