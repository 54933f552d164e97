"""`reproduce`: repeats an experiment of a paper."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro

from baselines.cli.options import parse
from baselines.common.errors import InputError, did_you_mean
from baselines.common.files import output_folder, write_results
from baselines.common.machine import machine
from baselines.experiments import EXPERIMENTS


@dataclass(frozen=True)
class ReproduceSettings:
    """Repeats an experiment of a paper and shows the results beside the published ones."""

    experiment: tyro.conf.Positional[str]
    """Name of the experiment; `python -m baselines list` shows them."""
    episodes: int | None = None
    """Episodes of each agent; as many as the experiment's own default if not given."""
    seed: int = 0
    """Tasks, noise and the agents' own sampling follow from it."""
    agent: str | None = None
    """A trained agent to show beside the others, where the experiment can."""
    out: Path | None = None
    """Folder for tables and figures; runs/EXPERIMENT if not given."""


def main(arguments: Sequence[str]) -> None:
    """Repeats an experiment."""
    settings = parse(ReproduceSettings, arguments, "reproduce", seeds="play more `episodes=`")
    name = settings.experiment
    if name not in EXPERIMENTS:
        meant = did_you_mean(name, EXPERIMENTS)
        raise InputError(
            f"there is no experiment {name!r}{meant}: choose from {', '.join(EXPERIMENTS)}"
        )
    if settings.episodes is not None and settings.episodes < 1:
        raise InputError(f"`episodes` must be at least 1, got {settings.episodes}")
    out = settings.out or Path("runs") / name
    module = importlib.import_module(f"baselines.experiments.{name.replace('-', '_')}")
    options = {"episodes": settings.episodes, "agent": settings.agent}
    given = {option: value for option, value in options.items() if value is not None}
    if "agent" in given and "agent" not in inspect.signature(module.run).parameters:
        raise InputError(f"{name} shows no agent of yours: leave `agent=` out")
    try:
        with output_folder(out):
            module.run(out, seed=settings.seed, **given)
            played = {"experiment": name, "seed": settings.seed} | given
            write_results(out / "experiment.json", {"machine": machine()} | played)
    except KeyboardInterrupt as error:
        kept = f"what was finished is in {out}" if any(out.iterdir()) else "nothing was finished"
        raise KeyboardInterrupt(f"stopped; {kept}") from error
    print(f"written into {out}")
