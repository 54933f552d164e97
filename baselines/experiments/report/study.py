"""All experiments into one page: what is finished is kept, what is missing is named."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from baselines.common.errors import InputError, with_flags
from baselines.common.files import output_folder
from baselines.common.machine import machine
from baselines.evaluation.pretrained import FIRST, FOLDER, NAME, included, trained_folder
from baselines.experiments import EXPERIMENTS
from baselines.experiments.repeat import PAGE, Settings, finished, takes_agent
from baselines.experiments.report.processes import Job, run_jobs
from baselines.experiments.report.scores import scores_section
from baselines.experiments.report.training import train_all
from baselines.reporting.page import Section, write_page
from baselines.training.publish import SCORES

LOG = "log.txt"
TITLE = "meta-envs: tasks to learn to learn on, and who learns them"


def report(out: Path, seed: int = 0, processes: int = 2, from_scratch: bool = False) -> None:
    """Repeats all experiments that are not finished yet, and writes the page of all.

    Each has a folder of its own in `out`. The page is written anew whenever one is finished, and
    stays as it is then if this is interrupted.

    Args:
        out: Folder to write into.
        seed: Of all experiments.
        processes: How many experiments, or trainings, run at a time.
        from_scratch: Train the agents that are shown, in place of those that are included, and run
            the experiments that train many of their own. All of it takes days on one machine; what
            is finished is kept.

    Raises:
        InputError: If the folder cannot be written; or, at the end, if an experiment failed.
    """
    if processes < 1:
        raise InputError(f"`processes` must be at least 1, got {processes}")
    if from_scratch:
        # For the experiments' processes as for this one.
        os.environ[FOLDER] = str(train_all(out, processes).resolve())
    plan = {name: settings_of(name, seed) for name in EXPERIMENTS}
    todo = [
        name
        for name, settings in plan.items()
        if (EXPERIMENTS[name].episodes or from_scratch) and finished(settings, out / name) is None
    ]
    # The longest first, so that at the end no process waits for another for long.
    todo.sort(key=lambda name: -EXPERIMENTS[name].seconds)
    failed: dict[str, str] = {}
    with output_folder(out):
        top = scores_section(out, trained_folder() / SCORES)
        write(out, plan, failed, top)
        for name, status in run_jobs([_job(plan[name], out) for name in todo], processes):
            if status:
                failed[name] = _reason(out / name / LOG, status)
                print(f"{name} failed: {failed[name]}", flush=True)
            else:
                print(f"{name} is finished", flush=True)
            write(out, plan, failed, top)
    if failed:
        raise InputError(f"{', '.join(failed)} failed; {out / PAGE} says why, and has the others")


def settings_of(name: str, seed: int) -> Settings:
    """What the report repeats an experiment with; an included agent where there is one to show."""
    row, agent = EXPERIMENTS[name], None
    there = {env_id for env_id, kind in included() if kind == FIRST}
    if there & set(row.environments) and takes_agent(name):
        agent = NAME
    return Settings(name, row.episodes or None, seed, agent)


def _job(settings: Settings, out: Path) -> Job:
    name, folder = settings.name, out / settings.name
    options = [f"--{option}={value}" for option, value in settings.given.items()]
    command = [sys.executable, "-m", "baselines", "reproduce", name, f"--out={folder}", *options]
    return Job(name, command, folder / LOG, EXPERIMENTS[name].seconds)


def _reason(log: Path, status: int) -> str:
    """Why a job failed, in a line, from what it has printed last."""
    lines = log.read_text(errors="replace").splitlines() or [""]
    error = lines[-1].removeprefix("error: ")
    return error if status == 2 else f"it ended with status {status}, see {log}: {error}"


def write(out: Path, plan: Mapping[str, Settings], failed: Mapping[str, str], top: Section) -> None:
    """Writes the page of what is there, below the section of trained agents."""
    found = {name: finished(settings, out / name) for name, settings in plan.items()}
    sections = [top]
    for name, section in found.items():
        if section is None:
            sections.append(_missing(plan[name], out, failed.get(name)))
        else:
            sections.append(section.within(name))
    missing = [name for name, section in found.items() if section is None]
    intro = [
        "Each environment is a distribution of tasks: an episode draws one, and an agent does well "
        "only by learning inside the episode. How good that can be is known exactly for most of "
        "them, and stands beside every score. Intervals are of 95 %, published figures stand in "
        "brackets. `pretrained` is the agent that is included for the task, an A2C-LSTM; its card "
        "is in baselines/trained/TASK/a2c-lstm.",
        f"{len(found) - len(missing)} of {len(found)} experiments are here"
        + (f"; without {', '.join(missing)}." if missing else "."),
        _machine(),
        "$ python -m baselines reproduce all",
    ]
    write_page(out / PAGE, TITLE, intro, sections)


def _machine() -> str:
    here = machine()
    versions = ", ".join(f"{name} {version}" for name, version in here["versions"].items())
    return f"Made on {here['processor']}, {here['cores']} cores, with {versions}."


def _missing(settings: Settings, out: Path, failure: str | None) -> Section:
    """What stands in the place of an experiment that is not there."""
    row = EXPERIMENTS[settings.name]
    title = f"{settings.name}: missing"
    if row.recorded:
        text = (
            "This trains many agents, which takes hours, and is not run with the others. What was "
            f"found is recorded in {row.recorded}. What the command below writes is shown here the "
            "next time.",
        )
        command = f"{settings.command} --out {out / settings.name}"
        return Section(title, text, question=row.summary, command=command)
    reason = "Not finished yet." if failure is None else f"Failed: {with_flags(failure)}"
    return Section(title, (reason,), question=row.summary, command=settings.command)
