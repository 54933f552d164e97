"""Writes one page an environment family into docs/environments, from its docstring."""

from __future__ import annotations

import inspect
from pathlib import Path

from meta_envs.core.family import load_family
from meta_envs.registration import TABLE, Row

FOLDER = Path(__file__).parent / "environments"


def pages() -> dict[str, str]:
    """The text of every page, by file name; families in the order of the table."""
    families: dict[str, list[Row]] = {}
    for row in TABLE:
        families.setdefault(row.family, []).append(row)
    texts = {}
    for family, rows in families.items():
        docstring = inspect.getdoc(load_family(f"meta_envs.tasks.{family}")) or ""
        ids = ", ".join(f"`{row.id}`" for row in rows)
        module, _, name = family.partition(":")
        texts[f"{module}.md"] = f"# {name}\n\n{ids}\n\n{docstring}\n"
    lines = ["# Environments", "", "| id | task | source |", "| --- | --- | --- |"]
    for row in TABLE:
        page = row.family.partition(":")[0]
        lines.append(f"| [{row.id}]({page}.md) | {row.summary} | {row.source} |")
    texts["README.md"] = "\n".join(lines) + "\n"
    return texts


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text)
    print(f"wrote {len(pages())} pages into {FOLDER}")
