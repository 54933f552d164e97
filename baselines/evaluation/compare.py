"""Comparing two agents on the same episodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baselines.common.agent import Agent
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.result import Evaluation, confidence_interval


@dataclass(frozen=True)
class Comparison:
    """Two agents on the same tasks and the same luck.

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
