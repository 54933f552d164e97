"""Writes one page an environment family into docs/environments, from its docstring."""

from __future__ import annotations

import inspect
from pathlib import Path

from meta_envs.core.family import TaskFamily, load_family
from meta_envs.registration import TABLE, Row

FOLDER = Path(__file__).parent / "environments"


def pages() -> dict[str, str]:
    """The text of every page, by file name; families in the order of the table."""
    families: dict[str | type[TaskFamily], list[Row]] = {}
    for row in TABLE:
        families.setdefault(row.family, []).append(row)
    texts = {}
    for name, rows in families.items():
        family = load_family(name)
        ids = ", ".join(f"`{row.id}`" for row in rows)
        texts[page(family)] = f"# {family.__name__}\n\n{ids}\n\n{inspect.getdoc(family)}\n"
    lines = ["# Environments", "", "| id | task | source |", "| --- | --- | --- |"]
    for row in TABLE:
        target = page(load_family(row.family))
        lines.append(f"| [{row.id}]({target}) | {row.summary} | {row.source} |")
    texts["README.md"] = "\n".join(lines) + "\n"
    return texts


def page(family: type[TaskFamily]) -> str:
    """The file of a family's page, named after its module."""
    return family.__module__.rpartition(".")[2] + ".md"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text)
    print(f"wrote {len(pages())} pages into {FOLDER}")
