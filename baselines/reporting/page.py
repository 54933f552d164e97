"""One static page of results: sections with text, figures and tables, for any browser, offline."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from baselines.common.files import write_text
from baselines.reporting.markdown import Table

STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem;
  overflow-wrap: anywhere; }
h1, h2 { line-height: 1.2; }
h2 { margin-top: 3rem; }
h3 { font-size: 1rem; margin-bottom: 0; }
h3 + p { margin-top: .25rem; }
nav { columns: 18rem; }
nav a { display: block; padding: .15rem 0; break-inside: avoid; }
.question { font-style: italic; }
figure { margin: 1.5rem 0; }
.wide { overflow-x: auto; }
img { max-width: 100%; height: auto; background: white; }
figcaption { color: GrayText; font-size: .9rem; }
.table { margin: 1rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums;
  overflow-wrap: normal; }
th, td { padding: .25rem .75rem; text-align: right; border-bottom: 1px solid GrayText; }
td { white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
th:first-child { min-width: 8rem; }
pre { overflow-x: auto; }
@media (max-width: 40rem) { img { max-width: none; width: 40rem; } }
@media print {
  nav { display: none; }
  body { max-width: none; font-size: 9pt; }
  figure, table, tr, pre { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  th, td { padding: .1rem .3rem; font-size: 7pt; }
  td { white-space: normal; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
}
"""
"""No fonts or scripts from elsewhere. What is wider than a phone scrolls by itself."""
NAME, CODE = re.compile("`([^`]+)`"), r"<code>\1</code>"
"""A name in backticks, and what a browser shows as one."""


class Figure(NamedTuple):
    """A figure of a section: a file beside the page, and what it shows."""

    file: str
    caption: str


class Link(NamedTuple):
    """A link of a section: to a file beside the page, and what it is called."""

    file: str
    text: str


class Section(NamedTuple):
    """A part of a page.

    Attributes:
        title: Its heading.
        text: Paragraphs, plain: what was found.
        tables: Below the figures.
        figures: Below the text.
        question: What was asked; stands first.
        differs: Paragraphs at the end: what differs from what is published, and why.
        links: To further pages.
        command: That repeats it.
    """

    title: str
    text: Sequence[str]
    tables: Sequence[Table] = ()
    figures: Sequence[Figure] = ()
    question: str = ""
    differs: Sequence[str] = ()
    links: Sequence[Link] = ()
    command: str = ""

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Section:
        """A section from what JSON has made of its `_asdict()`."""
        kinds = {"tables": Table, "figures": Figure, "links": Link}
        made = {name: [kind(*one) for one in values[name]] for name, kind in kinds.items()}
        return cls(**{**values, **made})

    def within(self, folder: str) -> Section:
        """The section on a page beside the folder that its files are in."""
        return self._replace(
            figures=[figure._replace(file=f"{folder}/{figure.file}") for figure in self.figures],
            links=[link._replace(file=f"{folder}/{link.file}") for link in self.links],
        )


def write_page(path: Path, title: str, intro: Sequence[str], sections: Sequence[Section]) -> None:
    """Writes the page, whole or not at all.

    Args:
        path: Of the page; figures are beside it.
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
    if len(sections) > 1:
        body.append(f"<nav>{links}</nav>")
    for anchor, section in zip(anchors, sections, strict=True):
        body += [f'<section id="{anchor}">', *_section(section), "</section>"]
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<link rel="icon" href="data:,">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style>"
    )
    lines = "\n".join(body)
    write_text(path, f'<!doctype html>\n<html lang="en"><head>{head}</head>\n{lines}\n</html>\n')


def _section(section: Section) -> list[str]:
    parts = [f"<h2>{html.escape(section.title)}</h2>"]
    if section.question:
        parts.append(f'<p class="question">{html.escape(section.question)}</p>')
    parts += map(_paragraph, section.text)
    parts += map(_figure, section.figures)
    parts += map(_table, section.tables)
    if section.differs:
        parts += ["<h3>What differs, and why</h3>", *map(_paragraph, section.differs)]
    if section.links:
        items = "".join(
            f'<li><a href="{html.escape(link.file)}">{html.escape(link.text)}</a></li>'
            for link in section.links
        )
        parts.append(f"<ul>{items}</ul>")
    if section.command:
        parts.append(_paragraph(f"$ {section.command}"))
    return parts


def _paragraph(text: str) -> str:
    """A command, or words with names in backticks."""
    escaped = html.escape(text)
    if text.startswith("$ "):
        return f"<pre>{escaped}</pre>"
    return f"<p>{NAME.sub(CODE, escaped)}</p>"


def _table(table: Table) -> str:
    columns = (table.corner, *table.columns)
    head = "".join(f"<th>{html.escape(column)}</th>" for column in columns)
    rows = "".join(
        f"<tr>{''.join(f'<td>{html.escape(str(cell))}</td>' for cell in (name, *cells))}</tr>"
        for name, cells in table.rows
    )
    return f'<div class="wide table"><table><tr>{head}</tr>{rows}</table></div>'


def _figure(figure: Figure) -> str:
    caption = html.escape(figure.caption)
    return (
        f'<figure><div class="wide"><img src="{html.escape(figure.file)}" alt="{caption}"></div>'
        f"<figcaption>{caption}</figcaption></figure>"
    )
