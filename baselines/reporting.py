"""What people look at: tables of scores and figures of regret."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from baselines.evaluation import Evaluation


def print_table(evaluations: Sequence[Evaluation]) -> None:
    """Prints one row an evaluation, with 95 % intervals."""
    table = Table(title=_title(evaluations), title_justify="left")
    several = len({e.env_id for e in evaluations}) > 1
    if several:
        table.add_column("environment")
    table.add_column("agent")
    for name in ("mean return", "mean regret"):
        table.add_column(name, justify="right")
    for e in evaluations:
        regret = "-"
        if e.mean_regret is not None and e.ci95_regret is not None:
            regret = f"{e.mean_regret:.3f} ± {e.ci95_regret[1] - e.mean_regret:.3f}"
        score = f"{e.mean_return:.3f} ± {e.ci95_return[1] - e.mean_return:.3f}"
        table.add_row(*([e.env_id] if several else []), e.agent, score, regret)
    Console().print(table)


def _title(evaluations: Sequence[Evaluation]) -> str:
    envs = " ".join(dict.fromkeys(e.env_id for e in evaluations))
    first = evaluations[0]
    actions = "most probable actions" if first.deterministic else "sampled actions"
    return f"{envs}: {first.episodes:,} fresh episodes, seed {first.seed}, {actions}"


def plot_regret(evaluations: Sequence[Evaluation], path: Path) -> None:
    """Draws the mean regret summed up to each step, with its 95 % interval, as a PNG."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
    top = 0.0
    for e in evaluations:
        if e.regret is None:
            continue
        curves = e.regret.cumsum(axis=1)
        mean = curves.mean(axis=0)
        half = 1.96 * curves.std(axis=0) / len(curves) ** 0.5
        steps = np.arange(1, len(mean) + 1)
        style = "--" if e.agent == "optimal" else "-"
        axes.plot(steps, mean, style, label=f"{e.agent} ({mean[-1]:.2f})")
        axes.fill_between(steps, mean - half, mean + half, alpha=0.2, linewidth=0)
        if e.agent != "random":
            top = max(top, float((mean + half)[-1]))
    # A random agent's line would leave the others in the bottom of the picture.
    axes.set_ylim(0, 1.15 * top or None)
    axes.set(xlabel="step of the episode", ylabel="cumulative regret", title=evaluations[0].env_id)
    axes.legend(frameon=False)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.savefig(path, dpi=150)
    plt.close(figure)
