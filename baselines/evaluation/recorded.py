"""Recorded actions, played again: a person's, or an agent's of another day, beside all others.

What `save_episodes` wrote, by `evaluate --out` or `play --out`, may hold the actions of the agents
that have played its episodes. Played again, they give an `Evaluation` like any other.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from baselines.common.environments import make_vector_env
from baselines.common.errors import InputError
from baselines.evaluation.episodes import Episode, read_actions, read_episodes
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.result import Evaluation

RECORDED = "recorded"
"""Names all agents whose actions a file holds; `recorded:NAME` is one of them."""


class RecordedAgent:
    """Takes the actions that have been recorded, whatever it sees.

    It must be asked for its episodes in their order, those of a batch side by side, as `evaluate`
    and `record` do; after the last comes the first.

    Args:
        actions: Of each episode: numbers, or flat lists of them where they are continuous.
        space: Of continuous actions.
    """

    def __init__(self, actions: Sequence[Sequence[Any]], space: spaces.Box | None = None) -> None:
        self.lengths = np.array([len(row) for row in actions])
        shape, kind = ((), np.int64) if space is None else (space.shape, space.dtype)
        self.actions = np.zeros((len(actions), self.lengths.max(), *shape), kind)
        for row, taken in zip(self.actions, actions, strict=True):
            row[: len(taken)] = np.reshape(taken, (-1, *shape))
            row[len(taken) :] = row[len(taken) - 1]  # Never played: the episode is over.
        self._next = 0

    def predict(
        self,
        observation: Any,
        state: tuple[Any, ...] | None = None,
        episode_start: NDArray[np.bool_] | None = None,
        deterministic: bool = False,
    ) -> tuple[NDArray[Any], tuple[Any, ...]]:
        """The actions of the next step; see `baselines.common.agent.Agent`.

        Raises:
            InputError: If none of the episodes should have gone on for so long.
        """
        if state is None:
            count = 1 if episode_start is None else len(episode_start)
            rows = self._next + np.arange(count)
            # A batch may be filled up with episodes that do not count.
            self._next = int(rows[-1]) + 1 if rows[-1] + 1 < len(self.actions) else 0
            state = rows % len(self.actions), 0
        rows, step = state
        if step >= self.lengths[rows].max():
            raise InputError("the episodes went on for longer than was recorded")
        return self.actions[rows, step], (rows, step + 1)


def is_recorded(agent: str) -> bool:
    """Whether this names recorded actions: "recorded" or "recorded:NAME"."""
    return agent.partition(":")[0] == RECORDED


def recorded_agents(
    path: Path | None, agent: str = RECORDED, env_id: str | None = None
) -> dict[str, RecordedAgent]:
    """The agents whose actions a file holds, by their names as in "recorded:human".

    Args:
        path: What `save_episodes` wrote.
        agent: "recorded" for all, "recorded:NAME" for one.
        env_id: The environment as the user names it, where another package registers it.

    Raises:
        InputError: If there are no such actions, or they do not fit the episodes.
    """
    if path is None:
        raise InputError(f"`agent={agent}` plays what a file holds: give `replay=` as well")
    saved_id, env_kwargs, _ = read_episodes(path)
    saved, wanted = read_actions(path), agent.partition(":")[2]
    if not saved or (wanted and wanted not in saved):
        there = f"those of {', '.join(saved)} only" if saved else "none at all"
        raise InputError(f"{path} does not hold the actions of {agent!r}: there are {there}")
    space = make_vector_env(env_id or saved_id, 1, env_kwargs).single_action_space
    found = {}
    for name in [wanted] if wanted else saved:
        if not all(_is_action(space, one) for one in itertools.chain(*saved[name])):
            raise InputError(f"{path}: the actions of {name!r} are none of {saved_id}")
        box = space if isinstance(space, spaces.Box) else None
        found[f"{RECORDED}:{name}"] = RecordedAgent(saved[name], box)
    return found


def _is_action(space: spaces.Space[Any], saved: int | list[float]) -> bool:
    """Whether what stands in a file is an action of a space."""
    if isinstance(space, spaces.Discrete):
        return isinstance(saved, int) and space.start <= saved < space.start + space.n
    if not isinstance(saved, list) or len(saved) != math.prod(space.shape or ()):
        return False
    return all(math.isfinite(number) for number in saved)


def evaluate_recorded(
    agent: RecordedAgent,
    name: str,
    env_id: str,
    episodes: Sequence[Episode],
    seed: int = 0,
    env_kwargs: Mapping[str, Any] | None = None,
    progress: Callable[[float], Any] | None = None,
) -> Evaluation:
    """Plays recorded actions as `evaluate` plays an agent.

    Args:
        agent: Holds the actions.
        name: What the evaluation calls it.
        env_id: The environment.
        episodes: That the actions are of.
        seed: What the episodes' seeds were derived from.
        env_kwargs: Arguments for the environment.
        progress: Called with the number of episodes played so far.

    Raises:
        InputError: If the episodes are not as long as recorded.
    """
    evaluation = evaluate(agent, env_id, episodes, seed, env_kwargs, progress=progress)
    if not np.array_equal(evaluation.lengths, agent.lengths):
        raise InputError(f"the episodes of {env_id} were not as long as recorded")
    return replace(evaluation, agent=name)


def read_evaluations(path: Path, agent: str = RECORDED) -> list[Evaluation]:
    """The evaluations that a file holds the actions of, for analyses.

    Args:
        path: What `evaluate --out` or `play --out` wrote.
        agent: "recorded" for all, "recorded:NAME" for one.

    Raises:
        InputError: If there are no such actions, or they do not fit the episodes.
    """
    env_id, env_kwargs, episodes = read_episodes(path)
    return [
        evaluate_recorded(player, name, env_id, episodes, env_kwargs=env_kwargs)
        for name, player in recorded_agents(path, agent).items()
    ]
