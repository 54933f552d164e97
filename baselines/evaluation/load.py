"""Loading any checkpoint for prediction: ours, Stable-Baselines3's, or a run's latest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gymnasium.vector import VectorEnv

from baselines.a2c_lstm import A2CLSTM
from baselines.a2c_lstm.checkpoint import read_facts
from baselines.common.agent import Agent
from baselines.common.errors import InputError
from baselines.common.run_folder import RunFolder
from baselines.recurrent_ppo.checkpoint import load_policy, read_data


def load_checkpoint(
    path: Path,
    env: VectorEnv[Any, Any, Any],
    env_id: str,
    env_kwargs: Mapping[str, Any],
    transfer: bool = False,
) -> Agent:
    """Loads an agent to predict with. Nothing in the file is run.

    Args:
        path: A checkpoint of the A2C-LSTM (`.safetensors`), a zip of Stable-Baselines3, or a
            run's folder, of which the latest checkpoint is taken.
        env: The environment to play.
        env_id: Its id.
        env_kwargs: Arguments it was made with.
        transfer: Whether the agent may have been trained on another environment.

    Raises:
        InputError: If the checkpoint cannot be used, or was trained on another environment and
            `transfer` is false.
    """
    if path.is_dir():
        latest = RunFolder.open(path)[0].latest_checkpoint()
        if latest is None:
            raise InputError(f"{path} holds no checkpoint yet: go on with --resume {path}")
        path = latest
    trained_on = _trained_on(path)
    if trained_on is not None and not transfer and trained_on != (env_id, dict(env_kwargs)):
        raise InputError(
            f"{path} was trained on {_describe(*trained_on)}, not on "
            f"{_describe(env_id, env_kwargs)}: evaluate it there, or allow it with --transfer"
        )
    if path.suffix == ".zip":
        return load_policy(path, env.single_observation_space, env.single_action_space)
    return A2CLSTM.load(path, env)


def _describe(env_id: str, env_kwargs: Mapping[str, Any]) -> str:
    return f"{env_id} with {json.dumps(dict(env_kwargs))}" if env_kwargs else env_id


def _trained_on(path: Path) -> tuple[str, dict[str, Any]] | None:
    """The environment that a checkpoint names, None if it names none."""
    facts = read_data(path) if path.suffix == ".zip" else read_facts(path)
    # RecurrentPPOAgent notes it in its zips; other people's name no environment.
    env_id, env_kwargs = facts.get("env_id"), facts.get("env_kwargs")
    return (env_id, dict(env_kwargs or {})) if isinstance(env_id, str) else None
