"""Figures of scores over many environments and seeds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from baselines.reporting.figures import Label, despine, figure_file, label_lines
from baselines.statistics.bootstrap import Estimate
from baselines.statistics.profiles import Profile

NEAR_OPTIMUM = 0.9
"""From where on a panel of its own shows a profile: most that is learnt at all is above."""


def plot_profiles(profiles: Mapping[str, Profile], path: Path) -> None:
    """Draws performance profiles: from chance to the optimum, and near the optimum once more.

    Args:
        profiles: By agent; higher is better everywhere.
        path: Of the figure.
    """
    with figure_file(path, 1, 2, figsize=(9.6, 3.8), sharey=True) as (_, panels):
        for axes, left in zip(panels, (0, NEAR_OPTIMUM), strict=True):
            for number, one in enumerate(profiles.values()):
                axes.step(one.thresholds, one.share, color=f"C{number}", where="post")
                axes.fill_between(
                    one.thresholds, one.low, one.high, color=f"C{number}", alpha=0.2, step="post",
                    linewidth=0,
                )  # fmt: skip
            axes.set(xlim=(left, 1.005), ylim=(0, 1.02), xlabel="normalised score")
            despine(axes)
        panels[0].set_ylabel("share of runs with a higher score")
        labels = []
        for number, (agent, one) in enumerate(profiles.items()):
            # At the right end all profiles are at 0: the label stands where the line still is high.
            place = int(np.searchsorted(one.thresholds, NEAR_OPTIMUM))
            labels.append(Label(float(one.share[place]), agent, f"C{number}"))
        label_lines(panels[1], labels)


def plot_aggregates(found: Mapping[str, Mapping[str, Estimate]], path: Path) -> None:
    """Draws a panel a statistic: a dot an agent, with its interval.

    Args:
        found: By statistic and agent.
        path: Of the figure.
    """
    agents = list(next(iter(found.values())))
    size = 9.6, 1.1 + 0.35 * len(agents)
    with figure_file(path, 1, len(found), figsize=size, sharey=True) as (_, panels):
        for axes, (statistic, estimates) in zip(np.atleast_1d(panels), found.items(), strict=True):
            for number, agent in enumerate(agents):
                one, colour = estimates[agent], f"C{number}"
                if np.isfinite(one.low):
                    axes.plot([one.low, one.high], [number] * 2, color=colour, linewidth=5,
                              alpha=0.4, solid_capstyle="butt")  # fmt: skip
                axes.plot(one.value, number, "o", color=colour)
                axes.annotate(f"{one.value:.3f}", (one.value, number), (0, 6),
                              textcoords="offset points", ha="center", color=colour)  # fmt: skip
            axes.set(title=statistic, xlabel="normalised score", ylim=(len(agents) - 0.5, -0.7))
            axes.set_yticks(range(len(agents)), agents)
            axes.margins(x=0.25)
            despine(axes)
