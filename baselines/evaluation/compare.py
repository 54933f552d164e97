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
            "narrowing": self.narrowing,
        }

    @property
    def verdict(self) -> str:
        """Who is better, if the interval of the difference in return says so."""
        low, high = self.ci95
        better = {1: self.first, -1: self.second}.get(int(low > 0) - int(high < 0))
        return "no difference shown" if better is None else f"{better.agent} is better"

    def rows(self) -> list[tuple[str, str, str]]:
        """Name, return and regret, as text, of both agents and of what differs between them.

        Regret is empty where it is not reported.
        """
        scores = [
            (e.agent, e.mean_return, e.ci95_return, e.mean_regret, e.ci95_regret)
            for e in (self.first, self.second)
        ]
        scores += [
            ("difference", self.difference, self.ci95, self.regret_difference, self.ci95_regret)
        ]
        return [
            (
                name,
                with_half_width(mean, interval),
                "" if regret is None or around is None else with_half_width(regret, around),
            )
            for name, mean, interval, regret, around in scores
        ]

    def __str__(self) -> str:
        """Both agents' scores, and the difference with its interval and what it shows."""
        rows = self.rows()
        width = max(len(name) for name, *_ in rows)
        lines = [
            f"{name:{width}}  return {mean}" + (f", regret {regret}" if regret else "")
            for name, mean, regret in rows
        ]
        episodes = f"{len(self.first.episodes):,} episodes of {self.first.env_id}"
        return "\n".join(lines) + f": {self.verdict}, over {episodes}"


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
