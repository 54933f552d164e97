"""Training an agent unless it has been trained before, for studies of many runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from baselines.a2c_lstm import A2CLSTM, A2CLSTMConfig


def trained_once(
    path: Path,
    env_id: str,
    env_kwargs: Mapping[str, Any],
    config: A2CLSTMConfig,
    total_timesteps: int,
    seed: int,
) -> Path:
    """Trains an A2C-LSTM and saves it, if that has not been done before.

    A study that was stopped goes on with the runs that it lacks.

    Args:
        path: Of the checkpoint; what is there is taken to be it.
        env_id: The environment.
        env_kwargs: Its arguments.
        config: Settings of the agent.
        total_timesteps: How long to train.
        seed: Weights, tasks, noise and actions follow from it.

    Returns:
        The path.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        agent = A2CLSTM(env_id, config, seed, env_kwargs)
        agent.learn(total_timesteps)
        agent.save(path)
    return path
