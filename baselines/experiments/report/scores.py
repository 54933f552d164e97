"""The scores of all trained agents: the table at the top of the report, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.common.errors import InputError
from baselines.common.files import read_json
from baselines.reporting.markdown import Table
from baselines.reporting.page import Figure, Section
from baselines.reporting.scores import plot_aggregates, plot_profiles
from baselines.statistics.aggregates import interquartile_mean, mean, median
from baselines.statistics.improvement import probability_of_improvement
from baselines.statistics.profiles import performance_profile

AGGREGATES = {"interquartile mean": interquartile_mean, "median": median, "mean": mean}
PROFILES, SUMMARY = "profiles.svg", "aggregates.svg"
TITLE = "Scores of trained agents"
QUESTION = "How near do trained agents come to the best that is possible, and how surely?"


class Training(NamedTuple):
    """What the table takes of a row of `scores.json`, which the command publish writes.

    Attributes:
        env: Environment.
        agent: Who was trained.
        seed: Of the training.
        normalized_score: 0 is chance, 1 the optimum; None if it failed, or no optimum is known.
        mean_return: None if it failed.
        mean_regret: None if it failed, or no regret is known.
        total_timesteps: Of training.
        seconds: Of training.
        failed: Why there is no score, in a line.
    """

    env: str
    agent: str
    seed: int
    normalized_score: float | None
    mean_return: float | None
    mean_regret: float | None
    total_timesteps: int
    seconds: float
    failed: str | None


def read_trainings(path: Path) -> list[Training]:
    """The rows of a file of scores.

    Raises:
        InputError: If it cannot be read, or a row lacks something.
    """
    values = read_json(path)
    try:
        rows = [Training(*(row[name] for name in Training._fields)) for row in values["rows"]]
    except (KeyError, TypeError) as error:
        raise InputError(f"{path} must have rows with {', '.join(Training._fields)}") from error
    if not rows:
        raise InputError(f"{path} must have at least one row")
    return rows


Scores = dict[str, dict[str, NDArray[np.float64]]]
"""Normalised scores, shape (seeds,), nan for failures, by agent and environment."""


def scores_by_agent(trainings: Sequence[Training]) -> Scores:
    """The scores where an optimum is known."""
    found: dict[str, dict[str, list[float]]] = {}
    for one in trainings:
        score = np.nan if one.normalized_score is None else one.normalized_score
        found.setdefault(one.agent, {}).setdefault(one.env, []).append(score)
    scored = {one.env for one in trainings if one.normalized_score is not None}
    return {
        agent: {env: np.array(values) for env, values in of.items() if env in scored}
        for agent, of in found.items()
    }


def scores_section(out: Path, path: Path) -> Section:
    """The table of all environments and agents, and below what it comes to.

    Args:
        out: Folder for the figures.
        path: The file of scores; without it, or with another's, the section says so.
    """
    try:
        trainings = read_trainings(path)
    except InputError as error:
        # A reader elsewhere has no use for the path on this machine.
        told = str(error).replace(str(path), f"{path.parent.name}/{path.name}")
        missing = f"There is no table: {told}. The command sweep trains and scores agents, and "
        return Section(TITLE, (f"{missing}publish writes that file.",), question=QUESTION)
    scores = scores_by_agent(trainings)
    shared = set.intersection(*(set(of) for of in scores.values()))
    common = {agent: {env: of[env] for env in of if env in shared} for agent, of in scores.items()}
    table = Table("scores", "normalised score", *_cells(trainings, scores))
    text = [
        "A cell is the interquartile mean of the normalised scores of its seeds, 0 for chance and "
        "1 for the best possible, with a 95 % bootstrap interval. A training that failed counts as "
        "0. Where no optimum is known the mean return stands instead.",
    ]
    if not shared:
        return Section(TITLE, text, [table], question=QUESTION)
    found = {
        name: {agent: aggregate(of) for agent, of in common.items()}
        for name, aggregate in AGGREGATES.items()
    }
    plot_profiles({a: performance_profile(of) for a, of in common.items()}, out / PROFILES)
    plot_aggregates(found, out / SUMMARY)
    alone = any(values.size == 1 for of in common.values() for values in of.values())
    known = "no intervals, as some of them have one seed" if alone else "with 95 % intervals"
    figures = [
        Figure(PROFILES, "Share of runs whose score is above each value. Bands: 95 % intervals."),
        Figure(SUMMARY, f"Over the environments that all agents have, {known}."),
    ]
    return Section(TITLE, [*text, *_found(common, found)], [table], figures, QUESTION)


def _found(common: Scores, found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What the scores on the environments that all agents share come to, in words."""
    count = len(next(iter(common.values())))
    told = "; ".join(
        f"{agent} {estimate}" for agent, estimate in found["interquartile mean"].items()
    )
    lines = [f"Interquartile mean over the {count} environments that all agents have: {told}."]
    for first, second in combinations(common, 2):
        better = probability_of_improvement(common[first], common[second])
        lines.append(f"A run of {first} is better than one of {second} with probability {better}.")
    return lines


def _cells(
    trainings: Sequence[Training], scores: Scores
) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """Columns and rows of the table."""
    agents = list(scores)
    columns = [f"{a}{what}" for a in agents for what in ("", ": seeds", ": steps", ": seconds")]
    rows = []
    for env in dict.fromkeys(one.env for one in trainings):
        cells: list[str] = []
        for agent in agents:
            of = [one for one in trainings if (one.env, one.agent) == (env, agent)]
            cells += _cell(of, scores[agent].get(env)) if of else ["-"] * 4
        rows.append((env, cells))
    return columns, rows


def _cell(trainings: Sequence[Training], scores: NDArray[np.float64] | None) -> list[str]:
    env, failed = trainings[0].env, sum(one.failed is not None for one in trainings)
    if scores is not None:
        score = str(interquartile_mean({env: scores}))
    else:
        returns = [one.mean_return for one in trainings if one.mean_return is not None]
        score = f"return {np.mean(returns):.2f}" if returns else "failed"
    seeds = f"{len(trainings)}" + (f", {failed} failed" if failed else "")
    steps = np.median([one.total_timesteps for one in trainings])
    seconds = np.median([one.seconds for one in trainings])
    return [score, seeds, f"{steps / 1e6:.3g} M", f"{seconds:.0f}"]
