"""What a measure is to be seen beside: a network that has learnt nothing, or cannot remember."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium.vector import VectorEnv

from baselines.a2c_lstm.agent import A2CLSTM
from baselines.a2c_lstm.checkpoint import Checkpoint, read_checkpoint
from baselines.a2c_lstm.policy import A2CLSTMPolicy
from baselines.common.environments import make_vector_env
from baselines.common.run_folder import checkpoint_in
from baselines.inside.recording import Recording


def untrained(
    path: str | Path, env_id: str, env_kwargs: Mapping[str, Any] | None = None, seed: int = 0
) -> A2CLSTMPolicy:
    """A network as it was before training: the settings of a checkpoint, weights newly drawn.

    Args:
        path: A checkpoint of the A2C-LSTM, or a run's folder.
        env_id: The environment to play.
        env_kwargs: Arguments for it.
        seed: Of the weights. That of the training gives the very network it began with.

    Raises:
        InputError: If the file is no such checkpoint.
    """
    config = replace(_read(path).metadata.config, device="cpu", num_envs=1, num_steps=1)
    return A2CLSTM(make_vector_env(env_id, 1, env_kwargs), config, seed).policy


def without_memory(
    path: str | Path, env_id: str, env_kwargs: Mapping[str, Any] | None = None
) -> A2CLSTMPolicy:
    """A trained network whose state is reset before every step: what its inputs alone tell.

    Args:
        path: A checkpoint of the A2C-LSTM, or a run's folder.
        env_id: The environment to play.
        env_kwargs: Arguments for it.

    Raises:
        InputError: If the file is no such checkpoint, or does not fit the environment.
    """
    checkpoint = _read(path)
    config = replace(checkpoint.metadata.config, device="cpu", memory=False)
    env: VectorEnv[Any, Any, Any] = make_vector_env(env_id, 1, env_kwargs)
    policy = A2CLSTMPolicy(env.single_observation_space, env.single_action_space, config)
    policy.load_weights(checkpoint)
    return policy


def shuffled(recording: Recording) -> Recording:
    """The same, but with each episode's activity taken for that of the episode before.

    Episodes are drawn independently, so that of the task nothing can be read any more; the course
    of time can.
    """
    activity, logits, values = (
        None if part is None else np.roll(part, -1, axis=0)
        for part in (recording.activity, recording.logits, recording.values)
    )
    assert activity is not None
    return replace(recording, activity=activity, logits=logits, values=values)


def _read(path: str | Path) -> Checkpoint:
    return read_checkpoint(checkpoint_in(Path(path)))
