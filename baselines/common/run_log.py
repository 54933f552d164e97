"""The text of a run's `log.csv`: which of its rows are whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

FIRST_COLUMNS = ("num_timesteps", "mean_return", "mean_regret")
"""Of `log.csv`; the means are empty while no episode has ended."""
TIMINGS = ("steps_per_second",)
"""Metrics that depend on the machine's moment."""


def read_text(path: Path) -> str:
    """A text file's content; nothing if there is none, and what is no text replaced."""
    return path.read_bytes().decode(errors="replace") if os.path.exists(path) else ""


def whole_rows(log: str) -> Iterator[tuple[str, int]]:
    """The rows of a log and their steps, its header as 0, up to the first that is damaged."""
    header, *rows = log.splitlines(keepends=True) or [""]
    names = header.rstrip("\n").split(",")
    if names[: len(FIRST_COLUMNS)] != list(FIRST_COLUMNS) or not header.endswith("\n"):
        return
    yield header, 0
    before = 0
    for row in rows:
        # A process that was killed may have left half a row.
        try:
            values = [float(value or "nan") for value in row.split(",")]
        except ValueError:
            return
        whole = row.endswith("\n") and len(values) == len(names) and values[0].is_integer()
        if not whole or not values[0] > before:
            return
        before = int(values[0])
        yield row, before


def columns(log: str) -> list[str] | None:
    """The columns of a log, None if it has none yet."""
    header = next(whole_rows(log), None)
    return None if header is None else header[0].rstrip("\n").split(",")
