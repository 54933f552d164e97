"""Pieces of MyST markdown."""

from __future__ import annotations

from collections.abc import Sequence


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; a bar in a cell is escaped."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(_cell(one) for one in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def figure(file: str, caption: str, alt: str) -> str:
    """An image beside the page with a caption; drawn by the browser when it comes into sight."""
    return f":::{{figure}} {file}\n:alt: {alt}\n:loading: lazy\n\n{caption}\n:::\n"


def toctree(pages: Sequence[str]) -> str:
    """Pages below this one, shown in the navigation alone."""
    return ":::{toctree}\n:hidden:\n\n" + "\n".join(pages) + "\n:::\n"


def words(name: str) -> str:
    """A class's name as a heading: DarkKeyToDoor is Dark Key To Door, TabularMDP Tabular MDP."""
    text = ""
    for before, letter, after in zip(" " + name, name, name[1:] + " ", strict=False):
        starts = letter.isupper() and (before.islower() or after.islower())
        text += f" {letter}" if starts and text else letter
    return text
