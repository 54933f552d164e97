"""Settings of the A2C-LSTM by name: the best on each environment, and the paper's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from baselines.a2c_lstm.config import A2CLSTMConfig
from baselines.common.agent import Preset
from baselines.common.errors import InputError
from baselines.common.schedule import Schedule, constant

IMAGES: dict[str, Any] = {
    "num_envs": 64,
    "num_steps": 50,
    "hidden_size": 64,
    "encoder_size": 128,
    "learning_rate": Schedule(2e-3, 0.0),
    "value_coef": 0.1,
}
"""What the best settings for images have in common."""

RARE_REWARDS: dict[str, Any] = {
    "hidden_size": 64,
    "input_gain": 8.0,
    "reward_gain": 8.0,
    "learning_rate": Schedule(4e-3, 0.0),
    "value_coef": 0.5,
}
"""What the best settings for rooms that pay once in a trial have in common."""

# What to choose depends on side, object and an earlier reward at once: from the usual small
# weights it stays at chance for far longer than from large ones. With less entropy some seeds
# learn to choose on one side only.
HARLOW_SYMBOLIC: dict[str, Any] = {
    "num_envs": 64,
    "num_steps": 100,
    "input_gain": 16.0,
    "forget_bias": 2.0,
    "learning_rate": Schedule(5e-3, 0.0),
    "discount": constant(0.8),
    "gae_lambda": 0.9,
    "entropy_coef": Schedule(0.03, 0.0),
    "value_coef": 0.1,
}

BEST: dict[str, tuple[dict[str, Any], int]] = {
    # Rewards of up to 5: with less entropy it settles for a search without asking.
    "MetaBanditInformative-v0": (
        {"num_envs": 128, "entropy_coef": Schedule(1.0, 0.0)},
        4_000_000,
    ),
    # What is done has no consequences beyond the trial, so the discount is the paper's; cut in
    # four, an episode is learnt from four times as often.
    "MetaVolatility-v0": (
        {
            "num_steps": 50,
            "input_gain": 8.0,
            "discount": constant(0.1),
            "entropy_coef": Schedule(0.02, 0.0),
        },
        8_000_000,
    ),
    # Few steps an episode: more of them at once.
    "MetaTwoStep-v0": ({"num_envs": 64, "discount": Schedule(0.8, 0.95, 0.6)}, 6_000_000),
    # 300 steps an episode: cut in three, it is learnt from three times as often. With an LSTM
    # two seeds in three learnt nothing.
    "MetaTwoStepReversal-v0": (
        {"cell": "gru", "num_steps": 100, "forget_bias": 1.0},
        12_000_000,
    ),
    # With less entropy it never gives up to respond in one way to everything. What is learnt here
    # shows in the value, which counts for more, with the paper's discount; and it takes many
    # updates: with as many steps in 600 of them values do not tell the cues apart.
    "MetaInferredValue-v0": (
        {
            "num_envs": 8,
            "initial_state": "learned",
            "input_gain": 16.0,
            "learning_rate": Schedule(4e-3, 0.0),
            "discount": constant(0.9),
            "entropy_coef": Schedule(0.3, 0.0),
            "value_coef": 0.5,
            "num_steps": 100,
        },
        3_000_000,
    ),
    # 100 to 200 steps an episode, cut as above. A bait that waits is taken some ten steps later:
    # looking further ahead only adds noise.
    "MetaMatching-v0": (
        {
            "cell": "gru",
            "num_steps": 100,
            "forget_bias": 1.0,
            "discount": Schedule(0.8, 0.9, 0.6),
        },
        12_000_000,
    ),
    # What the forced trials told decides up to 40 steps later: a GRU that keeps what it holds.
    "MetaRiskyChoice-v0": ({"cell": "gru", "num_envs": 64, "forget_bias": 1.0}, 6_000_000),
    # Fifty pairs of state and action to remember. With less entropy it settles for one action
    # in all states; the discount is low, as what comes next hardly depends on what is done.
    "MetaTabularMDP-v0": (
        {
            "hidden_size": 128,
            "input_gain": 16.0,
            "forget_bias": 2.0,
            "discount": Schedule(0.0, 0.5),
            "gae_lambda": 0.9,
            "entropy_coef": Schedule(0.4, 0.0),
        },
        120_000_000,
    ),
    "MetaGridworld-v0": ({}, 6_000_000),
    # 81 places and 4 trials in which one of them is to be found again: more units.
    "MetaDarkRoom-v0": (
        {
            "hidden_size": 96,
            "input_gain": 2.0,
            "forget_bias": 1.0,
            "entropy_coef": Schedule(0.02, 0.0),
        },
        20_000_000,
    ),
    # Two places to remember for hundreds of steps. Without chrono initialisation it only sweeps
    # the room, without a gain of the reward it takes several times as long, and with more
    # entropy it rather earns that. Once it remembers, it looks further ahead and does without.
    "MetaDarkKeyToDoor-v0": (
        RARE_REWARDS
        | {
            "hidden_size": 96,
            "num_steps": 125,
            "chrono_steps": 250,
            "discount": Schedule(0.95, 0.98),
            "gae_lambda": 0.9,
            "entropy_coef": Schedule(0.006, 0.0, 0.6),
        },
        80_000_000,
    ),
    # A goal that pays once a trial: as key-to-door, and it must look further ahead, as there is
    # more to search.
    "MetaDarkRoomHard-v0": (
        RARE_REWARDS
        | {
            "chrono_steps": 100,
            "discount": Schedule(0.9, 0.97, 0.6),
            "entropy_coef": Schedule(0.001, 0.0),
        },
        30_000_000,
    ),
    "MetaHarlowSymbolic-v0": (HARLOW_SYMBOLIC, 20_000_000),
    "MetaHarlowSymbolic6-v0": (HARLOW_SYMBOLIC, 20_000_000),
    # Smaller rollouts than from codes: images are expensive, so that there are fewer of them and
    # more is made of each.
    "MetaHarlow-v0": (
        IMAGES
        | {
            "input_gain": 6.0,
            "forget_bias": 2.0,
            "discount": constant(0.8),
            "gae_lambda": 0.9,
            "entropy_coef": Schedule(0.02, 0.0),
        },
        24_000_000,
    ),
    "MetaIMaze-v0": (
        IMAGES
        | {
            "input_gain": 3.0,
            "forget_bias": 1.0,
            "discount": Schedule(0.97, 0.99, 0.1),
            "entropy_coef": constant(0.01),
        },
        24_000_000,
    ),
    # Rewards of 10: with less entropy it always goes to the same alcove.
    "MetaIMazeGrid-v0": (
        {
            "num_steps": 100,
            "discount": Schedule(0.9, 0.97, 0.6),
            "entropy_coef": Schedule(1.0, 0.0),
        },
        10_000_000,
    ),
}
"""By environment: settings that differ from the defaults, and steps."""
BEST_TIMESTEPS = 40_000_000

# Wang et al. 2016, Table 1, reconstructed: the table itself was not at hand. The learning rate and
# the discount of the first two experiments are "tuned" there; these are the best of three tries.
PAPER = A2CLSTMConfig(
    num_envs=1,
    hidden_size=48,
    optimizer="rmsprop",
    learning_rate=constant(5e-3),
    discount=constant(0.8),
    gae_lambda=1.0,
    entropy_coef=Schedule(1.0, 0.0),
    value_coef=0.05,
    max_grad_norm=40.0,
)
PAPER_GIVEN = {"learning_rate": constant(1e-3), "discount": constant(0.8)}
# Rates that the first paper has as "tuned" are those of Wang et al. 2018 for the same experiments.
PAPER_TWO_STEP = {
    "learning_rate": constant(7e-4),
    "discount": constant(0.9),
    "entropy_coef": constant(0.05),
}
PAPER_VOLATILITY = {
    "initial_state": "learned",
    "learning_rate": constant(5e-5),
    "discount": constant(0.1),
}
PAPER_IMAGES = {
    "num_envs": 32,
    "num_steps": 100,
    "hidden_size": 256,
    "learning_rate": constant(7.5e-4),
    "discount": constant(0.91),
    "entropy_coef": constant(0.001),
    "value_coef": 0.4,
}
PAPER_BY_ENV: dict[str, dict[str, Any]] = {
    "MetaBanditInformative-v0": PAPER_GIVEN,
    "MetaBanditRestless-v0": PAPER_GIVEN,
    "MetaVolatility-v0": PAPER_VOLATILITY,
    "MetaTwoStep-v0": PAPER_TWO_STEP,
    "MetaTwoStepReversal-v0": PAPER_TWO_STEP | {"initial_state": "learned"},
    "MetaInferredValue-v0": PAPER_TWO_STEP | {"initial_state": "learned"},
    "MetaMatching-v0": PAPER_TWO_STEP | {"discount": constant(0.75), "initial_state": "learned"},
    "MetaRiskyChoice-v0": PAPER_TWO_STEP
    | {"initial_state": "learned", "cell": "actor-critic-lstm"},
    "MetaHarlow-v0": PAPER_IMAGES | {"cell": "stacked-lstm"},
    "MetaHarlowSymbolic-v0": PAPER_IMAGES,
    "MetaHarlowSymbolic6-v0": PAPER_IMAGES,
    "MetaIMaze-v0": PAPER_IMAGES | {"cell": "stacked-lstm"},
    "MetaIMazeGrid-v0": PAPER_IMAGES,
}
PAPER_EPISODES = 20_000
PAPER_TIMESTEPS = {
    "MetaVolatility-v0": 8_000_000,
    "MetaMatching-v0": 3_000_000,
    "MetaInferredValue-v0": 2_000_000,
    "MetaRiskyChoice-v0": 4_000_000,
    "MetaTwoStepReversal-v0": 3_000_000,
}
"""What Wang et al. 2018 give."""


def make_preset(name: str, env_id: str, episode_length: int | None) -> Preset:
    """The settings under a preset's name.

    Args:
        name: "best" or "paper".
        env_id: The environment, which may have settings of its own.
        episode_length: Of the environment; None if not known.

    Raises:
        InputError: If there is no such preset.
    """
    if name == "best":
        changes, steps = BEST.get(env_id, ({}, BEST_TIMESTEPS))
        return Preset(replace(A2CLSTMConfig(), **changes), steps)
    if name == "paper":
        config = replace(PAPER, **PAPER_BY_ENV.get(env_id, {}))
        steps = PAPER_TIMESTEPS.get(env_id, PAPER_EPISODES * (episode_length or 100))
        return Preset(config, steps)
    raise InputError(f"a2c-lstm has no preset {name!r}: choose best or paper")
