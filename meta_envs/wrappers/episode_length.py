"""How long the episodes of somebody's environment can be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import gymnasium as gym
from gymnasium.wrappers import TimeLimit

from meta_envs.core import MetaEnv, MetaVectorEnv


def find_episode_length(env: gym.Env[Any, Any]) -> int | None:
    """The most steps of an episode, None where nothing tells.

    The tightest time limit counts; what is inside a `MetaEpisode` ends only its trials.
    """
    known: list[int | None] = []
    while isinstance(env, gym.Wrapper):
        if isinstance(env, TimeLimit):
            # Its only word for it where the environment has no spec.
            known.append(env.get_wrapper_attr("_max_episode_steps"))
        if "episode_length" in vars(env):
            return _least([*known, vars(env)["episode_length"]])
        env = env.env
    if isinstance(env, MetaEnv):
        known.append(env.family.episode_length)
    elif env.spec is not None:
        known.append(env.spec.max_episode_steps)
    return _least(known)


def find_vector_length(env: gym.vector.VectorEnv[Any, Any, Any]) -> int | None:
    """The same for the sub-environments of a vector environment.

    Raises:
        ValueError: If they differ.
    """
    while isinstance(env, gym.vector.VectorWrapper):
        if "episode_length" in vars(env):
            return vars(env)["episode_length"]
        env = env.env
    if isinstance(env, MetaVectorEnv):
        return env.family.episode_length
    if isinstance(env, gym.vector.SyncVectorEnv):
        lengths = {find_episode_length(one) for one in env.envs}
        if len(lengths) > 1:
            raise ValueError(f"episode_length must be given, as the environments differ: {lengths}")
        return lengths.pop()
    spec = env.spec
    if spec is None or spec.additional_wrappers or "wrappers" in spec.kwargs:
        return None  # A wrapper may have changed it.
    return spec.kwargs.get("max_episode_steps", spec.max_episode_steps)


def _least(known: Iterable[int | None]) -> int | None:
    return min((length for length in known if length is not None), default=None)
