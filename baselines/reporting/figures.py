"""Figures: how they are begun and saved, and those of scores and learning."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from baselines.common.files import replacing
from baselines.common.intervals import Z95
from baselines.common.run_folder import RunFolder, read_log
from baselines.evaluation.result import Evaluation

SIZE = (6.4, 4.2)
"""Inches of a figure with one panel."""


@contextmanager
def figure_file(
    path: Path, rows: int = 1, columns: int = 1, *, dpi: int = 150, **kwargs: Any
) -> Iterator[tuple[Any, Any]]:
    """A figure to draw into, saved as a PNG when the `with` block ends; whole or not at all.

    Args:
        path: Where to.
        rows: Of panels.
        columns: Of panels.
        dpi: Pixels an inch.
        **kwargs: Further arguments of `matplotlib.pyplot.subplots`.

    Yields:
        The figure and its axes, as `subplots` gives them.
    """
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        rows, columns, **({"figsize": SIZE, "layout": "constrained"} | kwargs)
    )
    try:
        yield figure, axes
        with replacing(path) as partial:
            figure.savefig(partial, dpi=dpi, format="png")
    finally:
        plt.close(figure)


def despine(axes: Any) -> None:
    """Takes the frame's top and right side away."""
    axes.spines[["top", "right"]].set_visible(False)


def plot_regret(evaluations: Sequence[Evaluation], path: Path) -> None:
    """Draws the mean regret summed up to each step, with its 95 % interval, as a PNG."""
    with figure_file(path) as (_, axes):
        tops = []
        for e in evaluations:
            if e.regret is None:
                continue
            curves = e.regret.cumsum(axis=1)
            mean = curves.mean(axis=0)
            half = Z95 * curves.std(axis=0) / len(curves) ** 0.5
            steps = np.arange(1, len(mean) + 1)
            style = "k--" if e.agent == "optimal" else "-"
            (line,) = axes.plot(steps, mean, style, label=f"{e.agent} ({mean[-1]:.2f})")
            axes.fill_between(
                steps, mean - half, mean + half, color=line.get_color(), alpha=0.2, linewidth=0
            )
            if e.agent != "random":
                tops.append(float((mean + half)[-1]))
        if tops:
            # A random agent's line would leave the others at the bottom of the figure.
            axes.set_ylim(0, 1.15 * max(tops))
        axes.set(xlabel="step of the episode", ylabel="regret so far", title=evaluations[0].env_id)
        axes.legend(frameon=False)
        despine(axes)


def plot_learning(runs: Sequence[Path], path: Path) -> None:
    """Draws what runs have logged, regret where there is one and else return, as a PNG.

    Args:
        runs: Folders of runs; each gets a line. Those that differ in nothing but their seed
            share a colour, named as the first one's folder.
        path: Where to.

    Raises:
        InputError: If a folder holds no run or no log.
    """
    logs = [read_log(run) for run in runs]
    shown = "mean_regret" if all("mean_regret" in log for log in logs) else "mean_return"
    with figure_file(path) as (_, axes):
        from matplotlib.ticker import EngFormatter, LogLocator, NullLocator, ScalarFormatter

        colours: dict[str, str] = {}
        for run, log in zip(runs, logs, strict=True):
            settings = RunFolder.open(run)[1] | {"seed": None, "out": None}
            key = json.dumps(settings, sort_keys=True)
            label = None if key in colours else run.name
            colour = colours.setdefault(key, f"C{len(colours)}")
            axes.plot(log["num_timesteps"], log[shown], color=colour, label=label, linewidth=1)
        axes.set(xlabel="training steps", ylabel=shown.replace("_", " ") + " of an episode")
        axes.xaxis.set_major_formatter(EngFormatter())
        spread = all(log[shown].max() > 4 * log[shown].min() > 0 for log in logs)
        if shown == "mean_regret" and spread:
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_major_formatter(ScalarFormatter())
            axes.yaxis.set_minor_locator(NullLocator())
        axes.legend(frameon=False)
        despine(axes)
