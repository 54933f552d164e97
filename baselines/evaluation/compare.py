"""Comparing two agents on the same episodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baselines.common.agent import Agent
from baselines.common.intervals import confidence_interval
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.result import Evaluation


@dataclass(frozen=True)
class Comparison:
    """Two agents on the same tasks and the same noise.

    Attributes:
        first: Of the one agent.
        second: Of the other.
    """

    first: Evaluation
    second: Evaluation

    @property
    def difference(self) -> float:
        """Mean return of the first minus that of the second."""
        return float((self.first.returns - self.second.returns).mean())

    @property
    def ci95(self) -> tuple[float, float]:
        """The 95 % interval of `difference`, from the differences episode by episode."""
        return confidence_interval(self.first.returns - self.second.returns)

    @property
    def unpaired_ci95(self) -> tuple[float, float]:
        """The interval it would have if the two had played episodes of their own."""
        half = sum((e.ci95_return[1] - e.mean_return) ** 2 for e in (self.first, self.second))
        return self.difference - half**0.5, self.difference + half**0.5

    @property
    def narrowing(self) -> float:
        """How many times narrower pairing makes the interval; its square saves episodes."""
        paired, unpaired = self.ci95, self.unpaired_ci95
        width = paired[1] - paired[0]
        return (unpaired[1] - unpaired[0]) / width if width > 0 else float("inf")

    def summary(self) -> dict[str, Any]:
        """What is worth a line of JSON."""
        return {
            "env": self.first.env_id,
            "env_kwargs": self.first.env_kwargs,
            "agents": [self.first.agent, self.second.agent],
            "episodes": len(self.first.episodes),
            "seed": self.first.seed,
            "mean_returns": [self.first.mean_return, self.second.mean_return],
            "difference": self.difference,
            "ci95_difference": self.ci95,
            "narrowing": self.narrowing,
        }

    def __str__(self) -> str:
        """The difference with its interval, in words."""
        low, high = self.ci95
        better = {1: self.first, -1: self.second}.get(int(low > 0) - int(high < 0))
        verdict = "no difference shown" if better is None else f"{better.agent} is better"
        return (
            f"{self.first.agent} - {self.second.agent} on {self.first.env_id}: "
            f"{self.difference:.3f} [{low:.3f}, {high:.3f}] return an episode, over "
            f"{len(self.first.episodes):,} episodes on the same tasks and noise: {verdict}. "
            f"The interval is {self.narrowing:.1f} times narrower than without pairing."
        )


def compare(
    first: str | Path | Agent | Callable[..., Any],
    second: str | Path | Agent | Callable[..., Any],
    env_id: str,
    **arguments: Any,
) -> Comparison:
    """Evaluates two agents on the same episodes.

    Args:
        first: Anything `evaluate` takes as an agent.
        second: Likewise.
        env_id: The environment.
        **arguments: Further arguments of `evaluate`, the same for both.

    Raises:
        InputError: As `evaluate` does.
    """
    return Comparison(evaluate(first, env_id, **arguments), evaluate(second, env_id, **arguments))
