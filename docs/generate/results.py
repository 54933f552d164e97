"""What the files of results say of who scores what where."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from baselines.evaluation.pretrained import trained_folder
from baselines.statistics.aggregates import interquartile_mean
from baselines.training.publish import SCORES

DOCS = Path(__file__).parents[1]
CLASSIC = DOCS / "data" / "classic.json"
"""Classic agents: written by docs/score_classic.py."""
SPEED = DOCS.parent / "benchmarks" / "speed.json"
"""Written by the command benchmark."""


class Score(NamedTuple):
    """An agent on an environment.

    Attributes:
        env: Id of the environment.
        agent: Name of the agent.
        normalized: Normalised score as text, over seeds where it was trained; empty if no optimum
            is known.
        mean_return: Over episodes, and over seeds.
        mean_regret: None where it is not known.
        trained: Seeds, steps and seconds of training as text; empty for classic agents.
    """

    env: str
    agent: str
    normalized: str
    mean_return: float
    mean_regret: float | None
    trained: tuple[str, str, str] | tuple[()] = ()


class Results(NamedTuple):
    """All that the pages show of files of results.

    Attributes:
        scores: Of every agent on every environment.
        speed: Steps a second by environment and way to step it.
        machines: Who measured: of the trained agents, the classic ones, the speed.
    """

    scores: list[Score]
    speed: Mapping[str, Mapping[str, float]]
    machines: dict[str, str]

    def of(self, env: str) -> list[Score]:
        """The scores on an environment, the best first."""
        found = [one for one in self.scores if one.env == env]
        return sorted(found, key=lambda one: -one.mean_return)


def read_results(
    trained: Path | None = None, classic: Path = CLASSIC, speed: Path = SPEED
) -> Results:
    """Reads them.

    Args:
        trained: Scores of trained agents; None for those of the included ones.
        classic: Scores of classic agents.
        speed: Of the environments.
    """
    of_trained = json.loads((trained or trained_folder() / SCORES).read_text())
    of_classic = json.loads(classic.read_text())
    of_speed = json.loads(speed.read_text())
    scores = [*_trained(of_trained["rows"]), *_classic(of_classic["rows"])]
    rates: dict[str, dict[str, float]] = {}
    for name, row in of_speed["sections"]["environments"].items():
        env, _, way = name.partition(" ")
        rates.setdefault(env, {})[way] = row["steps_per_second"]
    files = {"trained": of_trained, "classic": of_classic, "speed": of_speed}
    return Results(scores, rates, {name: _machine(file) for name, file in files.items()})


def _machine(file: Mapping[str, Any]) -> str:
    return f"{file['machine']['processor']}, {file['machine']['cores']} cores"


def _classic(rows: Iterable[Mapping[str, Any]]) -> Iterable[Score]:
    for row in rows:
        score = row["normalized_score"]
        text = "" if score is None else f"{score:.3f}"
        yield Score(row["env"], row["agent"], text, row["mean_return"], row["mean_regret"])


def _trained(rows: Iterable[Mapping[str, Any]]) -> Iterable[Score]:
    kinds: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        kinds.setdefault((row["env"], row["agent"]), []).append(row)
    for (env, agent), group in kinds.items():
        done = [row for row in group if row["failed"] is None]
        if not done:
            continue
        scores = [row.get("normalized_score") for row in done]
        text = ""
        if None not in scores:
            # A failed seed counts as chance.
            text = str(interquartile_mean({env: [*scores, *[np.nan] * (len(group) - len(done))]}))
        failed = f" ({len(group) - len(done)} failed)" if len(done) < len(group) else ""
        steps = np.median([row["total_timesteps"] for row in done]) / 1e6
        seconds = np.median([row["seconds"] for row in done])
        regrets = [row["mean_regret"] for row in done]
        yield Score(
            env,
            agent,
            text,
            float(np.mean([row["mean_return"] for row in done])),
            None if None in regrets else float(np.mean(regrets)),
            (f"{len(group)}{failed}", f"{steps:.3g} M", f"{seconds:.0f}"),
        )
