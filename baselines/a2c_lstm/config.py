"""Settings of the A2C-LSTM: every hyperparameter of the paper's table, and ours."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from baselines.common.errors import InputError, check_counts, check_ranges
from baselines.common.schedule import Schedule, check_discount
from baselines.common.schema import from_json
from baselines.networks.config import NetworkConfig


@dataclass(frozen=True)
class A2CLSTMConfig(NetworkConfig):
    """Settings of the A2C-LSTM."""

    num_envs: int = 32
    """Environments stepped side by side, by all processes together; each update learns from one
    rollout of them all."""
    num_steps: int | None = None
    """Steps of a rollout, and of back-propagation through time. None takes the whole episode,
    so that none is ever cut; environments that are not ours need a number."""
    memory: bool = True
    """False starts the cell anew at every step: what a network without memory can learn, to be
    compared with."""
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

    def __post_init__(self) -> None:
        super().__post_init__()
        check_counts(self, {"num_envs": 1, "num_steps": 1})
        unit = ("optimizer_decay", "discount", "gae_lambda")
        positive = (
            *("optimizer_epsilon", "learning_rate", "entropy_coef"),
            *("value_coef", "max_grad_norm"),
        )
        check_ranges(self, dict.fromkeys(unit, (0, 1)) | dict.fromkeys(positive, (0, math.inf)))
        check_discount(self.discount)
        if self.cell == "actor-critic-lstm" and self.discount.start != self.discount.end:
            raise InputError(
                "`discount` must not move where `cell` is actor-critic-lstm, whose actor sees the "
                f"prediction error: give one number, got {self.discount.start:g} to "
                f"{self.discount.end:g}"
            )


OLD_CELLS = {"single": "lstm", "stacked": "stacked-lstm"}
"""What the setting `cell` was called before, when it was `lstm`."""


def config_from_dict(values: Any, where: str = "the settings") -> A2CLSTMConfig:
    """Rebuilds settings from what `dataclasses.asdict` made of them, also of older versions.

    Args:
        values: As JSON keeps them.
        where: What they stand in, for messages.

    Raises:
        InputError: If a setting is missing, unknown, or cannot be used.
    """
    return from_json(A2CLSTMConfig, upgraded(values), where)


def upgraded(values: Any) -> Any:
    """Settings of older versions, with the names of this one and what is new at its default."""
    if not isinstance(values, dict):
        return values
    values = {"initial_log_std": A2CLSTMConfig.initial_log_std} | values
    if "lstm" not in values:
        return values
    named = {name: value for name, value in values.items() if name != "lstm"}
    cell = {"cell": OLD_CELLS.get(values["lstm"], values["lstm"])}
    return asdict(A2CLSTMConfig()) | named | cell
