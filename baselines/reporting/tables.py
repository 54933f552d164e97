"""What people look at: tables of scores and figures of regret."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from baselines.common.errors import InputError
from baselines.common.files import output_folder, replacing, write_text
from baselines.common.run_folder import RunFolder
from baselines.evaluation.result import Evaluation, save_episodes


def print_table(evaluations: Sequence[Evaluation]) -> None:
    """Prints one row an evaluation, with 95 % intervals and normalised scores."""
    print(_title(evaluations))
    table = Table()
    several = len({e.env_id for e in evaluations}) > 1
    if several:
        table.add_column("environment", overflow="fold")
    table.add_column("agent", overflow="fold")
    for name in ("mean return", "mean regret", "normalised"):
        table.add_column(name, justify="right", no_wrap=True)
    for e in evaluations:
        regret = "-"
        if e.mean_regret is not None and e.ci95_regret is not None:
            regret = f"{e.mean_regret:.3f} ± {e.ci95_regret[1] - e.mean_regret:.3f}"
        score = f"{e.mean_return:.3f} ± {e.ci95_return[1] - e.mean_return:.3f}"
        normalized = "-" if e.normalized_score is None else f"{e.normalized_score:.3f}"
        table.add_row(*([e.env_id] if several else []), e.agent, score, regret, normalized)
    Console().print(table)


def _title(evaluations: Sequence[Evaluation]) -> str:
    first = evaluations[0]
    envs = ", ".join(dict.fromkeys(e.env_id for e in evaluations))
    actions = "most probable actions" if first.deterministic else "sampled actions"
    return f"{envs}: {len(first.episodes):,} episodes, seed {first.seed}, {actions}"


def write_report(evaluations: Sequence[Evaluation], folder: Path) -> None:
    """Writes scores as CSV and JSON, and for each environment its episodes and a figure.

    Raises:
        InputError: If the folder cannot be written.
    """
    with output_folder(folder):
        summaries = [e.summary() | {"normalized_score": e.normalized_score} for e in evaluations]
        write_text(folder / "scores.json", json.dumps(summaries, indent=2))
        write_text(folder / "scores.csv", _csv(summaries))
        for env_id in dict.fromkeys(e.env_id for e in evaluations):
            chosen = [e for e in evaluations if e.env_id == env_id]
            if chosen[0].regret is not None:
                save_episodes(chosen[0], folder / f"episodes_{env_id}.json")
                plot_regret(chosen, folder / f"regret_{env_id}.png")


def _csv(summaries: Sequence[dict[str, object]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(summaries[0]))
    writer.writeheader()
    for summary in summaries:
        # What is no plain value stands as JSON.
        plain = (str, int, float, type(None))
        writer.writerow(
            {k: v if isinstance(v, plain) else json.dumps(v) for k, v in summary.items()}
        )
    return text.getvalue()


def plot_regret(evaluations: Sequence[Evaluation], path: Path) -> None:
    """Draws the mean regret summed up to each step, with its 95 % interval, as a PNG."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
    tops = []
    for e in evaluations:
        if e.regret is None:
            continue
        curves = e.regret.cumsum(axis=1)
        mean = curves.mean(axis=0)
        half = 1.96 * curves.std(axis=0) / len(curves) ** 0.5
        steps = np.arange(1, len(mean) + 1)
        style = "k--" if e.agent == "optimal" else "-"
        (line,) = axes.plot(steps, mean, style, label=f"{e.agent} ({mean[-1]:.2f})")
        axes.fill_between(
            steps, mean - half, mean + half, color=line.get_color(), alpha=0.2, linewidth=0
        )
        if e.agent != "random":
            tops.append(float((mean + half)[-1]))
    if tops:
        # A random agent's line would leave the others at the bottom of the picture.
        axes.set_ylim(0, 1.15 * max(tops))
    axes.set(xlabel="step of the episode", ylabel="regret so far", title=evaluations[0].env_id)
    axes.legend(frameon=False)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    with replacing(path) as partial:
        figure.savefig(partial, dpi=150)
    plt.close(figure)


def plot_learning(runs: Sequence[Path], path: Path) -> None:
    """Draws what runs have logged, regret where there is one and else return, as a PNG.

    Args:
        runs: Folders of runs; each gets a line. Those that differ in nothing but their seed
            share a colour, named as the first one's folder.
        path: Where to.

    Raises:
        InputError: If a folder holds no run or no log.
    """
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import EngFormatter, LogLocator, NullLocator, ScalarFormatter

    logs = [read_log(run) for run in runs]
    shown = "mean_regret" if all("mean_regret" in log for log in logs) else "mean_return"
    figure, axes = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
    colours: dict[str, str] = {}
    for run, log in zip(runs, logs, strict=True):
        settings = RunFolder.open(run)[1] | {"seed": None, "out": None}
        key = json.dumps(settings, sort_keys=True)
        label = None if key in colours else run.name
        colour = colours.setdefault(key, f"C{len(colours)}")
        axes.plot(log["num_timesteps"], log[shown], color=colour, label=label, linewidth=1)
    axes.set(xlabel="training steps", ylabel=shown.replace("_", " ") + " of an episode")
    axes.xaxis.set_major_formatter(EngFormatter())
    if shown == "mean_regret" and all(log[shown].max() > 4 * log[shown].min() > 0 for log in logs):
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(ScalarFormatter())
        axes.yaxis.set_minor_locator(NullLocator())
    axes.legend(frameon=False)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    with replacing(path) as partial:
        figure.savefig(partial, dpi=150)
    plt.close(figure)


def read_log(run: Path) -> dict[str, NDArray[np.float64]]:
    """The columns of a run's log that have a number in every row but the first few.

    Rows before the first episode has ended are left out.

    Raises:
        InputError: If there is no log.
    """
    try:
        with (run / "log.csv").open(newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["mean_return"]]
    except (OSError, KeyError) as error:
        raise InputError(f"{run} is not the folder of a run: it lacks a log.csv") from error
    names = [name for name in (rows[0] if rows else ()) if all(row[name] for row in rows)]
    return {name: np.array([float(row[name]) for row in rows]) for name in names}
