"""The figure of the two-step experiment: a row a statistic, a column an agent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.analysis.lagged_regression import LaggedRegression
from baselines.analysis.two_step import KINDS, Stay
from baselines.common.intervals import Z95
from baselines.reporting.figures import despine, figure_file

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

COLOURS = {"common": "C0", "rare": "C1"}
STYLES: dict[str, Literal["-", "--"]] = {"rewarded": "-", "unrewarded": "--"}
PUBLISHED: dict[str, Any] = {"marker": "D", "linestyle": "", "markersize": 5, "clip_on": False}
"""Of the marks, which are filled white."""


class Row(NamedTuple):
    """A row of panels.

    Attributes:
        title: Of its axis.
        ours: By agent.
        published: By agent, values of shape (4,) for stays and (4, lags) for coefficients.
    """

    title: str
    ours: Mapping[str, Stay] | Mapping[str, LaggedRegression]
    published: Mapping[str, NDArray[np.float64]]


def draw(rows: Sequence[Row], path: Path) -> None:
    """Draws the panels as a PNG."""
    agents = list(dict.fromkeys(agent for row in rows for agent in row.ours))
    size = 2.5 * len(agents), 2.3 * len(rows)
    kwargs: dict[str, Any] = {"figsize": size, "sharey": "row", "squeeze": False, "dpi": 110}
    with figure_file(path, len(rows), len(agents), **kwargs) as (figure, panels):
        for row, line in zip(rows, panels, strict=True):
            for agent, axes in zip(agents, line, strict=True):
                _panel(axes, row.ours[agent], row.published.get(agent))
            line[0].set_ylabel(row.title)
        for agent, axes in zip(agents, panels[0], strict=True):
            # The end of a path tells more than its beginning.
            axes.set_title(agent if len(agent) < 25 else f"...{agent[-22:]}", fontsize="medium")
        figure.legend(handles=_legend(), frameon=False, ncols=5, loc="outside lower center")


def _legend() -> list[Artist]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    patches = [Patch(color=colour, label=name) for name, colour in COLOURS.items()]
    lines = [Line2D([], [], color="0.4", linestyle=s, label=name) for name, s in STYLES.items()]
    mark = Line2D([], [], color="k", markerfacecolor="w", label="published", **PUBLISHED)
    return [*patches, *lines, mark]


def _panel(
    axes: Axes, ours: Stay | LaggedRegression, published: NDArray[np.float64] | None
) -> None:
    if isinstance(ours, Stay):
        _bars(axes, ours, published)
    else:
        _lines(axes, ours, published)
    despine(axes)


def _bars(axes: Axes, stay: Stay, published: NDArray[np.float64] | None) -> None:
    places = np.array([0.0, 0.8, 2.2, 3.0])
    errors = np.stack([stay.mean - stay.low, stay.high - stay.mean])
    for index, colour in enumerate(COLOURS.values()):
        part = slice(index, None, 2)
        axes.bar(places[part], stay.mean[part], 0.75, yerr=errors[:, part], color=colour)
    if published is not None:
        axes.plot(places, published, color="k", markerfacecolor="w", zorder=3, **PUBLISHED)
    axes.set(ylim=(0, 1.05), xticks=[0.4, 2.6], xticklabels=["rewarded", "unrewarded"])


def _lines(axes: Axes, fit: LaggedRegression, published: NDArray[np.float64] | None) -> None:
    lags = np.arange(1, fit.coefficients.shape[1] + 1)
    axes.axhline(0, color="0.8", linewidth=0.8)
    for index, kind in enumerate(KINDS):
        reward, transition = kind.split(", ")
        colour, style = COLOURS[transition], STYLES[reward]
        means, halves = fit.coefficients[index], Z95 * fit.errors[index]
        axes.errorbar(lags, means, halves, color=colour, linestyle=style)
        if published is not None:
            # In the colours of the lines: there are four at each lag.
            axes.plot(lags, published[index], color=colour, markerfacecolor="w", **PUBLISHED)
    if np.isnan(fit.coefficients).all():
        axes.text(0.5, 0.95, "no finite fit", transform=axes.transAxes, ha="center", va="top")
    axes.set(xlabel="trials ago", xticks=lags)
