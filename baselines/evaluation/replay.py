"""Plays the recorded actions of an evaluation again, to look at what was not recorded.

An episode is a pure function of its seed, its task and the actions. So an evaluation keeps the
actions only, a byte a step, and all else can be had again exactly, whatever its size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

from baselines.common.environments import make_vector_env
from baselines.common.errors import InputError
from baselines.evaluation.episodes import BATCH, start_episodes
from baselines.evaluation.result import Evaluation
from meta_envs.core import MetaVectorEnv, TaskFamily

Family = TypeVar("Family", bound=TaskFamily)
T = TypeVar("T")

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


class Step(NamedTuple):
    """One step of a batch of episodes that are played again.

    Attributes:
        env: The environment, as the step has left it.
        episodes: Which of the evaluation's episodes are in the batch, in order.
        starts: Whether it is the first step of these episodes: all of a batch begin together.
        observation: What the actions answered.
        actions: Of each episode, as the environment takes them.
        rewards: What they paid, shape (batch,).
        infos: Of the step.
    """

    env: VectorEnv[Any, Any, Any]
    episodes: slice
    starts: bool
    observation: Any
    actions: NDArray[Any]
    rewards: NDArray[np.float64]
    infos: Mapping[str, Any]


def replayed_steps(
    evaluation: Evaluation, env_kwargs: Mapping[str, Any] | None = None
) -> Iterator[Step]:
    """Plays all episodes again, without the agent, batch by batch and step by step.

    What is past an episode's end is played too, and means nothing.

    Args:
        evaluation: Whose episodes and actions to play.
        env_kwargs: Arguments for the environment where others than those of the evaluation are
            to be taken, such as more `inputs`; tasks and noise must follow from the same seeds.

    Raises:
        InputError: If the rewards are not those recorded, as in an environment whose noise does
            not follow from its seed.
    """
    kwargs = evaluation.env_kwargs if env_kwargs is None else env_kwargs
    for first in range(0, len(evaluation.episodes), BATCH):
        episodes = evaluation.episodes[first : first + BATCH]
        rows = slice(first, first + len(episodes))
        env = make_vector_env(evaluation.env_id, len(episodes), kwargs)
        batch: Any = env.action_space
        columns = evaluation.actions[rows].swapaxes(0, 1).astype(batch.dtype)
        observation = start_episodes(env, episodes)
        for step, column in enumerate(columns.reshape(-1, *batch.shape)):
            following, rewards, _, _, infos = env.step(column)
            played = step < evaluation.lengths[rows]
            if not np.array_equal(rewards * played, evaluation.rewards[rows, step]):
                raise InputError(f"{evaluation.env_id} did not give the same rewards again")
            yield Step(env, rows, step == 0, observation, column, rewards, infos)
            observation = following
        env.close()


def replay(evaluation: Evaluation, look: Look) -> NDArray[Any]:
    """Plays all episodes again, without the agent.

    Args:
        evaluation: Whose episodes and actions to play.
        look: What to keep of each step.

    Returns:
        What `look` returned, shape (episodes, steps, ...); zero past an episode's end.

    Raises:
        InputError: If the rewards are not those recorded; see `replayed_steps`.
    """
    steps = replayed_steps(evaluation)
    seen = ((step, look(step.env, step.observation, step.infos)) for step in steps)
    return by_episode(evaluation, by_batch(seen))


def by_batch(seen: Iterable[tuple[Step, T]]) -> list[list[T]]:
    """What was kept of each step, in a list for each batch of episodes."""
    batches: list[list[T]] = []
    for step, kept in seen:
        if step.starts:
            batches.append([])
        batches[-1].append(kept)
    return batches


def by_episode(evaluation: Evaluation, blocks: Sequence[Sequence[NDArray[Any]]]) -> NDArray[Any]:
    """What was kept of each step of each batch, shape (episodes, steps, ...); zero past an end."""
    kept = np.concatenate([np.stack(block, axis=1) for block in blocks])
    return kept * evaluation.played.reshape(evaluation.played.shape + (1,) * (kept.ndim - 2))
