"""Settings of RecurrentPPO."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from baselines.common.errors import check_counts, check_literals, check_ranges, check_sizes
from baselines.common.schedule import Schedule, check_discount
from baselines.common.schema import from_json
from baselines.networks.config import LOG_STDS, check_initial_weights


@dataclass(frozen=True)
class RecurrentPPOConfig:
    """Settings of RecurrentPPO.

    Raises:
        InputError: If a setting is out of its range.
    """

    num_envs: int = 128
    """Environments stepped side by side."""
    num_steps: int | None = None
    """Steps of a rollout, and of back-propagation through time. None takes the whole episode,
    so that none is ever cut; environments that are not ours need a number."""
    num_epochs: int = 2
    """Passes over each rollout."""
    num_minibatches: int = 4
    """Gradient steps in a pass, at most, each on its own share of the environments; where they do
    not divide evenly, the last share is smaller."""
    hidden_size: int = 48
    """Units of the LSTM."""
    critic_lstm: Literal["joint", "shared", "separate"] = "joint"
    """Whether the critic reads the actor's LSTM and trains it too, as in the A2C-LSTM; reads it
    without training it; or has one of its own. sb3-contrib has the latter two."""
    input_gain: float = 1.0
    """Factor of the LSTM's initial input weights."""
    reward_gain: float = 1.0
    """Further factor of the last reward's initial input weights."""
    forget_bias: float = 0.0
    """Added to the initial biases of the LSTM's forget gates: the more, the longer an untrained
    network remembers."""
    chrono_steps: int | None = None
    """Chrono initialisation: initial biases are drawn so that the units of an untrained network
    keep what they hold for about 1 to this many steps, and take in new things as seldom."""
    learning_rate: Schedule = field(default_factory=lambda: Schedule(6e-3, 0.0))
    """Step size of Adam."""
    discount: Schedule = field(default_factory=lambda: Schedule(0.8, 0.97, 0.6))
    """Discount factor; between its ends the horizon 1 / (1 - discount) grows geometrically."""
    gae_lambda: float = 0.95
    """Lambda of generalised advantage estimation."""
    clip_range: float = 0.2
    """How far a probability ratio may leave 1 before its gradient is cut off."""
    entropy_coef: Schedule = field(default_factory=lambda: Schedule(0.05, 0.0))
    """Weight of the policy's entropy."""
    value_coef: float = 0.025
    """Weight of the value loss, the mean squared error."""
    max_grad_norm: float = 0.5
    """Largest norm of the gradient; a larger one is scaled down."""
    normalize_advantage: bool = False
    """Whether a minibatch's advantages are scaled to mean 0 and standard deviation 1."""
    initial_log_std: float = 0.0
    """Of continuous actions: log of their standard deviation before anything is learnt."""
    device: Literal["cpu", "cuda"] = "cpu"
    """Where torch computes; a network this small is fastest on the CPU."""

    def __post_init__(self) -> None:
        check_literals(self)
        check_sizes(self, ("hidden_size",))
        counts = ("num_envs", "num_steps", "num_epochs", "num_minibatches")
        check_counts(self, dict.fromkeys(counts, 1))
        positive = (
            *("learning_rate", "clip_range", "entropy_coef"),
            *("value_coef", "max_grad_norm"),
        )
        unit = dict.fromkeys(("discount", "gae_lambda"), (0, 1))
        check_ranges(self, unit | dict.fromkeys(positive, (0, math.inf)))
        check_ranges(self, {"initial_log_std": LOG_STDS})
        check_discount(self.discount)
        check_initial_weights(self)


def config_from_dict(values: Any, where: str = "the settings") -> RecurrentPPOConfig:
    """Rebuilds settings from what `dataclasses.asdict` made of them and JSON kept.

    Args:
        values: As JSON keeps them.
        where: What they stand in, for messages.

    Raises:
        InputError: If a setting is missing, unknown, or cannot be used.
    """
    return from_json(RecurrentPPOConfig, upgraded(values), where)


NEW = ("initial_log_std", "input_gain", "reward_gain", "forget_bias", "chrono_steps")
"""Settings that older versions did not have."""


def upgraded(values: Any) -> Any:
    """Settings of older versions: what is new at its default, and one number as a schedule."""
    if not isinstance(values, dict):
        return values
    values = {name: getattr(RecurrentPPOConfig, name) for name in NEW} | values
    falls = values.get("learning_rate_schedule") == "linear"
    if values.get("learning_rate_schedule") in ("constant", "linear"):
        del values["learning_rate_schedule"]
    for name in ("learning_rate", "discount", "entropy_coef"):
        value = values.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            end = 0.0 if falls and name == "learning_rate" else value
            values[name] = asdict(Schedule(value, end))
    return values
