"""The trained agents that are included, each with its card: `baselines/trained/ENV/AGENT`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gymnasium.vector import VectorEnv

from baselines.common.agent import TrainableAgent
from baselines.common.environments import bare_id
from baselines.common.errors import InputError
from baselines.common.files import read_json
from baselines.registry import TRAINABLE, trainable

TRAINED = Path(__file__).parents[1] / "trained"
"""The folder that they are in."""
FOLDER = "META_ENVS_TRAINED"
"""An environment variable that names another folder, as `publish` makes it."""
CARD = "card.json"
"""What each says of itself: see `baselines.training.publish`."""
NAME = "pretrained"
"""What the command line calls them; `pretrained:AGENT` for other agents than the first."""
FIRST = "a2c-lstm"
"""The agent that is meant where none is named."""


def trained_folder() -> Path:
    """The folder of the agents in use."""
    return Path(os.environ.get(FOLDER, TRAINED))


def is_pretrained(agent: str) -> bool:
    """Whether an agent's name is that of an included one."""
    return agent.partition(":")[0] == NAME


def pretrained_agent(agent: str) -> str:
    """Which trained agent is meant by `pretrained`, or by `pretrained:AGENT`."""
    return agent.partition(":")[2] or FIRST


def pretrained_path(env_id: str, agent: str = FIRST) -> Path:
    """The checkpoint of an included agent.

    Args:
        env_id: The environment.
        agent: A name of `baselines.registry.TRAINABLE`.

    Raises:
        InputError: If none is included; the message names those that are.
    """
    suffix = trainable(agent).suffix
    path = trained_folder() / bare_id(env_id) / agent / f"model{suffix}"
    if path.is_file():
        return path
    others = [env for env, other in included() if other == agent]
    if not others:
        raise InputError(f"no trained {agent} is included here: train one with the command train")
    raise InputError(
        f"no trained {agent} is included for {bare_id(env_id)}: there are those for "
        f"{', '.join(others)}"
    )


def included() -> Iterator[tuple[str, str]]:
    """Environments and agents of all that are included, by name."""
    for folder in sorted(trained_folder().glob("*/*")):
        if folder.name in TRAINABLE and any(folder.glob("model.*")):
            yield folder.parent.name, folder.name


def read_card(env_id: str, agent: str = FIRST) -> dict[str, Any]:
    """What is known of an included agent: how it was trained, and what it scores.

    Raises:
        InputError: If none is included, or its card cannot be read.
    """
    return read_json(pretrained_path(env_id, agent).with_name(CARD))


def load_pretrained(
    env_id: str, agent: str = FIRST, env: VectorEnv[Any, Any, Any] | str | None = None
) -> TrainableAgent:
    """Loads an included agent, to predict with or to train on.

    The optimiser of an A2C-LSTM starts anew: its state is not included.

    Args:
        env_id: The environment it was trained on.
        agent: A name of `baselines.registry.TRAINABLE`.
        env: The environment to learn in, or its id; None for the one it was trained on.

    Raises:
        InputError: If none is included, or it does not fit `env`.
    """
    return trainable(agent).load(pretrained_path(env_id, agent), env)
