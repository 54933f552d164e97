"""Plays the recorded actions of an evaluation again, to look at what was not recorded.

An episode is a pure function of its seed, its task and the actions. So an evaluation keeps the
actions only, a byte a step, and all else can be had again exactly, whatever its size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

from baselines.common.environments import make_vector_env
from baselines.common.errors import InputError
from baselines.evaluation.episodes import start_episodes
from baselines.evaluation.evaluate import BATCH
from baselines.evaluation.result import Evaluation
from meta_envs.core import MetaVectorEnv, TaskFamily

Family = TypeVar("Family", bound=TaskFamily)

Look = Callable[[VectorEnv[Any, Any, Any], Any, Mapping[str, Any]], NDArray[Any]]
"""Called after each step with the environment, the observations that the actions answered, and
the infos of the step. Returns what to keep, shape (num_envs, ...)."""


def played_family(evaluation: Evaluation, what: str, *kinds: type[Family]) -> Family:
    """The tasks that an evaluation was played on, as an environment for one episode holds them.

    Args:
        evaluation: Of any agent.
        what: What it is not if it is of another kind: "not a maze".
        kinds: What the family may be.

    Raises:
        InputError: If it is none of these.
    """
    inner = make_vector_env(evaluation.env_id, 1, evaluation.env_kwargs).unwrapped
    if not isinstance(inner, MetaVectorEnv) or not isinstance(inner.family, kinds):
        raise InputError(f"{evaluation.env_id} is {what}")
    return inner.family


def replay(evaluation: Evaluation, look: Look) -> NDArray[Any]:
    """Plays all episodes again, without the agent.

    Args:
        evaluation: Whose episodes and actions to play.
        look: What to keep of each step.

    Returns:
        What `look` returned, shape (episodes, steps, ...); zero past an episode's end.

    Raises:
        InputError: If the rewards are not those recorded, as in an environment whose noise does
            not follow from its seed.
    """
    blocks, rewards = [], []
    for first in range(0, len(evaluation.episodes), BATCH):
        rows = slice(first, first + BATCH)
        episodes, actions = evaluation.episodes[rows], evaluation.actions[rows]
        env = make_vector_env(evaluation.env_id, len(episodes), evaluation.env_kwargs)
        batch: Any = env.action_space
        columns = actions.swapaxes(0, 1).astype(batch.dtype)
        observation, seen, paid = start_episodes(env, episodes), [], []
        for column in columns.reshape(-1, *batch.shape):
            following, reward, _, _, infos = env.step(column)
            paid.append(reward)
            seen.append(look(env, observation, infos))
            observation = following
        env.close()
        blocks.append(np.stack(seen, axis=1))
        rewards.append(np.stack(paid, axis=1))
    played = np.arange(evaluation.actions.shape[1]) < evaluation.lengths[:, None]
    if not np.array_equal(np.concatenate(rewards) * played, evaluation.rewards):
        raise InputError(f"{evaluation.env_id} did not give the same rewards again")
    kept = np.concatenate(blocks)
    return kept * played.reshape(played.shape + (1,) * (kept.ndim - 2))
