"""The figure of the risky choice experiment: a panel a manipulation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from baselines.experiments.wang2018_risky_choice.manipulations import CONTROL, MANIPULATIONS
from baselines.experiments.wang2018_risky_choice.shares import PROBABILITIES, Pair, Shares
from baselines.reporting.figures import despine, figure_file

COLOURS = ("C0", "C1")
"""Of control and stimulated."""


def draw(
    ours: Mapping[str, Mapping[str, Shares]],
    networks: Mapping[str, tuple[Pair, Pair]],
    rats: Mapping[str, tuple[Pair, Pair]],
    path: Path,
) -> None:
    """Draws a panel a manipulation: bars of ours, each run a dot, and open marks as published."""
    runs = {name: shares for name, shares in ours.items() if len(shares) > 1}
    mean = ours.get("all runs") or next(iter(runs.values()), None)
    dots = [shares for name, shares in runs.items() if name != "all runs"]
    with figure_file(path, 1, 3, figsize=(9.6, 3.6), sharey=True) as (figure, panels):
        for what, axes in zip(MANIPULATIONS, panels, strict=True):
            for i in range(len(PROBABILITIES)):
                best = ours["optimal"][CONTROL].mean[i]
                axes.plot([3 * i - 0.5, 3 * i + 1.5], [best, best], ":", color="0.4")
                for j, condition in enumerate((CONTROL, what)):
                    place = 3 * i + j
                    if mean is not None:
                        bar, half = mean[condition].mean[i], mean[condition].half[i]
                        axes.bar(place, bar, 0.85, yerr=half, color=COLOURS[j], capsize=3)
                    if len(dots) > 1:
                        heights = [shares[condition].mean[i] for shares in dots]
                        axes.plot([place - 0.28] * len(dots), heights, ".", color="k", markersize=4)
                    for values, style in ((networks, NETWORKS), (rats, RATS)):
                        axes.plot(place + 0.28, values[what][j][i], **style)
            axes.set(title=what, xticks=[0.5, 3.5], ylim=(0, 104))
            axes.set_xticklabels([f"p = {p:g}" for p in PROBABILITIES])
            despine(axes)
        panels[0].set_ylabel("risky choices, % of free pulls")
        figure.legend(
            handles=_legend(len(dots)), frameon=False, ncols=6, loc="outside lower center"
        )


NETWORKS: dict[str, Any] = {
    "marker": "D",
    "linestyle": "",
    "markersize": 6,
    "color": "k",
    "markerfacecolor": "w",
    "zorder": 4,
}
RATS = NETWORKS | {"marker": "o"}
"""Of published marks."""


def _legend(num_runs: int) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    names = zip(COLOURS, (CONTROL, "stimulated"), strict=True)
    bars = [Patch(color=colour, label=f"ours, {name}") for colour, name in names]
    runs = [Line2D([], [], color="k", marker=".", linestyle="", label="one run")]
    return [
        *(bars if num_runs else []),
        *(runs if num_runs > 1 else []),
        Line2D([], [], **NETWORKS, label="networks (2018)"),
        Line2D([], [], **RATS, label="rats (2018)"),
        Line2D([], [], color="0.4", linestyle=":", label="optimum"),
    ]
