"""What an evaluation leaves: every reward, regret and action of its episodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.common.intervals import confidence_interval
from baselines.evaluation.episodes import Episode


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
    references: Callable[[], tuple[float, float] | None] | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        """The scores in a line; the arrays have attributes of their own."""
        half = self.ci95_return[1] - self.mean_return
        regret = "" if self.mean_regret is None else f", regret {self.mean_regret:.3f}"
        if self.mean_regret is not None and self.ci95_regret is not None:
            regret += f" ± {self.ci95_regret[1] - self.mean_regret:.3f}"
        return (
            f"<{self.agent} on {self.env_id}: return {self.mean_return:.3f} ± {half:.3f}{regret}, "
            f"{len(self.episodes):,} episodes, seed {self.seed}>"
        )

    @property
    def returns(self) -> NDArray[np.float64]:
        """Summed rewards of each episode, shape (episodes,)."""
        return self.rewards.sum(axis=1)

    @property
    def regrets(self) -> NDArray[np.float64] | None:
        """Summed regret of each episode, shape (episodes,), None if it is not reported."""
        return None if self.regret is None else self.regret.sum(axis=1)

    def actions_taken(self) -> list[list[int]]:
        """The actions of each episode, up to its end."""
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
        than the returns do. None where no optimum is known, or where it did no better than random,
        as can be with a handful of episodes.
        """
        references = None if self.references is None else self.references()
        if references is None:
            return None
        random, optimum = references
        if optimum == random:
            return None
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
