"""Comparing two agents on the same episodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.common.agent import Agent
from baselines.common.intervals import confidence_interval, with_half_width
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
    def regret_difference(self) -> float | None:
        """Mean regret of the first minus that of the second, None if it is not reported."""
        differences = self._regret_differences()
        return None if differences is None else float(differences.mean())

    @property
    def ci95_regret(self) -> tuple[float, float] | None:
        """The 95 % interval of `regret_difference`, from the differences episode by episode."""
        differences = self._regret_differences()
        return None if differences is None else confidence_interval(differences)

    @property
    def gap_difference(self) -> float | None:
        """Mean optimality gap of the first minus that of the second, None if it is not known.

        It is less for the better one. Mostly it has the narrowest interval of all differences.
        """
        differences = self._gap_differences()
        return None if differences is None else float(differences.mean())

    @property
    def ci95_gap(self) -> tuple[float, float] | None:
        """The 95 % interval of `gap_difference`, from the differences episode by episode."""
        differences = self._gap_differences()
        return None if differences is None else confidence_interval(differences)

    def _gap_differences(self) -> NDArray[np.float64] | None:
        first, second = self.first.optimality_gaps, self.second.optimality_gaps
        return None if first is None or second is None else first - second

    def _regret_differences(self) -> NDArray[np.float64] | None:
        first, second = self.first.regrets, self.second.regrets
        return None if first is None or second is None else first - second

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
            "mean_regrets": [self.first.mean_regret, self.second.mean_regret],
            "regret_difference": self.regret_difference,
            "ci95_regret_difference": self.ci95_regret,
            "mean_optimality_gaps": [
                self.first.mean_optimality_gap,
                self.second.mean_optimality_gap,
            ],
            "gap_difference": self.gap_difference,
            "ci95_gap_difference": self.ci95_gap,
            "narrowing": self.narrowing,
        }

    @property
    def verdict(self) -> str:
        """Who is better, if the interval of the difference in return says so."""
        low, high = self.ci95
        better = {1: self.first, -1: self.second}.get(int(low > 0) - int(high < 0))
        return "no difference shown" if better is None else f"{better.agent} is better"

    def rows(self) -> list[tuple[str, ...]]:
        """Name, return, regret and optimality gap, as text, of both agents and of what differs.

        Regret and gap are empty where they are not known.
        """
        return [
            *(
                (
                    e.agent,
                    with_half_width(e.mean_return, e.ci95_return),
                    _text(e.mean_regret, e.ci95_regret),
                    _text(e.mean_optimality_gap, e.ci95_optimality_gap),
                )
                for e in (self.first, self.second)
            ),
            (
                "difference",
                with_half_width(self.difference, self.ci95),
                _text(self.regret_difference, self.ci95_regret),
                _text(self.gap_difference, self.ci95_gap),
            ),
        ]

    def __str__(self) -> str:
        """Both agents' scores, and the difference with its interval and what it shows."""
        rows = self.rows()
        width = max(len(name) for name, *_ in rows)
        lines = []
        for name, *scores in rows:
            named = zip(("return", "regret", "optimality gap"), scores, strict=True)
            shown = ", ".join(f"{what} {score}" for what, score in named if score)
            lines.append(f"{name:{width}}  {shown}")
        episodes = f"{len(self.first.episodes):,} episodes of {self.first.env_id}"
        return "\n".join(lines) + f": {self.verdict}, over {episodes}"


def _text(mean: float | None, interval: tuple[float, float] | None) -> str:
    """A mean with its interval; empty where there is none."""
    return "" if mean is None or interval is None else with_half_width(mean, interval)


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
