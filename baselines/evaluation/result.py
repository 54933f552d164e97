"""What an evaluation leaves: every reward, regret and action of its episodes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.common.files import write_results
from baselines.common.intervals import confidence_interval, with_half_width
from baselines.common.machine import machine
from baselines.evaluation.episodes import Episode, tasks_of
from meta_envs.policies import Belief

References = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Returns of random and of the optimum on the same episodes."""
Gaps = Callable[["Evaluation"], NDArray[np.float64] | None]
"""From an evaluation to the optimality gap of each of its steps, None where it is not known."""
Beliefs = Callable[["Evaluation"], Belief]
"""From an evaluation to what the optimum believes before each of its steps."""


@dataclass(frozen=True, repr=False)
class Evaluation:
    """What an agent did in its episodes, and what that brought.

    Attributes:
        env_id: The environment.
        agent: The agent's name.
        seed: What the episodes' seeds were derived from.
        rewards: Shape (episodes, steps); zero past an episode's end.
        regret: Same shape, or None if the environment does not report it.
        lengths: Steps of each episode, shape (episodes,).
        actions: Shape (episodes, steps), in the smallest integer type that holds them, or
            (episodes, steps, size) where they are continuous, as the environment was given them;
            zero past an episode's end. With the episodes they say all that happened: see
            `baselines.evaluation.replay`.
        episodes: The episodes played.
        env_kwargs: Arguments the environment was made with.
        deterministic: Whether the agent took its most probable action instead of a sample.
        references: Gives the returns of random and of the optimum on these episodes, each of
            shape (episodes,), or None where no optimum is known. Called only when
            `normalized_score` or `difference_to_optimum` is asked for.
        gaps: Gives the optimality gap of each step, None where it is not known. Called only when a
            gap is asked for: it plays the episodes again with the optimum watching.
        beliefs: Gives what the optimum believed, likewise.
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
    references: Callable[[], References | None] | None = field(default=None, compare=False)
    gaps: Gaps | None = field(default=None, compare=False)
    beliefs: Beliefs | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        """The scores in a line; the arrays have attributes of their own."""
        regret = ""
        if self.mean_regret is not None and self.ci95_regret is not None:
            regret = f", regret {with_half_width(self.mean_regret, self.ci95_regret)}"
        return (
            f"<{self.agent} on {self.env_id}: return "
            f"{with_half_width(self.mean_return, self.ci95_return)}{regret}, "
            f"{len(self.episodes):,} episodes, seed {self.seed}>"
        )

    @property
    def returns(self) -> NDArray[np.float64]:
        """Summed rewards of each episode, shape (episodes,)."""
        return self.rewards.sum(axis=1)

    @property
    def played(self) -> NDArray[np.bool_]:
        """Where an episode was still going on, shape (episodes, steps)."""
        return np.arange(self.rewards.shape[1]) < self.lengths[:, None]

    @property
    def regrets(self) -> NDArray[np.float64] | None:
        """Summed regret of each episode, shape (episodes,), None if it is not reported."""
        return None if self.regret is None else self.regret.sum(axis=1)

    @cached_property
    def tasks(self) -> list[dict[str, Any]]:
        """The task of each episode, as `env.unwrapped.task` names it.

        Raises:
            InputError: If the environment cannot name its tasks.
        """
        return tasks_of(self.env_id, self.env_kwargs, self.episodes)

    def actions_taken(self) -> list[list[Any]]:
        """The actions of each episode, up to its end: numbers, or lists of them."""
        pairs = zip(self.actions, self.lengths, strict=True)
        return [actions[:length].tolist() for actions, length in pairs]

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
        than the returns do. None where no optimum is known, and where the optimum is not ahead of
        random on these episodes, as may happen with few of them.
        """
        references = self._references()
        if references is None:
            return None
        random, optimum = (float(returns.mean()) for returns in references)
        if optimum < random or math.isclose(optimum, random, abs_tol=1e-9):
            return None
        return (self.mean_return - random) / (optimum - random)

    @property
    def difference_to_optimum(self) -> float | None:
        """Mean return minus the optimum's on the very same episodes, None where none is known."""
        differences = self._differences_to_optimum()
        return None if differences is None else float(differences.mean())

    @property
    def ci95_difference_to_optimum(self) -> tuple[float, float] | None:
        """The 95 % interval of `difference_to_optimum`, from the differences of each episode."""
        differences = self._differences_to_optimum()
        return None if differences is None else confidence_interval(differences)

    @cached_property
    def optimality_gap(self) -> NDArray[np.float64] | None:
        """What each action was worth less than the best one for what the agent knew by then.

        That is V*(belief) - Q*(belief, action), with the values of the Bayes-optimal policy, and
        0 for its own actions. Shape (episodes, steps), zero past an episode's end; None where it
        is not known.
        """
        return None if self.gaps is None else self.gaps(self)

    @cached_property
    def belief(self) -> Belief:
        """What the optimum would have believed before each action, had it watched the episodes.

        By name, each of shape (episodes, steps, n), zero past an episode's end; empty where no
        optimum is known, or it has no belief with a name.
        """
        return {} if self.beliefs is None else self.beliefs(self)

    @property
    def optimality_gaps(self) -> NDArray[np.float64] | None:
        """Summed optimality gap of each episode, shape (episodes,), None if it is not known.

        On average it is the optimum's mean return minus the agent's. Neither the luck of tasks
        nor that of rewards is in it, so far fewer episodes tell as much as differences of returns.
        """
        return None if self.optimality_gap is None else self.optimality_gap.sum(axis=1)

    @property
    def mean_optimality_gap(self) -> float | None:
        """Mean of the episodes' summed optimality gap, None if it is not known."""
        gaps = self.optimality_gaps
        return None if gaps is None else float(gaps.mean())

    @property
    def ci95_optimality_gap(self) -> tuple[float, float] | None:
        """The 95 % confidence interval of `mean_optimality_gap`."""
        gaps = self.optimality_gaps
        return None if gaps is None else confidence_interval(gaps)

    def _differences_to_optimum(self) -> NDArray[np.float64] | None:
        references = self._references()
        return None if references is None else self.returns - references[1]

    def _references(self) -> References | None:
        return None if self.references is None else self.references()

    def summary(self) -> dict[str, Any]:
        """What is worth a line of JSON.

        It plays random and the optimum on the same episodes, and some optima take 10 to 20 seconds
        to compute for the first time; after that they are on disk.
        """
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
            "normalized_score": self.normalized_score,
            "difference_to_optimum": self.difference_to_optimum,
            "ci95_difference_to_optimum": self.ci95_difference_to_optimum,
            "mean_optimality_gap": self.mean_optimality_gap,
            "ci95_optimality_gap": self.ci95_optimality_gap,
        }


def write_scores(path: Path, evaluations: Sequence[Evaluation]) -> list[dict[str, Any]]:
    """Writes what each evaluation comes to as JSON, and the machine that it was measured on.

    Returns:
        The evaluations' summaries.
    """
    summaries = [evaluation.summary() for evaluation in evaluations]
    write_results(path, {"machine": machine(), "scores": summaries})
    return summaries
