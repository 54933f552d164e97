"""A page an experiment, from what `reproduce all` has written into docs/data/experiments."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from baselines.evaluation.pretrained import trained_folder
from baselines.experiments import EXPERIMENTS
from baselines.experiments.repeat import RECORD
from baselines.experiments.report.scores import scores_section
from baselines.reporting.page import Section
from baselines.training.publish import SCORES
from generate.markdown import figure, table, toctree

FOLDER = Path(__file__).parents[1] / "data" / "experiments"
"""A folder an experiment, of which the record and the figures are kept."""


def pages(folder: Path, recorded: Path = FOLDER) -> dict[str, str]:
    """The text of every page by name; figures are copied beside them.

    Args:
        folder: That the pages are going to be in.
        recorded: What was found.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"scores": _page(scores_section(folder, trained_folder() / SCORES), "")}
    rows = []
    for name, row in EXPERIMENTS.items():
        path = recorded / name / RECORD
        if not path.exists():
            told = f"hours of training; {row.recorded}" if row.recorded else row.summary
            rows.append((f"`{name}`", told))
            continue
        record = json.loads(path.read_text())
        section = Section.from_json(record["section"])
        for one in section.figures:
            target = f"{name}_{one.file.replace('/', '_')}"
            shutil.copyfile(recorded / name / one.file, folder / target)
        texts[name] = _page(section, name, _made(record))
        rows.append((f"[{section.title}]({name}.md)", row.summary))
    index = (
        "# Experiments\n\nWhat the papers found, found again with the agents that are included, "
        "beside the published figures and the optimum. `python -m baselines reproduce all` repeats "
        "them all in minutes; each page has the command for it alone.\n\n"
        + table(["experiment", "what it shows"], rows)
        + "\nThe scores of the trained agents: [scores](scores.md). Measurements over more seeds "
        "and longer trainings: [measurements](../results.md).\n\n"
    )
    return {"index": index + toctree(["scores", *(one for one in texts if one != "scores")]),
            **texts}  # fmt: skip


def _made(record: dict[str, Any]) -> str:
    machine, episodes = record["machine"], record.get("episodes")
    played = f"{episodes:,} episodes, " if episodes else ""
    return (
        f"{played}seed {record['seed']}, in {record['seconds']:.0f} seconds on "
        f"{machine['processor']}, {machine['cores']} cores"
    )


def _page(section: Section, name: str, made: str = "") -> str:
    parts = [f"# {section.title}\n"]
    if section.question:
        parts.append(f"*{section.question}*\n")
    parts += [f"{text}\n" for text in section.text]
    for one in section.figures:
        file = f"{name}_{one.file.replace('/', '_')}" if name else one.file
        parts.append(figure(file, one.caption, one.caption))
    for one in section.tables:
        rows = [(name, *map(str, cells)) for name, cells in one.rows]
        parts.append(table([one.corner, *one.columns], rows))
    if section.differs:
        parts += ["## What differs\n", *(f"{text}\n" for text in section.differs)]
    if section.command:
        parts += ["## Repeat it\n", f"```console\n$ {section.command}\n```\n"]
    if made:
        parts.append(f"{made[0].upper()}{made[1:]}.\n")
    return "\n".join(parts)
