"""Which actions agents and evaluations know: discrete ones, and real numbers."""

from __future__ import annotations

import math
from typing import Any

from gymnasium import spaces

from baselines.common.errors import InputError


def is_continuous(space: spaces.Space[Any]) -> bool:
    """Whether actions are real numbers: a Box, with bounds or without."""
    real = isinstance(space, spaces.Box) and space.dtype.kind == "f"
    return real and math.prod(space.shape or ()) > 0


def check_action_space(space: spaces.Space[Any], where: str) -> None:
    """Raises an InputError if actions are neither discrete nor real numbers.

    Args:
        space: Of one environment.
        where: What has these actions, for the message.
    """
    if not isinstance(space, spaces.Discrete) and not is_continuous(space):
        raise InputError(f"{where}: actions must be Discrete or a Box of real numbers, got {space}")
