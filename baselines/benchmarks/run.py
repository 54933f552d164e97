"""Runs the suite: every measurement in a process of its own, in turns; table, JSON and figure."""

from __future__ import annotations

import importlib.util
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from baselines.benchmarks.jobs import Job
from baselines.benchmarks.suite import SCALES, SECTIONS, TIMED, Row
from baselines.common.files import output_folder, write_results
from baselines.common.machine import machine
from baselines.common.progress import track
from baselines.reporting.figures import despine, figure_file
from baselines.reporting.tables import show_table

Results = dict[str, dict[str, dict[str, float]]]
"""Medians by section, row and metric."""


def run(sections: Sequence[str], seconds: float, repeats: int, out: Path, results: Results) -> None:
    """Measures, prints a table a section, and writes `benchmark.json` and `scaling.png`.

    The repeats go round all rows of a section, so that a slow moment of the machine hits them
    alike.

    Args:
        sections: What to measure.
        seconds: Length of a measurement.
        repeats: Measurements of each row.
        out: Folder to write into.
        results: Gets a section as soon as it is measured.

    Raises:
        InputError: If the folder cannot be written.
    """
    with output_folder(out):
        for section in sections:
            results[section] = _measure(section, seconds, repeats)
            print_section(section, results[section])
            write_results(out / "benchmark.json", {"machine": machine(), "sections": results})
            if section == "scaling":
                plot_scaling(results["scaling"], out / "scaling.png")


def _measure(section: str, seconds: float, repeats: int) -> dict[str, dict[str, float]]:
    rows = [row for row in SECTIONS[section]() if not row.needs or is_installed(row.needs)]
    if section not in TIMED:
        repeats = 1  # Their rows are whole trainings, and seeds are rows of their own.
    seen: dict[str, list[dict[str, float]]] = {row.name: [] for row in rows}
    rounds = [row for _ in range(repeats) for row in rows]
    for row in track(rounds, lambda row: f"{section}: {row.name}"):
        metrics = _in_a_process(row, {"seconds": seconds} if section in TIMED else {})
        if metrics:
            seen[row.name].append(metrics)
    return {
        name: {key: statistics.median(one[key] for one in metrics) for key in metrics[0]}
        for name, metrics in seen.items()
        if metrics
    }


def is_installed(package: str) -> bool:
    """Whether a peer's package is there."""
    return importlib.util.find_spec(package) is not None


def _in_a_process(row: Row, timed: Job) -> dict[str, float]:
    """One measurement in a fresh process; empty, with a line of warning, if it fails."""
    command = ["benchmark", "--job", json.dumps(row.job | timed)]
    done = subprocess.run(
        [sys.executable, "-m", "baselines", *command],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        print(f"without {row.name}: {last}", file=sys.stderr)
        return {}
    metrics: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return metrics


def print_section(section: str, metrics: dict[str, dict[str, float]]) -> None:
    """Prints a section's medians, with each rate as a ratio to its peer's."""
    columns = list(dict.fromkeys(key for row in metrics.values() for key in row))
    ratios = ratios_to_peers(metrics) if section in TIMED else {}
    rows = []
    for name, row in metrics.items():
        cells = [_number(row[column]) if column in row else "" for column in columns]
        rows.append([name, *cells, *([ratios.get(name, "")] if ratios else [])])
    headings = [column.replace("_", " ") for column in columns]
    show_table([section, *headings, *(["ratio"] if ratios else [])], rows)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"


def ratios_to_peers(metrics: dict[str, dict[str, float]]) -> dict[str, str]:
    """Each row's rate in units of the peer that it stands beside, as text, by row."""
    rates = {name: row["steps_per_second"] for name, row in metrics.items()}
    ratios: dict[str, str] = {}
    for prefix, peer in (
        ("A2C-LSTM", "JAX A2C"),
        ("RecurrentPPO", "RecurrentPPO 64, sb3-contrib"),
        ("PPO", "PPO 64, make_vec_env"),
        ("MetaBandit-v0 native 64", "gymnax step 64"),
        ("MetaBandit-v0 native 4,096", "gymnax step 4,096"),
        ("", "torch"),
    ):
        best = max((rate for name, rate in rates.items() if name.startswith(peer)), default=None)
        for name, rate in rates.items():
            if best and name.startswith(prefix) and name not in ratios:
                ratios[name] = f"{rate / best:.2f} x {peer}"
    return ratios


def plot_scaling(metrics: dict[str, dict[str, float]], path: Path) -> None:
    """Draws the cost of a step, and the memory, against each size."""
    # One scale a row: what hardly matters is to look flat.
    shared: dict[str, Any] = {"sharex": "col", "sharey": "row", "figsize": (11, 5)}
    with figure_file(path, 2, len(SCALES), **shared) as (_, axes):
        from matplotlib.ticker import LogLocator, NullLocator, ScalarFormatter

        for (cost, memory), (size, values) in zip(axes.T, SCALES.items(), strict=True):
            rows = [(v, metrics[name]) for v in values if (name := f"{v:,} {size}") in metrics]
            sizes = [value for value, _ in rows]
            cost.loglog(sizes, [1e6 / row["steps_per_second"] for _, row in rows], "o-")
            memory.loglog(sizes, [row["memory_mb"] for _, row in rows], "o-", color="C1")
            memory.set_xlabel(size)
            memory.set_xticks(sizes, [f"{value:,}" for value in sizes], rotation=45, ha="right")
            memory.xaxis.set_minor_locator(NullLocator())
        for row, label in zip(axes, ("microseconds a step", "memory, MB"), strict=True):
            row[0].set_ylabel(label)
            row[0].yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            row[0].yaxis.set_major_formatter(ScalarFormatter())
            row[0].yaxis.set_minor_locator(NullLocator())
        for one in axes.flat:
            one.grid(alpha=0.3)
            despine(one)
