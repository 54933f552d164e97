"""How far the agent is from the best possible one, and where on the way that is lost."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from baselines.analysis.exploration import KINDS, gap_by_kind
from baselines.common.errors import InputError
from baselines.common.intervals import with_half_width
from baselines.evaluation.result import Evaluation
from baselines.experiments.inside.subject import REFERENCES, Subject
from baselines.reporting.figures import plot_optimality_gap
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
    plot_optimality_gap(played, subject.out / FILE)
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
