"""The episodes of an evaluation: which they are, and keeping them to play again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from gymnasium.vector import SyncVectorEnv, VectorEnv

from baselines.common.environments import (
    bare_id,
    check_saved_env,
    derive_seeds,
    make_vector_env,
)
from baselines.common.errors import InputError
from baselines.common.files import read_json, write_json
from baselines.common.schema import from_json
from meta_envs.core import MetaVectorEnv
from meta_envs.core.checks import shown

BATCH = 1_000
"""Episodes played side by side."""


class Episode(NamedTuple):
    """One episode of an evaluation.

    Attributes:
        seed: Of its sub-environment; task and noise follow from it.
        task: A task to play instead, as JSON, with the noise of the seed.
    """

    seed: int
    task: str | None = None


def draw_episodes(
    seed: int, count: int, tasks: Sequence[Mapping[str, Any]] | None = None
) -> list[Episode]:
    """Fresh episodes, the same ones for the same seed.

    Args:
        seed: Their seeds follow from it.
        count: How many; of a smaller count are the first ones.
        tasks: To play in turn, instead of what the seeds give.

    Raises:
        InputError: If there are no tasks among those given, or one cannot be written as JSON.
    """
    if tasks is not None and not tasks:
        raise InputError("`tasks` must name at least one task, got none")
    texts = [None] if tasks is None else [_text(task) for task in tasks]
    seeds = derive_seeds(seed, "evaluation", count)
    return [Episode(one, texts[index % len(texts)]) for index, one in enumerate(seeds)]


def _text(task: Mapping[str, Any]) -> str:
    """A task as JSON, its arrays as lists."""
    try:
        return json.dumps(dict(task), default=lambda value: value.tolist())
    except (TypeError, ValueError, AttributeError):
        raise InputError(
            f"`tasks` must be a list of dicts that JSON can hold, got {shown(task)} in it"
        ) from None


def parse_tasks(text: str | None) -> list[dict[str, Any]] | None:
    """Reads tasks from JSON: a list of them, or a single one; None of None.

    Raises:
        InputError: If the text is neither.
    """
    if text is None:
        return None
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        read = None
    tasks = [read] if isinstance(read, dict) else read
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        raise InputError(
            '`tasks` must be a JSON object such as {"probabilities": [0.9, 0.1]}, or a list of '
            f"them, got {shown(text)}"
        )
    return tasks


def start_episodes(env: VectorEnv[Any, Any, Any], episodes: Sequence[Episode]) -> Any:
    """Starts one episode in every sub-environment and returns the first observations.

    Raises:
        InputError: If an episode's task does not fit the environment, or it takes none.
    """
    seeds: Any = [episode.seed for episode in episodes]
    if all(episode.task is None for episode in episodes):
        return env.reset(seed=seeds)[0]
    if not _names_tasks(env):
        name = "this environment" if env.spec is None else env.spec.id
        raise InputError(f"{name} takes no `tasks`: those of meta_envs do, and `TaskDistribution`")
    tasks = [None if e.task is None else json.loads(e.task) for e in episodes]
    try:
        if isinstance(env.unwrapped, MetaVectorEnv):
            return env.reset(seed=seeds, options={"tasks": tasks})[0]
        return _reset_one_by_one(env, seeds, tasks)
    except ValueError as error:
        raise InputError(str(error)) from error


def _reset_one_by_one(
    env: VectorEnv[Any, Any, Any], seeds: Any, tasks: Sequence[dict[str, Any] | None]
) -> Any:
    """Starts given tasks where all sub-environments are reset with the same options."""
    observation, _ = env.reset(seed=seeds)
    for index, task in enumerate(tasks):
        if task is not None:
            mask = np.arange(env.num_envs) == index
            observation, _ = env.reset(seed=seeds, options={"reset_mask": mask, "task": task})
    return observation


def has_tasks(env_id: str, env_kwargs: Mapping[str, Any]) -> bool:
    """Whether an environment can name its tasks, so that its episodes can be saved.

    Those of `meta_envs` can, and those in its wrapper `TaskDistribution`.
    """
    return _names_tasks(make_vector_env(env_id, 1, env_kwargs))


def _names_tasks(env: VectorEnv[Any, Any, Any]) -> bool:
    inner = env.unwrapped
    if isinstance(inner, SyncVectorEnv):
        return all(inner.call("has_wrapper_attr", "keeps_task"))
    return isinstance(inner, MetaVectorEnv)


def tasks_of(
    env_id: str, env_kwargs: Mapping[str, Any], episodes: Sequence[Episode]
) -> list[dict[str, Any]]:
    """The task of each episode.

    Raises:
        InputError: If the environment cannot name its tasks.
    """
    found: list[dict[str, Any]] = []
    for first in range(0, len(episodes), BATCH):
        block = episodes[first : first + BATCH]
        env = make_vector_env(env_id, len(block), env_kwargs)
        if not _names_tasks(env):
            raise InputError(f"{env_id} has no tasks that could be saved")
        start_episodes(env, block)
        inner: Any = env.unwrapped
        found += inner.tasks if isinstance(inner, MetaVectorEnv) else inner.get_attr("task")
        env.close()
    return found


def save_episodes(
    path: Path,
    env_id: str,
    env_kwargs: Mapping[str, Any],
    episodes: Sequence[Episode],
    actions: Mapping[str, Sequence[Sequence[Any]]] | None = None,
) -> None:
    """Writes episodes with their tasks as JSON, to be played again by another agent.

    Args:
        path: The file.
        env_id: The environment.
        env_kwargs: Arguments it was made with.
        episodes: Which they are.
        actions: What each agent has done in each of them, by its name;
            `baselines.evaluation.recorded` plays it again.

    Raises:
        InputError: If the environment cannot name its tasks.
    """
    tasks = tasks_of(env_id, env_kwargs, episodes)
    played = [
        {"seed": episode.seed, "task": task} for episode, task in zip(episodes, tasks, strict=True)
    ]
    saved = {"env": bare_id(env_id), "env_kwargs": env_kwargs, "episodes": played}
    write_json(path, saved | {"actions": actions or {}})


def read_episodes(path: Path) -> tuple[str, dict[str, Any], list[Episode]]:
    """Reads what `save_episodes` wrote.

    Returns:
        The environment's id, its arguments, and the episodes.

    Raises:
        InputError: If the file holds no episodes, or is damaged.
    """
    saved = _read(path)
    episodes = [Episode(one.seed, json.dumps(one.task)) for one in saved.episodes]
    return saved.env, saved.env_kwargs, episodes


def read_actions(path: Path) -> dict[str, list[list[int | list[float]]]]:
    """Reads what each agent did in each of the episodes, by its name; empty if nobody kept it.

    Discrete actions are numbers, continuous ones lists of them.

    Raises:
        InputError: If the file holds no episodes, or is damaged.
    """
    return _read(path).actions


def _read(path: Path) -> SavedEpisodes:
    # Files that were written before actions were kept lack them.
    return from_json(SavedEpisodes, {"actions": {}} | read_json(path), str(path))


@dataclass(frozen=True)
class SavedEpisode:
    """An episode as it stands in a file."""

    seed: int
    task: dict[str, Any]

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise InputError(f"`seed` must be at least 0, got {self.seed}")


@dataclass(frozen=True)
class SavedEpisodes:
    """What `save_episodes` writes.

    Raises:
        InputError: If a value cannot be used.
    """

    env: str
    env_kwargs: dict[str, Any]
    episodes: list[SavedEpisode]
    actions: dict[str, list[list[int | list[float]]]]

    def __post_init__(self) -> None:
        check_saved_env(self.env, self.env_kwargs)
        if not self.episodes:
            raise InputError("it holds no episodes to play again")
        for name, rows in self.actions.items():
            if len(rows) != len(self.episodes) or not all(rows):
                raise InputError(f"the actions of {name!r} do not fit the episodes")
