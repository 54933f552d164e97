"""Loading any checkpoint to predict with: ours, Stable-Baselines3's, or a run's latest.

`evaluate` comes here by `resolve.py`. The agent's class, found by the file's suffix, reads the file
(`read_policy`, in the `policy.py` of its package) and makes what predicts for the environment.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gymnasium.vector import VectorEnv

from baselines.common.agent import Agent, SavedPolicy
from baselines.common.environments import make_vector_env
from baselines.common.errors import InputError
from baselines.common.run_folder import checkpoint_in
from baselines.registry import TRAINABLE


def load(
    path: str | Path,
    env: VectorEnv[Any, Any, Any] | str | None = None,
    *,
    env_kwargs: Mapping[str, Any] | None = None,
    transfer: bool = False,
) -> Agent:
    """Loads an agent to predict with. Nothing in the file is run.

    Args:
        path: A checkpoint of the A2C-LSTM (`.safetensors`), a zip of Stable-Baselines3, or a
            run's folder, of which the latest checkpoint is taken.
        env: The environment to play, or its id; None for the one that it was trained on.
        env_kwargs: Arguments for the environment, or those that it was made with.
        transfer: Whether the agent may have been trained on another environment.

    Raises:
        InputError: If the checkpoint cannot be used, or was trained on another environment and
            `transfer` is false.
    """
    path = checkpoint_in(Path(path))
    saved = _read(path)
    trained_on = _trained_on(saved)
    if env is None:
        if trained_on is None:
            raise InputError(f"{path} does not name its environment: pass `env=`")
        env, env_kwargs = trained_on
    made = make_vector_env(env, 1, env_kwargs) if isinstance(env, str) else env
    played = made.spec.id if made.spec else None, dict(env_kwargs or {})
    if trained_on is not None and not transfer and trained_on != played:
        raise InputError(
            f"{path} was trained on {_describe(*trained_on)}, not on "
            f"{_describe(*played)}: evaluate it there, or allow it with `transfer=True`"
        )
    return saved.make(made.single_observation_space, made.single_action_space)


def _read(path: Path) -> SavedPolicy:
    """Reads a checkpoint with the first agent that can, of those whose files end like this."""
    # Stable-Baselines3's save("name") writes name.zip.
    suffix, errors = path.suffix if os.path.exists(path) else ".zip", []
    for row in TRAINABLE.values():
        if row.suffix == suffix:
            try:
                return row.load().read_policy(path)
            except InputError as error:
                errors.append(error)
    if errors:
        raise errors[0]
    known = " or ".join(dict.fromkeys(row.suffix for row in TRAINABLE.values()))
    raise InputError(f"{path} is no checkpoint: one ends in {known}, or is the folder of a run")


def _trained_on(saved: SavedPolicy) -> tuple[str, dict[str, Any]] | None:
    """The environment that a checkpoint names, None if it names none."""
    # Ours note it; other people's zips name no environment.
    return None if saved.env_id is None else (saved.env_id, dict(saved.env_kwargs))


def _describe(env_id: str | None, env_kwargs: Mapping[str, Any]) -> str:
    name = env_id or "an environment without an id"
    return f"{name} with {json.dumps(dict(env_kwargs))}" if env_kwargs else name
