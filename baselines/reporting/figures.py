"""Figures: how they are begun, labelled and saved, and those of what is lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.common.errors import InputError
from baselines.common.files import replacing
from baselines.common.intervals import Z95
from baselines.evaluation.result import Evaluation

SIZE = (6.4, 4.2)
"""Inches of a figure with one panel."""
FORMATS = ("png", "svg", "pdf")
"""What figures can be saved as, by the suffix of their file."""
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#666666", "#000000")
"""Of lines and bars, C0 to C7: Okabe and Ito's, which people with any kind of colour vision can
tell apart; their yellow and orange, too pale for labels, are one darker shade."""
LABEL_POINTS, LABEL_LENGTH = 9, 36
"""Size of a line's label, and its characters at most."""


class Label(NamedTuple):
    """What a line is.

    Attributes:
        value: Where it ends.
        text: What it is called.
        colour: Of the line.
        end: Where it ends sideways, None for the right side of the axes; a thin line goes on from
            there to the label.
    """

    value: float
    text: str
    colour: str
    end: float | None = None


def check_format(path: Path) -> None:
    """Raises an InputError if a figure's file has none of the suffixes that can be saved."""
    if path.suffix[1:].lower() not in FORMATS:
        known = ", ".join(f".{name}" for name in FORMATS)
        raise InputError(f"`out` must end in one of {known}, got {path}")


@contextmanager
def figure_file(
    path: Path, rows: int = 1, columns: int = 1, *, dpi: int = 150, **kwargs: Any
) -> Iterator[tuple[Any, Any]]:
    """A figure to draw into, saved when the `with` block ends; whole or not at all.

    An SVG is small and the same each time: its text is text, in the reader's font, and it has no
    date and no random names.

    Args:
        path: Where to; its suffix is one of `FORMATS`.
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

    kind = path.suffix[1:].lower()
    style: dict[Any, Any] = {"axes.prop_cycle": matplotlib.rcsetup.cycler("color", COLOURS)}
    style |= {"svg.fonttype": "none", "svg.hashsalt": path.stem}
    with plt.rc_context(style):
        figure, axes = plt.subplots(
            rows, columns, **({"figsize": SIZE, "layout": "constrained"} | kwargs)
        )
        try:
            yield figure, axes
            with replacing(path) as partial:
                undated: dict[str, Any] = {"metadata": {"Date": None}} if kind == "svg" else {}
                figure.savefig(partial, dpi=dpi, format=kind, **undated)
        finally:
            plt.close(figure)


def despine(axes: Any) -> None:
    """Takes the frame's top and right side away."""
    axes.spines[["top", "right"]].set_visible(False)


def label_lines(axes: Any, labels: Sequence[Label]) -> None:
    """Writes what each line is at its right end, one above the other where ends are close.

    The limits and the scale of the axes must be set before.
    """
    axes.figure.draw_without_rendering()
    box, (left, right) = axes.get_window_extent(), axes.get_xlim()
    gap = 1.25 * LABEL_POINTS * axes.figure.dpi / 72
    ordered = sorted(labels, key=lambda label: label.value)
    heights: list[float] = []
    for label in ordered:
        height = float(axes.transData.transform((left, label.value))[1])
        least = heights[-1] + gap if heights else box.y0
        heights.append(max(min(height, box.y1), least))
    ceiling = box.y1
    for index in reversed(range(len(heights))):
        heights[index] = min(heights[index], ceiling)
        ceiling = heights[index] - gap
    for label, height in zip(ordered, heights, strict=True):
        if label.end is not None and label.end < right:
            along = [label.end, right], [label.value, label.value]
            axes.plot(*along, color=label.colour, linestyle=":", linewidth=0.7)
        # The end of a path tells more than its beginning.
        text = label.text if len(label.text) <= LABEL_LENGTH else f"...{label.text[-LABEL_LENGTH:]}"
        axes.annotate(
            text,
            (1, (height - box.y0) / box.height),
            xycoords="axes fraction",
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=LABEL_POINTS,
            color=label.colour,
            annotation_clip=False,
        )


def plot_regret(evaluations: Sequence[Evaluation], path: Path) -> None:
    """Draws the mean regret summed up to each step, with its 95 % interval."""
    _plot_so_far([(e, e.regret) for e in evaluations if e.regret is not None], "regret", path)


def plot_optimality_gap(evaluations: Sequence[Evaluation], path: Path) -> None:
    """Draws the mean optimality gap summed up to each step, with its 95 % interval."""
    known = [(e, e.optimality_gap) for e in evaluations if e.optimality_gap is not None]
    _plot_so_far(known, "optimality gap", path)


def _plot_so_far(
    losses: Sequence[tuple[Evaluation, NDArray[np.float64]]], name: str, path: Path
) -> None:
    """Draws what each agent has lost up to each step, given per step, (episodes, steps)."""
    with figure_file(path) as (_, axes):
        tops, labels = [], []
        for evaluation, loss in losses:
            curves = loss.cumsum(axis=1)
            mean = curves.mean(axis=0)
            half = Z95 * curves.std(axis=0) / len(curves) ** 0.5
            steps = np.arange(1, len(mean) + 1)
            style = "k--" if evaluation.agent == "optimal" else "-"
            (line,) = axes.plot(steps, mean, style)
            colour = line.get_color()
            axes.fill_between(steps, mean - half, mean + half, color=colour, alpha=0.2, linewidth=0)
            labels.append(Label(float(mean[-1]), f"{evaluation.agent} ({mean[-1]:.2f})", colour))
            if evaluation.agent != "random":
                tops.append(float((mean + half)[-1]))
        if tops:
            # A random agent's line would leave the others at the bottom of the figure.
            axes.set_ylim(0, 1.15 * max(tops))
        title = losses[0][0].env_id if losses else ""
        axes.set(xlabel="step of the episode", ylabel=f"{name} so far", title=title)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.margins(x=0)
        despine(axes)
        label_lines(axes, labels)
