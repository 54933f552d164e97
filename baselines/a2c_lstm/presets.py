"""Settings by name: the ones that work best on each environment, and the paper's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from baselines.a2c_lstm.config import A2CLSTMConfig, Schedule, constant
from baselines.common.errors import InputError
from baselines.recurrent_ppo.config import RecurrentPPOConfig

AGENTS = {
    "a2c-lstm": "the paper's agent: advantage actor-critic on an LSTM",
    "recurrent-ppo": "sb3-contrib's RecurrentPPO",
}
"""Agents that can be trained."""


class Preset(NamedTuple):
    """Settings of an agent and how long to train it."""

    config: A2CLSTMConfig | RecurrentPPOConfig
    total_timesteps: int


SIGHT: dict[str, Any] = {
    "num_envs": 64,
    "num_steps": 50,
    "hidden_size": 64,
    "encoder_size": 128,
    "learning_rate": Schedule(2e-3, 0.0),
    "value_coef": 0.1,
}
"""What the best settings for pictures have in common."""

RARE_REWARDS: dict[str, Any] = {
    "hidden_size": 64,
    "input_gain": 8.0,
    "reward_gain": 8.0,
    "learning_rate": Schedule(4e-3, 0.0),
    "value_coef": 0.5,
}
"""What the best settings for rooms that pay once in a trial have in common."""

DARK_ROOMS: tuple[dict[str, Any], int] = {"discount": 0.95, "entropy_coef": 0.01}, 4_000_000
"""RecurrentPPO's settings and steps for all of them."""

BEST: dict[str, dict[str, tuple[dict[str, Any], int]]] = {
    "a2c-lstm": {
        # Rewards of up to 5: with less entropy it settles for a search without asking.
        "MetaBanditInformative-v0": (
            {"num_envs": 128, "entropy_coef": Schedule(1.0, 0.0)},
            4_000_000,
        ),
        # Few steps an episode: more of them at once.
        "MetaTwoStep-v0": ({"num_envs": 64, "discount": Schedule(0.8, 0.95, 0.6)}, 6_000_000),
        # 300 steps an episode: cut in three, it is learnt from three times as often. Without a
        # forget bias, or with twice the environments, one seed in three learnt nothing.
        "MetaTwoStepReversal-v0": ({"num_steps": 100, "forget_bias": 1.0}, 12_000_000),
        # Fifty pairs of state and action to remember. With less entropy it settles for one action
        # in all states; the discount is low, as what comes next hardly hangs on what is done.
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
        "MetaDarkRoom-v0": ({"forget_bias": 1.0}, 20_000_000),
        # Two places to remember for hundreds of steps. Without chrono initialisation it only sweeps
        # the room, without a gain of the reward it takes several times as long, and with more
        # entropy it rather earns that.
        "MetaDarkKeyToDoor-v0": (
            RARE_REWARDS
            | {
                "num_steps": 125,
                "chrono_steps": 250,
                "discount": constant(0.95),
                "gae_lambda": 0.9,
                "entropy_coef": Schedule(0.006, 0.0),
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
        # What to choose hangs on side, object and an earlier reward at once: from the usual small
        # weights it stays at chance for far longer than from large ones. With less entropy some
        # seeds learn to choose on one side only.
        "MetaHarlowSymbolic-v0": (
            {
                "num_envs": 64,
                "num_steps": 100,
                "input_gain": 16.0,
                "forget_bias": 2.0,
                "learning_rate": Schedule(5e-3, 0.0),
                "discount": constant(0.8),
                "gae_lambda": 0.9,
                "entropy_coef": Schedule(0.03, 0.0),
                "value_coef": 0.1,
            },
            20_000_000,
        ),
        # Smaller rollouts than from codes: pictures are dear, so that there are fewer of them and
        # more is made of each.
        "MetaHarlow-v0": (
            SIGHT
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
            SIGHT
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
    },
    "recurrent-ppo": {
        "MetaTabularMDP-v0": ({"hidden_size": 128}, 6_000_000),
        "MetaDarkRoom-v0": DARK_ROOMS,
        "MetaDarkRoomHard-v0": DARK_ROOMS,
        "MetaDarkKeyToDoor-v0": DARK_ROOMS,
        # A rollout is an episode of up to 900 pictures.
        "MetaHarlow-v0": ({"num_envs": 8}, 1_000_000),
        "MetaIMaze-v0": ({"num_envs": 8, "discount": 0.97}, 1_000_000),
    },
}
"""By agent and environment: settings that differ from the agent's defaults, and steps."""

BEST_TIMESTEPS = {"a2c-lstm": 40_000_000, "recurrent-ppo": 3_000_000}

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
PAPER_SIGHT = {
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
    "MetaTwoStep-v0": PAPER_TWO_STEP,
    "MetaTwoStepReversal-v0": PAPER_TWO_STEP | {"initial_state": "learned"},
    "MetaHarlow-v0": PAPER_SIGHT | {"lstm": "stacked"},
    "MetaHarlowSymbolic-v0": PAPER_SIGHT,
    "MetaIMaze-v0": PAPER_SIGHT | {"lstm": "stacked"},
    "MetaIMazeGrid-v0": PAPER_SIGHT,
}
PAPER_EPISODES = 20_000


def make_preset(agent: str, name: str, env_id: str, episode_length: int | None) -> Preset:
    """The settings of an agent under a preset's name.

    Args:
        agent: One of `AGENTS`.
        name: "best", or "paper" for the A2C-LSTM.
        env_id: The environment, which may have settings of its own.
        episode_length: Of the environment; None if not known.

    Raises:
        InputError: If there is no such agent or preset.
    """
    if agent not in AGENTS:
        raise InputError(f"there is no agent {agent!r} to train: choose {' or '.join(AGENTS)}")
    if name == "best":
        changes, steps = BEST[agent].get(env_id, ({}, BEST_TIMESTEPS[agent]))
        if agent == "a2c-lstm":
            return Preset(replace(A2CLSTMConfig(), **changes), steps)
        return Preset(replace(RecurrentPPOConfig(), **changes), steps)
    if name == "paper" and agent == "a2c-lstm":
        config = replace(PAPER, **PAPER_BY_ENV.get(env_id, {}))
        return Preset(config, PAPER_EPISODES * (episode_length or 100))
    raise InputError(f"{agent} has no preset {name!r}: choose best (or paper, for a2c-lstm)")
