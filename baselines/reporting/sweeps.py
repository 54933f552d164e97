"""What a sweep came to, as tables: by environment and agent over seeds, and the best settings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from baselines.reporting.tables import show_table
from baselines.statistics.aggregates import interquartile_mean
from baselines.training.sweep.sweep import by_kind

BEST = 5
"""Settings that are shown, as Wang et al. 2016 show the five best of a hundred."""


def print_sweep(rows: Sequence[dict[str, Any]]) -> None:
    """Prints what came of a sweep's runs, as many as are done.

    Args:
        rows: Of `results.json`.
    """
    for (env, agent), some in by_kind(rows).items():
        if some[0]["setting"] is not None:
            print(f"{agent} on {env}: the best of {len(_by_setting(some))} settings")
            show_settings(some)
    seeds = [row for row in rows if row["setting"] is None]
    if seeds:
        show_seeds(seeds)


def show_seeds(rows: Sequence[dict[str, Any]]) -> None:
    """Prints for each environment and agent the interquartile mean over the seeds.

    A seed that failed counts as chance, 0.
    """
    cells = []
    for (env, agent), some in by_kind(rows).items():
        failed = sum(row["failed"] is not None for row in some)
        names = ("normalized_score", "mean_return", "mean_regret", "mean_optimality_gap")
        scores = [_over_seeds(some, name) for name in names]
        seconds = f"{np.median([row['seconds'] for row in some]):.0f}"
        steps = f"{some[0]['total_timesteps']:,}"
        cells.append([env, agent, len(some), failed, *scores, steps, seconds])
    columns = ["environment", "agent", "seeds", "failed", "normalised", "return", "regret"]
    show_table([*columns, "optimality gap", "steps", "seconds"], cells, 2)


def show_settings(rows: Sequence[dict[str, Any]]) -> None:
    """Prints the best settings, chosen on some episodes and shown on others."""
    cells = []
    for setting, some in best_settings(rows):
        parameters = json.dumps({n: _short(v) for n, v in some[0]["parameters"].items()})
        scores = [
            _mean(some, name) for name in ("selection_return", "mean_return", "normalized_score")
        ]
        cells.append([setting, parameters[1:-1].replace('"', ""), len(some), *scores])
    columns = ["setting", "parameters", "seeds", "chosen by return", "return", "normalised"]
    show_table(columns, cells, 2)


def best_settings(
    rows: Sequence[dict[str, Any]], count: int = BEST
) -> list[tuple[int, list[dict[str, Any]]]]:
    """The settings with the highest mean of `selection_return`, and their runs.

    Those of which a run failed or was stopped early are none of them.
    """
    whole = {
        setting: some
        for setting, some in _by_setting(rows).items()
        if all(row.get("selection_return") is not None for row in some)
    }
    order = sorted(whole, key=lambda s: -np.mean([row["selection_return"] for row in whole[s]]))
    return [(setting, whole[setting]) for setting in order[:count]]


def _by_setting(rows: Sequence[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    settings: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        settings.setdefault(row["setting"], []).append(row)
    return settings


def _over_seeds(rows: Sequence[dict[str, Any]], name: str) -> str:
    """The interquartile mean of a score with its interval, "-" if it is not known."""
    # Only the normalised score has a value, that of chance, which a run that failed stands for.
    counted = [row for row in rows if row["failed"] is None or name == "normalized_score"]
    values = [None if row["failed"] else row.get(name) for row in counted]
    if all(value is None for value in values):
        return "-"
    scores = np.array([np.nan if value is None else value for value in values])
    return str(interquartile_mean({rows[0]["env"]: scores}))


def _mean(rows: Sequence[dict[str, Any]], name: str) -> str:
    known = [row[name] for row in rows]
    return "-" if None in known else f"{np.mean(known):.3f}"


def _short(value: Any) -> Any:
    return float(f"{value:.3g}") if isinstance(value, float) else value
