"""`reproduce`: repeats an experiment of a paper, or all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro

from baselines.cli.options import parse
from baselines.common.errors import InputError
from baselines.experiments.repeat import PAGE, Settings, check, repeat
from baselines.experiments.report.study import report

ALL = "all"
"""Stands for every experiment."""


@dataclass(frozen=True)
class ReproduceSettings:
    """Repeats an experiment of a paper and shows the results beside the published ones."""

    experiment: tyro.conf.Positional[str]
    """Name of the experiment; `python -m baselines list` shows them. `all`: one report of all, with
    the trained agents that are included; what is finished is not done again."""
    episodes: int | None = None
    """Episodes of each agent; as many as the experiment's own default if not given."""
    seed: int = 0
    """Tasks, noise and the agents' own sampling follow from it."""
    agent: str | None = None
    """A trained agent to show beside the others, where the experiment can; `pretrained` is the
    included one."""
    out: Path | None = None
    """Folder for tables and figures; runs/EXPERIMENT if not given."""
    processes: int = 2
    """Of `all`: experiments, or trainings, at a time."""
    from_scratch: bool = False
    """Of `all`: train what is shown, ten seeds of each agent, in place of the included agents. It
    takes days; the same command goes on where it was stopped."""


def main(arguments: Sequence[str]) -> None:
    """Repeats an experiment, or all."""
    settings = parse(ReproduceSettings, arguments, "reproduce", seeds="play more `episodes=`")
    name = settings.experiment
    out = settings.out or Path("runs") / name
    if name == ALL:
        _all(settings, out)
    else:
        _one(Settings(name, settings.episodes, settings.seed, settings.agent), out)
    print(f"written: {out / PAGE}")


def _one(settings: Settings, out: Path) -> None:
    check(settings)
    try:
        repeat(settings, out)
    except KeyboardInterrupt as error:
        some = out.exists() and any(out.iterdir())
        kept = f"what was finished is in {out}" if some else "nothing was finished"
        raise KeyboardInterrupt(f"stopped; {kept}") from error


def _all(settings: ReproduceSettings, out: Path) -> None:
    for name in ("episodes", "agent"):
        if getattr(settings, name) is not None:
            raise InputError(f"`{name}` is another one for each experiment: leave it out for all")
    try:
        report(out, settings.seed, settings.processes, settings.from_scratch)
    except KeyboardInterrupt as error:
        message = f"stopped; {out / PAGE} has what was finished, and the same command goes on"
        raise KeyboardInterrupt(message) from error
