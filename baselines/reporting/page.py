"""One static page of results: sections with text, tables and figures, for any browser, offline."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from baselines.common.files import write_text
from baselines.reporting.markdown import write_markdown

STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1, h2 { line-height: 1.2; }
h1, p { overflow-wrap: anywhere; }
h2 { margin-top: 3rem; }
nav a { margin-right: 1rem; }
figure { margin: 1.5rem 0; }
img { max-width: 100%; height: auto; background: white; }
figcaption { color: GrayText; font-size: .9rem; }
.table { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem; text-align: right; border-bottom: 1px solid GrayText; }
td { white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
pre { overflow-x: auto; }
@media print { nav { display: none; } h2, figure, .table { break-inside: avoid; } }
"""
"""No fonts or scripts from elsewhere."""


class Table(NamedTuple):
    """A table of a section.

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


class Figure(NamedTuple):
    """A figure of a section: a file beside the page, and what it shows."""

    file: str
    caption: str


class Section(NamedTuple):
    """A part of a page.

    Attributes:
        title: Its heading.
        text: Paragraphs, plain.
        tables: Below the text.
        figures: Below the tables.
    """

    title: str
    text: Sequence[str]
    tables: Sequence[Table] = ()
    figures: Sequence[Figure] = ()


def write_page(path: Path, title: str, intro: Sequence[str], sections: Sequence[Section]) -> None:
    """Writes the page, and each table as markdown beside it.

    Args:
        path: Of the page; figures are in the same folder.
        title: Its heading.
        intro: Paragraphs before the first section; one that begins with "$ " is a command.
        sections: In their order.
    """
    body = [f"<h1>{html.escape(title)}</h1>", *map(_paragraph, intro)]
    anchors = [f"s{number}" for number in range(1, len(sections) + 1)]
    links = "".join(
        f'<a href="#{anchor}">{html.escape(section.title)}</a> '
        for anchor, section in zip(anchors, sections, strict=True)
    )
    body.append(f"<nav>{links}</nav>")
    for anchor, section in zip(anchors, sections, strict=True):
        body.append(f'<section id="{anchor}"><h2>{html.escape(section.title)}</h2>')
        body += map(_paragraph, section.text)
        for table in section.tables:
            write_markdown(path.with_name(f"{table.name}.md"), *table[1:])
            body.append(_table(table))
        body += map(_figure, section.figures)
        body.append("</section>")
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style>"
    )
    lines = "\n".join(body)
    write_text(path, f'<!doctype html>\n<html lang="en"><head>{head}</head>\n{lines}\n</html>\n')


def _paragraph(text: str) -> str:
    tag = "pre" if text.startswith("$ ") else "p"
    return f"<{tag}>{html.escape(text)}</{tag}>"


def _table(table: Table) -> str:
    columns = (table.corner, *table.columns)
    head = "".join(f"<th>{html.escape(column)}</th>" for column in columns)
    rows = "".join(
        f"<tr>{''.join(f'<td>{html.escape(str(cell))}</td>' for cell in (name, *cells))}</tr>"
        for name, cells in table.rows
    )
    return f'<div class="table"><table><tr>{head}</tr>{rows}</table></div>'


def _figure(figure: Figure) -> str:
    caption = html.escape(figure.caption)
    return (
        f'<figure><img src="{html.escape(figure.file)}" alt="{caption}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )
