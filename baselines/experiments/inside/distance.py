"""How far the agent is from the best possible one, and where on the way that is lost."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from baselines.analysis.exploration import KINDS, gap_by_kind
from baselines.common.errors import InputError
from baselines.common.intervals import Z95, with_half_width
from baselines.evaluation.result import Evaluation
from baselines.experiments.inside.subject import REFERENCES, Subject
from baselines.reporting.figures import Label, despine, figure_file, label_lines
from baselines.reporting.markdown import Table
from baselines.reporting.page import Figure, Section

COLUMNS = ("optimality gap", "of it in the last half, %", "mean return", "normalised")
FILE = "distance.svg"


def section(subject: Subject) -> Section:
    """The exact distance from the optimum, beside other agents', by trial and by kind.

    Raises:
        InputError: If it is not known for the environment.
    """
    played = [replace(subject.own.evaluation, agent="agent")]
    if played[0].optimality_gap is None:
        raise InputError("no optimality gap is known here")
    for name in REFERENCES:
        try:
            played.append(subject.played_by(name))
        except InputError:
            continue  # It is not made for such tasks.
    played.sort(key=lambda e: e.mean_optimality_gap or 0.0)
    tables = [Table("distance", "agent", COLUMNS, [(e.agent, _row(e)) for e in played])]
    with suppress(InputError):  # Known of two independent arms only.
        tables.append(_by_kind(played))
    _draw(played, subject.out / FILE)
    text = (
        "What each action was worth less than the best one for what had been seen by then, "
        "V*(belief) - Q*(belief, action), summed over an episode. On average that is the optimal "
        "return minus the agent's, without the luck of tasks and rewards.",
    )
    caption = "The optimality gap so far, up to each step of an episode. Bands: 95 % intervals."
    return Section("Distance from the optimum", text, tables, [Figure(FILE, caption)])


def _row(evaluation: Evaluation) -> list[str]:
    gaps, gap = evaluation.optimality_gap, evaluation.mean_optimality_gap
    assert gaps is not None
    assert gap is not None
    assert evaluation.ci95_optimality_gap is not None
    late = float(gaps[:, gaps.shape[1] // 2 :].sum() / max(gaps.sum(), 1e-12))
    score = evaluation.normalized_score
    return [
        with_half_width(gap, evaluation.ci95_optimality_gap),
        f"{100 * late:.0f}" if gap > 0 else "-",
        with_half_width(evaluation.mean_return, evaluation.ci95_return),
        "-" if score is None else f"{score:.3f}",
    ]


def _by_kind(played: Sequence[Evaluation]) -> Table:
    """Whether an agent explores too little or too much.

    Raises:
        InputError: If it was not played on two independent arms.
    """
    rows = []
    for evaluation in played:
        kinds = gap_by_kind(evaluation)
        pairs = zip(kinds.mean, zip(kinds.low, kinds.high, strict=True), strict=True)
        rows.append((evaluation.agent, [with_half_width(*pair) for pair in pairs]))
    return Table("distance_by_kind", "optimality gap by kind of pull", KINDS, rows)


def _draw(played: Sequence[Evaluation], path: Path) -> None:
    """Draws the gap summed up to each step."""
    with figure_file(path) as (_, axes):
        labels, tops = [], []
        for number, evaluation in enumerate(played):
            gaps = evaluation.optimality_gap
            assert gaps is not None
            curves = gaps.cumsum(axis=1)
            mean = curves.mean(axis=0)
            half = Z95 * curves.std(axis=0) / len(curves) ** 0.5
            steps = np.arange(1, len(mean) + 1)
            colour = f"C{number}"
            axes.plot(steps, mean, color=colour)
            axes.fill_between(steps, mean - half, mean + half, color=colour, alpha=0.2, linewidth=0)
            labels.append(Label(float(mean[-1]), f"{evaluation.agent} ({mean[-1]:.2f})", colour))
            tops.append(float(mean[-1]))
        # Random's line would leave the others at the bottom.
        inside = [top for top in tops if top < 8 * np.median(tops)]
        axes.set(ylim=(0, 1.15 * max(inside)), xlabel="step of the episode")
        axes.set(ylabel="optimality gap so far", title=played[0].env_id)
        axes.margins(x=0)
        despine(axes)
        label_lines(axes, labels)
