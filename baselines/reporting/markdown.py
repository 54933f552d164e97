"""Tables of our figures beside published ones, as markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.common.files import write_text
from baselines.common.intervals import confidence_interval
from baselines.evaluation.result import Evaluation
from baselines.reporting.tables import show_table


class Table(NamedTuple):
    """A table of results.

    Attributes:
        name: Of the file that holds it as markdown, without suffix.
        corner: Heading of the first column; says what the numbers are.
        columns: Headings of the others.
        rows: Names and cells.
    """

    name: str
    corner: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[object]]]


class Cell(NamedTuple):
    """A mean of ours and, where there is one, the figure it is compared with.

    Attributes:
        mean: Ours.
        half: Half of its 95 % interval.
        reference: The other figure.
    """

    mean: float
    half: float
    reference: float | None = None

    @classmethod
    def of(cls, evaluation: Evaluation, reference: float | None = None) -> Cell:
        """The mean regret of an evaluation."""
        assert evaluation.regrets is not None
        return cls.from_values(evaluation.regrets, reference)

    @classmethod
    def from_values(cls, values: NDArray[np.float64], reference: float | None = None) -> Cell:
        """The mean of one value an episode."""
        low, high = confidence_interval(values)
        return cls((low + high) / 2, (high - low) / 2, reference)

    def __str__(self) -> str:
        """For example `2.79 ± 0.02 (2.80)`."""
        text = f"{self.mean:.2f} ± {self.half:.2f}"
        return text if self.reference is None else f"{text} ({self.reference:.2f})"


def write_markdown(
    path: Path, corner: str, columns: Sequence[str], rows: Iterable[tuple[str, Sequence[object]]]
) -> Table:
    """Prints a table and writes it as markdown.

    Args:
        path: Where to.
        corner: Heading of the first column; says what the numbers are.
        columns: Headings of the others.
        rows: Names and cells. Where making one of them is interrupted, those before it are
            printed and written all the same.

    Returns:
        The table, its cells as text.
    """
    done: list[tuple[str, list[str]]] = []
    try:
        for name, cells in rows:
            done.append((name, [str(cell) for cell in cells]))
    finally:
        if done:
            header, lines = [corner, *columns], [[name, *cells] for name, cells in done]
            show_table(header, lines)
            whole = [header, ["---"] * len(header), *lines]
            write_text(path, "".join("| " + " | ".join(line) + " |\n" for line in whole))
    return Table(path.stem, corner, list(columns), done)
