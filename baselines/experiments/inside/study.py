"""All measures that fit an agent and its environment, on one page."""

from __future__ import annotations

import importlib
from pathlib import Path

from baselines.common.errors import InputError
from baselines.common.files import write_results
from baselines.common.machine import machine
from baselines.common.progress import track
from baselines.experiments.inside.subject import Subject
from baselines.reporting.markdown import write_markdown
from baselines.reporting.page import Section, write_page

SECTIONS = {
    "distance": "distance from the optimum",
    "exploration": "exploration by belief",
    "probes": "what can be read of the activity",
    "state_machines": "comparison with the optimum's states",
    "components": "principal components",
    "tuning": "what units are tuned to",
    "phase_portrait": "phase portrait",
    "fixed_points": "fixed points",
    "lesions": "lesions",
    "training": "during training",
}
"""By module, in the order of the page: what each section is about. Its `section(subject)` raises an
InputError where it does not fit."""
PAGE = "inside.html"


def look_inside(subject: Subject) -> list[Section]:
    """Writes the page, its figures and tables into the subject's folder.

    What does not fit the agent or the environment is named at the end, with the reason. If it is
    interrupted, the page holds what was finished.

    Returns:
        The sections of the page.

    Raises:
        InputError: If the agent cannot be recorded at all.
    """
    subject.own  # noqa: B018  (What keeps it from being recorded is an error, not a section.)
    sections: list[Section] = []
    without: list[str] = []
    try:
        for name in track(list(SECTIONS), SECTIONS.__getitem__):
            module = importlib.import_module(f"baselines.experiments.inside.{name}")
            try:
                sections.append(_with_tables_written(module.section(subject), subject.out))
            except InputError as error:
                without.append(f"{SECTIONS[name].capitalize()}: {error}.")
    finally:
        if sections or without:
            _write(subject, sections, without)
    return sections


def _with_tables_written(section: Section, out: Path) -> Section:
    tables = [write_markdown(out / f"{table.name}.md", *table[1:]) for table in section.tables]
    return section._replace(tables=tables)


def _write(subject: Subject, sections: list[Section], without: list[str]) -> None:
    own = subject.own.evaluation
    kwargs = f" with {subject.env_kwargs}" if subject.env_kwargs else ""
    intro = [
        f"{subject.agent} on {subject.env_id}{kwargs}: {len(own.episodes):,} episodes of seed "
        f"{subject.seed}, {subject.own.activity.shape[2]} units. What is fitted is scored on other "
        "episodes, and intervals are of 95 %.",
        f"$ python -m baselines inside --env {subject.env_id} --agent {subject.agent} "
        f"--episodes {subject.episodes} --seed {subject.seed}",
    ]
    if without:
        sections = [*sections, Section("Left out", without)]
    write_page(subject.out / PAGE, f"Inside {subject.agent}", intro, sections)
    write_results(subject.out / "inside.json", {"machine": machine(), "agent": subject.agent})
