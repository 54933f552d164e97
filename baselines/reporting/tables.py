"""Tables of scores, printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

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


def show_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], names: int = 1, title: str = ""
) -> None:
    """Prints a table; where the terminal is too narrow for it, a few lines for each row.

    Either way every cell is whole.

    Args:
        columns: Headings.
        rows: As many cells each.
        names: How many of the first columns say what a row is; the others are numbers.
        title: Above it.
    """
    output = Output()
    table = Table(title=title or None, title_justify="left", title_style="")
    for index, column in enumerate(columns):
        table.add_column(column, no_wrap=True, justify="left" if index < names else "right")
    plain = [[str(cell) for cell in row] for row in rows]
    for row in plain:
        table.add_row(*row)
    anyhow = output.options.update(width=WIDE)
    if output.measure(table, options=anyhow).maximum <= output.width:
        output.print(table)
        return
    width = max(map(len, columns[names:]))
    lines = [title] if title else []
    for row in plain:
        lines.append(", ".join(row[:names]))
        lines += [f"  {c:{width}}  {v}" for c, v in zip(columns[names:], row[names:], strict=True)]
    output.print("\n".join(lines), soft_wrap=True)


def print_table(evaluations: Sequence[Evaluation]) -> None:
    """Prints one row an evaluation, with 95 % intervals and normalised scores."""
    several = len({e.env_id for e in evaluations}) > 1
    names = ["environment", "agent"] if several else ["agent"]
    rows = []
    for e in evaluations:
        regret = "-"
        if e.mean_regret is not None and e.ci95_regret is not None:
            regret = f"{e.mean_regret:.3f} ± {e.ci95_regret[1] - e.mean_regret:.3f}"
        score = f"{e.mean_return:.3f} ± {e.ci95_return[1] - e.mean_return:.3f}"
        normalized = "-" if e.normalized_score is None else f"{e.normalized_score:.3f}"
        rows.append([*([e.env_id] if several else []), e.agent, score, regret, normalized])
    columns = [*names, "mean return", "mean regret", "normalised"]
    print(_title(evaluations))
    show_table(columns, rows, len(names))


def print_comparison(comparison: Comparison) -> None:
    """Prints both agents' scores and, below, what differs between them."""
    print_table([comparison.first, comparison.second])
    print(comparison)


def _title(evaluations: Sequence[Evaluation]) -> str:
    first = evaluations[0]
    envs = ", ".join(dict.fromkeys(e.env_id for e in evaluations))
    actions = "most probable actions" if first.deterministic else "sampled actions"
    return f"{envs}: {len(first.episodes):,} episodes, seed {first.seed}, {actions}"
