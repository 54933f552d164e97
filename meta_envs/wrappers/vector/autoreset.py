"""When a vector environment resets what is over."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
from gymnasium.vector import AutoresetMode


def find_autoreset_mode(env: gym.vector.VectorEnv[Any, Any, Any]) -> AutoresetMode:
    """The autoreset mode of a vector environment.

    Raises:
        ValueError: If it does not tell.
    """
    inner: Any = env
    while isinstance(inner, gym.vector.VectorWrapper) and "autoreset_mode" not in vars(inner):
        inner = inner.env
    # The attribute first: Gymnasium 1.1 shares the metadata among all environments of a class.
    mode = getattr(inner, "autoreset_mode", None) or inner.metadata.get("autoreset_mode")
    if not isinstance(mode, AutoresetMode):
        raise ValueError(f"env.metadata['autoreset_mode'] must be an AutoresetMode, got {mode}")
    return mode
