"""Settings of RecurrentPPO that work best on each environment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from baselines.common.agent import Preset
from baselines.common.errors import InputError
from baselines.common.schedule import Schedule, constant
from baselines.recurrent_ppo.config import RecurrentPPOConfig

UNTUNED: dict[str, Any] = {
    "num_epochs": 4,
    "critic_lstm": "shared",
    "learning_rate": Schedule(2e-3, 0.0),
    "discount": constant(0.8),
    "entropy_coef": constant(0.03),
    "value_coef": 0.5,
}
"""The defaults before schedules came, for what has not been tried with those of today."""

# As with the A2C-LSTM: one goal, or a key and a door, that pay once in a trial. What a reward
# came with must be held for hundreds of steps, and all but the reward itself is small.
RARE_REWARDS: dict[str, Any] = {
    "num_envs": 64,
    "hidden_size": 64,
    "input_gain": 8.0,
    "reward_gain": 8.0,
    "learning_rate": Schedule(4e-3, 0.0),
    "value_coef": 0.25,
}

# What to choose depends on side, object and an earlier reward at once: from the usual small
# weights it stays at chance for far longer than from large ones.
HARLOW_SYMBOLIC: dict[str, Any] = {
    "num_steps": 100,
    "input_gain": 16.0,
    "forget_bias": 2.0,
    "learning_rate": Schedule(5e-3, 0.0),
    "discount": constant(0.8),
    "gae_lambda": 0.9,
    "entropy_coef": Schedule(0.03, 0.0),
    "value_coef": 0.05,
}

BEST: dict[str, tuple[dict[str, Any], int]] = {
    # Five steps an episode: more of them at once. Rewards of up to 5: with less entropy it
    # settles for a search without asking.
    "MetaBanditInformative-v0": (
        {"num_envs": 512, "entropy_coef": Schedule(1.0, 0.0)},
        4_000_000,
    ),
    # What is done has no consequences beyond the trial, so the discount is the paper's.
    "MetaVolatility-v0": (
        {
            "num_steps": 50,
            "input_gain": 8.0,
            "discount": constant(0.1),
            "entropy_coef": Schedule(0.02, 0.0),
        },
        8_000_000,
    ),
    "MetaTwoStep-v0": ({"discount": Schedule(0.8, 0.95, 0.6)}, 6_000_000),
    # 300 steps an episode: cut in three, it is learnt from three times as often. In 5 M steps the
    # one seed tried learnt to respond and not what to choose, as most do with an LSTM.
    "MetaTwoStepReversal-v0": ({"num_steps": 100, "forget_bias": 1.0}, 12_000_000),
    # It takes many updates, and with less entropy it never gives up to respond in one way to
    # everything. What is learnt here shows in the value, which counts for more.
    "MetaInferredValue-v0": (
        {
            "num_envs": 16,
            "num_steps": 100,
            "input_gain": 16.0,
            "learning_rate": Schedule(4e-3, 0.0),
            "discount": constant(0.9),
            "entropy_coef": Schedule(0.3, 0.0),
            "value_coef": 0.25,
        },
        3_000_000,
    ),
    # A bait that waits is taken some ten steps later: looking further ahead only adds noise.
    "MetaMatching-v0": (
        {"num_steps": 100, "forget_bias": 1.0, "discount": Schedule(0.8, 0.9, 0.6)},
        12_000_000,
    ),
    # What the forced trials told decides up to 40 steps later.
    "MetaRiskyChoice-v0": ({"forget_bias": 1.0}, 6_000_000),
    # As with the A2C-LSTM: with less entropy it settles for one action in all states.
    "MetaTabularMDP-v0": (
        {
            "hidden_size": 128,
            "input_gain": 16.0,
            "forget_bias": 2.0,
            "discount": Schedule(0.0, 0.5),
            "gae_lambda": 0.9,
            "entropy_coef": Schedule(0.4, 0.0),
        },
        30_000_000,
    ),
    "MetaGridworld-v0": ({}, 6_000_000),
    "MetaDarkRoom-v0": ({"forget_bias": 1.0}, 16_000_000),
    "MetaDarkKeyToDoor-v0": (
        RARE_REWARDS
        | {
            "num_steps": 125,
            "chrono_steps": 250,
            "discount": constant(0.95),
            "gae_lambda": 0.9,
            "entropy_coef": Schedule(0.006, 0.0),
        },
        20_000_000,
    ),
    "MetaDarkRoomHard-v0": (
        RARE_REWARDS
        | {
            "chrono_steps": 100,
            "discount": Schedule(0.9, 0.97, 0.6),
            "entropy_coef": Schedule(0.001, 0.0),
        },
        20_000_000,
    ),
    "MetaHarlowSymbolic-v0": (HARLOW_SYMBOLIC, 14_000_000),
    "MetaHarlowSymbolic6-v0": (HARLOW_SYMBOLIC, 14_000_000),
    # A rollout is an episode of up to 900 images.
    "MetaHarlow-v0": (UNTUNED | {"num_envs": 8}, 1_000_000),
    "MetaIMaze-v0": (UNTUNED | {"num_envs": 8, "discount": constant(0.97)}, 1_000_000),
    # Rewards of 10: with less entropy it always goes to the same alcove.
    "MetaIMazeGrid-v0": (
        {
            "num_steps": 100,
            "discount": Schedule(0.9, 0.97, 0.6),
            "entropy_coef": Schedule(1.0, 0.0),
        },
        12_000_000,
    ),
    # Rewards of -16 to 0, and 200 steps until time is out: advantages are scaled.
    "Pendulum-v1": (
        UNTUNED
        | {
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
"""By environment: settings that differ from the defaults, and steps. Most are the A2C-LSTM's, with
its cell an LSTM and its value loss not halved."""
BEST_TIMESTEPS = 20_000_000


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
