"""Tables of scores, printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rich.console import Console
from rich.table import Table

from baselines.common.intervals import with_half_width
from baselines.evaluation.compare import Comparison
from baselines.evaluation.result import Evaluation

WIDE = 1_000
"""Columns of an output that is no terminal: no row of a table is broken there."""


class Output(Console):
    """Standard output, to print tables on."""

    def __init__(self) -> None:
        super().__init__(highlight=False, markup=False, emoji=False)
        if not self.is_terminal:
            self.width = WIDE

    def on_broken_pipe(self) -> None:
        """Leaves it to the command line what happens when nobody reads on."""
        raise


def show_table(columns: Sequence[str], rows: Sequence[Sequence[object]], names: int = 1) -> None:
    """Prints a table; where the terminal is too narrow for it, a few lines for each row.

    Either way every cell is whole.

    Args:
        columns: Headings.
        rows: As many cells each.
        names: How many of the first columns say what a row is; the others are numbers.
    """
    output, plain = Output(), [[str(cell) for cell in row] for row in rows]
    for wrapped in (False, True):
        table = _table(columns, plain, names, wrapped)
        if output.measure(table, options=output.options.update(width=WIDE)).maximum <= output.width:
            output.print(table)
            return
    width = max(map(len, columns[names:]))
    lines = [", ".join(columns[:names])]
    for row in plain:
        lines.append(", ".join(row[:names]))
        lines += [f"  {c:{width}}  {v}" for c, v in zip(columns[names:], row[names:], strict=True)]
    output.print("\n".join(lines), soft_wrap=True)


def _table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], names: int, wrapped: bool
) -> Table:
    """A table in one piece; if wrapped, with headings no wider than their column's cells."""
    table = Table()
    for index, (column, *cells) in enumerate(zip(columns, *rows, strict=True)):
        # A word of a heading stays whole too.
        width = max(map(len, (*cells, *column.split()))) if wrapped else None
        justify: Literal["left", "right"] = "left" if index < names else "right"
        table.add_column(column, justify=justify, no_wrap=not wrapped, width=width)
    for row in rows:
        table.add_row(*row)
    return table


def print_table(evaluations: Sequence[Evaluation]) -> None:
    """Prints one row an evaluation, with 95 % intervals and normalised scores.

    Last comes the optimality gap; where an optimum is known and the gap is not, `to optimum`: the
    mean return minus the optimum's, with the interval of the differences episode by episode, which
    is an estimate of the same, turned round, with the luck of tasks and rewards. Where no optimum
    is known, that and the normalised scores are left out.
    """
    several = len({e.env_id for e in evaluations}) > 1
    names = ["environment", "agent"] if several else ["agent"]
    columns = [*names, "mean return", "mean regret"]
    rows = [
        [
            *([e.env_id] if several else []),
            e.agent,
            with_half_width(e.mean_return, e.ci95_return),
            _cell(e.mean_regret, e.ci95_regret),
        ]
        for e in evaluations
    ]
    if any(e.difference_to_optimum is not None for e in evaluations):
        known = [e.mean_optimality_gap is not None for e in evaluations]
        columns.append("normalised")
        for row, e in zip(rows, evaluations, strict=True):
            row.append("-" if e.normalized_score is None else f"{e.normalized_score:.3f}")
        if any(known):
            columns.append("optimality gap")
            for row, e in zip(rows, evaluations, strict=True):
                row.append(_cell(e.mean_optimality_gap, e.ci95_optimality_gap))
        differences = [e.difference_to_optimum for e in evaluations]
        if any(d is not None and not gap for d, gap in zip(differences, known, strict=True)):
            columns.append("to optimum")
            for row, e in zip(rows, evaluations, strict=True):
                row.append(_cell(e.difference_to_optimum, e.ci95_difference_to_optimum))
    print(_title(evaluations))
    show_table(columns, rows, len(names))


def print_comparison(comparison: Comparison) -> None:
    """Prints both agents' scores, what differs between them and, below, what that shows."""
    rows, columns = comparison.rows(), ["agent", "mean return", "mean regret", "optimality gap"]
    if not any(gap for *_, gap in rows):
        rows, columns = [row[:-1] for row in rows], columns[:-1]
    print(_title([comparison.first, comparison.second]))
    show_table(columns, [[cell or "-" for cell in row] for row in rows])
    print(comparison.verdict)


def _cell(mean: float | None, interval: tuple[float, float] | None) -> str:
    return "-" if mean is None or interval is None else with_half_width(mean, interval)


def _title(evaluations: Sequence[Evaluation]) -> str:
    first = evaluations[0]
    envs = ", ".join(dict.fromkeys(e.env_id for e in evaluations))
    actions = "most probable actions" if first.deterministic else "sampled actions"
    given = len({episode.task for episode in first.episodes} - {None})
    tasks = f" of {given:,} given task{'s' if given > 1 else ''}" if given else ""
    return f"{envs}: {len(first.episodes):,} episodes{tasks}, seed {first.seed}, {actions}"
