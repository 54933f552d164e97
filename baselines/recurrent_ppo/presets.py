"""Settings of RecurrentPPO that work best on each environment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from baselines.common.agent import Preset
from baselines.common.errors import InputError
from baselines.common.schedule import constant
from baselines.recurrent_ppo.config import RecurrentPPOConfig

DARK_ROOMS: tuple[dict[str, Any], int] = (
    {"discount": constant(0.95), "entropy_coef": constant(0.01)},
    4_000_000,
)

BEST: dict[str, tuple[dict[str, Any], int]] = {
    "MetaTabularMDP-v0": ({"hidden_size": 128}, 6_000_000),
    "MetaDarkRoom-v0": DARK_ROOMS,
    "MetaDarkRoomHard-v0": DARK_ROOMS,
    "MetaDarkKeyToDoor-v0": DARK_ROOMS,
    # A rollout is an episode of up to 900 images.
    "MetaHarlow-v0": ({"num_envs": 8}, 1_000_000),
    "MetaIMaze-v0": ({"num_envs": 8, "discount": constant(0.97)}, 1_000_000),
    # Rewards of -16 to 0, and 200 steps until time is out: advantages are scaled.
    "Pendulum-v1": (
        {
            "num_envs": 8,
            "num_steps": 200,
            "num_epochs": 10,
            "discount": constant(0.9),
            "entropy_coef": constant(0.0),
            "normalize_advantage": True,
        },
        200_000,
    ),
}
"""By environment: settings that differ from the defaults, and steps."""
BEST_TIMESTEPS = 3_000_000


def make_preset(name: str, env_id: str, episode_length: int | None) -> Preset:
    """The settings under a preset's name.

    Args:
        name: "best".
        env_id: The environment, which may have settings of its own.
        episode_length: Of the environment; no preset depends on it.

    Raises:
        InputError: If there is no such preset.
    """
    if name != "best":
        raise InputError(f"recurrent-ppo has no preset {name!r}: choose best")
    changes, steps = BEST.get(env_id, ({}, BEST_TIMESTEPS))
    return Preset(replace(RecurrentPPOConfig(), **changes), steps)
