"""What an evaluation leaves: the record of its episodes, and the episodes to play again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.common.environments import make_vector_env
from baselines.common.errors import InputError
from baselines.common.files import write_text
from meta_envs.core import MetaVectorEnv


class Episode(NamedTuple):
    """One episode of an evaluation.

    Attributes:
        seed: Of its sub-environment; task and luck follow from it.
        task: A task to play instead, as JSON, with the luck of the seed.
    """

    seed: int
    task: str | None = None


@dataclass(frozen=True)
class Evaluation:
    """The record of an agent's episodes.

    Attributes:
        env_id: The environment.
        agent: The agent's name.
        seed: What the episodes' seeds were derived from.
        rewards: Shape (episodes, steps); zero past an episode's end.
        regret: Same shape, or None if the environment does not report it.
        lengths: Steps of each episode, shape (episodes,).
        actions: Shape (episodes, steps), in the smallest integer type that holds them; zero past
            an episode's end. With the episodes they say all that happened: see
            `baselines.analysis.replay`.
        episodes: The episodes played.
        env_kwargs: Arguments the environment was made with.
        deterministic: Whether the agent took its most probable action instead of a sample.
        references: Gives the mean returns of random and of the optimum on these episodes, or
            None where no optimum is known. Called only when `normalized_score` is asked for.
    """

    env_id: str
    agent: str
    seed: int
    rewards: NDArray[np.float64]
    regret: NDArray[np.float64] | None
    lengths: NDArray[np.int64]
    actions: NDArray[Any]
    episodes: tuple[Episode, ...]
    env_kwargs: dict[str, Any] = field(default_factory=dict)
    deterministic: bool = False
    references: Callable[[], tuple[float, float] | None] | None = field(
        default=None, repr=False, compare=False
    )

    @property
    def returns(self) -> NDArray[np.float64]:
        """Summed rewards of each episode, shape (episodes,)."""
        return self.rewards.sum(axis=1)

    @property
    def regrets(self) -> NDArray[np.float64] | None:
        """Summed regret of each episode, shape (episodes,), None if it is not reported."""
        return None if self.regret is None else self.regret.sum(axis=1)

    @property
    def suboptimal(self) -> NDArray[np.bool_] | None:
        """Where a choice was not the best one for the task, shape (episodes, steps)."""
        return None if self.regret is None else self.regret > 0

    @property
    def mean_return(self) -> float:
        """Mean of the episodes' summed rewards."""
        return float(self.returns.mean())

    @property
    def mean_regret(self) -> float | None:
        """Mean of the episodes' summed regret, None if it is not reported."""
        return None if self.regrets is None else float(self.regrets.mean())

    @property
    def ci95_return(self) -> tuple[float, float]:
        """The 95 % confidence interval of `mean_return`."""
        return confidence_interval(self.returns)

    @property
    def ci95_regret(self) -> tuple[float, float] | None:
        """The 95 % confidence interval of `mean_regret`."""
        return None if self.regrets is None else confidence_interval(self.regrets)

    @property
    def normalized_score(self) -> float | None:
        """(agent - random) / (optimum - random), by mean return on the very same episodes.

        0 is chance and 1 as good as can be. As all three meet the same tasks, it varies less
        than the returns do. None where no optimum is known.
        """
        references = None if self.references is None else self.references()
        if references is None:
            return None
        random, optimum = references
        return (self.mean_return - random) / (optimum - random)

    def summary(self) -> dict[str, Any]:
        """What is worth a line of JSON."""
        return {
            "env": self.env_id,
            "env_kwargs": self.env_kwargs,
            "agent": self.agent,
            "episodes": len(self.episodes),
            "seed": self.seed,
            "deterministic": self.deterministic,
            "mean_return": self.mean_return,
            "ci95_return": self.ci95_return,
            "mean_regret": self.mean_regret,
            "ci95_regret": self.ci95_regret,
        }


def confidence_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """The normal 95 % interval of a mean, from values of shape (episodes,)."""
    half = 1.96 * float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else np.inf
    mean = float(values.mean())
    return mean - half, mean + half


def save_episodes(evaluation: Evaluation, path: Path) -> None:
    """Writes an evaluation's episodes as JSON, to be played again by another agent.

    Raises:
        InputError: If the environment is not of `meta_envs` and so cannot name its tasks.
    """
    env = make_vector_env(evaluation.env_id, len(evaluation.episodes), evaluation.env_kwargs)
    inner = env.unwrapped
    if not isinstance(inner, MetaVectorEnv):
        raise InputError(f"{evaluation.env_id} has no tasks that could be saved")
    tasks = [None if e.task is None else json.loads(e.task) for e in evaluation.episodes]
    options = None if None in tasks else {"tasks": tasks}
    inner.reset(seed=[episode.seed for episode in evaluation.episodes], options=options)
    record = {
        "env": evaluation.env_id,
        "env_kwargs": evaluation.env_kwargs,
        "episodes": [
            {"seed": episode.seed, "task": task}
            for episode, task in zip(evaluation.episodes, inner.tasks, strict=True)
        ],
    }
    write_text(path, json.dumps(record))


def read_episodes(path: Path) -> tuple[str, dict[str, Any], list[Episode]]:
    """Reads what `save_episodes` wrote.

    Returns:
        The environment's id, its arguments, and the episodes.

    Raises:
        InputError: If the file holds no episodes.
    """
    try:
        record = json.loads(path.read_text())
        episodes = [Episode(int(e["seed"]), json.dumps(e["task"])) for e in record["episodes"]]
        env_id, env_kwargs = str(record["env"]), dict(record["env_kwargs"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} holds no episodes to play again") from error
    if not episodes:
        raise InputError(f"{path} holds no episodes to play again")
    return env_id, env_kwargs, episodes
