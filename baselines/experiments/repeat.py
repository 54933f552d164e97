"""Repeating one experiment: its files, its page, and what tells that it is finished."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import shlex
import time
from pathlib import Path
from typing import Any, NamedTuple

from baselines.common.errors import InputError, did_you_mean
from baselines.common.files import output_folder, read_json, write_results
from baselines.common.machine import machine
from baselines.evaluation.pretrained import (
    included,
    is_pretrained,
    pretrained_agent,
    pretrained_path,
)
from baselines.experiments import EXPERIMENTS
from baselines.registry import TRAINABLE
from baselines.reporting.page import Section, write_page

RECORD, PAGE = "experiment.json", "index.html"
"""Files in an experiment's folder: what was done and found, and the same for people."""
SETTINGS = ("experiment", "episodes", "seed", "agent", "checkpoints")
"""Entries of the record that must be the same for the rest to be."""


class Settings(NamedTuple):
    """What an experiment is repeated with; None is its own default.

    Attributes:
        name: Of the experiment.
        episodes: Of each agent.
        seed: Tasks, noise and the agents' own sampling follow from it.
        agent: A trained agent to show beside the others.
    """

    name: str
    episodes: int | None = None
    seed: int = 0
    agent: str | None = None

    @property
    def given(self) -> dict[str, Any]:
        """What is given, as arguments of the experiment's `run`."""
        return {name: value for name, value in self._asdict().items()
                if name != "name" and value is not None}  # fmt: skip

    @property
    def command(self) -> str:
        """That repeats it."""
        options = [f"--{name} {shlex.quote(str(value))}" for name, value in self.given.items()]
        return " ".join(["python -m baselines reproduce", self.name, *options])

    @property
    def record(self) -> dict[str, Any]:
        """What the results follow from: what is given, and the included agents it means."""
        record = {"experiment": self.name} | self.given
        kinds: list[str] = []
        if self.agent is not None and is_pretrained(self.agent):
            kinds = [pretrained_agent(self.agent)]
        elif not takes_agent(self.name):
            # What shows included agents without being asked for one shows all of them.
            kinds = list(TRAINABLE)
        there = [
            (env_id, kind)
            for env_id, kind in included()
            if kind in kinds and env_id in EXPERIMENTS[self.name].environments
        ]
        if there:
            record["checkpoints"] = {
                f"{env_id} {kind}": hashlib.sha256(
                    pretrained_path(env_id, kind).read_bytes()
                ).hexdigest()
                for env_id, kind in there
            }
        return record


def check(settings: Settings) -> None:
    """Raises an InputError if there is no such experiment, or it does not take such settings."""
    name = settings.name
    if name not in EXPERIMENTS:
        meant = did_you_mean(name, EXPERIMENTS)
        raise InputError(
            f"there is no experiment {name!r}{meant}: choose from all, {', '.join(EXPERIMENTS)}"
        )
    if settings.episodes is not None and settings.episodes < 1:
        raise InputError(f"`episodes` must be at least 1, got {settings.episodes}")
    if settings.agent is not None and not takes_agent(name):
        raise InputError(f"{name} shows no agent of yours: leave `agent=` out")


def takes_agent(name: str) -> bool:
    """Whether an experiment shows a trained agent beside the others."""
    return "agent" in inspect.signature(_module(name).run).parameters


def _module(name: str) -> Any:
    return importlib.import_module(f"baselines.experiments.{name.replace('-', '_')}")


def repeat(settings: Settings, out: Path) -> None:
    """Repeats an experiment: its tables and figures, a page of them, and the record of both.

    Args:
        settings: What is repeated, and with what.
        out: Folder to write into.

    Raises:
        InputError: If the settings do not fit, or the folder cannot be written.
    """
    check(settings)
    began = time.perf_counter()
    record = settings.record
    with output_folder(out):
        # What was found with other settings must not look finished.
        (out / RECORD).unlink(missing_ok=True)
        section = _module(settings.name).run(out, **settings.given)
        section = section._replace(command=settings.command)
        took = {
            "seconds": round(time.perf_counter() - began, 1),
            "processor_seconds": round(time.process_time(), 1),
        }
        write_page(out / PAGE, section.title, [], [section._replace(title=settings.name)])
        whole = {"machine": machine(), **record, **took, "section": section._asdict()}
        write_results(out / RECORD, whole)


def finished(settings: Settings, out: Path) -> Section | None:
    """The section of an experiment that was finished with these settings; None if it was not.

    A record that cannot be read is none.
    """
    try:
        values = read_json(out / RECORD)
        done = {name: values[name] for name in SETTINGS if name in values}
        return Section.from_json(values["section"]) if done == settings.record else None
    except (InputError, KeyError, TypeError):
        return None
