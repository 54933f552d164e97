"""`inside`: looks into a trained agent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from baselines.cli.options import parse
from baselines.common.environments import parse_env_kwargs
from baselines.common.errors import InputError
from baselines.common.files import output_folder
from baselines.experiments.inside.study import PAGE, look_inside
from baselines.experiments.inside.subject import LEAST_EPISODES, Subject


@dataclass(frozen=True)
class InsideSettings:
    """Looks into a trained agent: what its activity holds, and how far it is from the optimum.

    Writes a page with figures and tables of all measures that fit the environment.
    """

    env: str
    """Id of the environment."""
    agent: str
    """A run's folder, a checkpoint, or any agent that `evaluate` takes and that can be recorded."""
    out: Path
    """Folder for the page, its figures and tables."""
    episodes: int = 700
    """That are recorded; most measures fit on 5 of 7 and are scored on the others."""
    seed: int = 0
    """Tasks, noise and sampling follow from it."""
    env_kwargs: str = "{}"
    """Arguments for the environment, as a JSON object."""
    transfer: bool = False
    """Whether a checkpoint may have been trained on another environment."""


def main(arguments: Sequence[str]) -> None:
    """Looks into an agent."""
    settings = parse(InsideSettings, arguments, "inside", seeds="look into one at a time")
    if settings.episodes < LEAST_EPISODES:
        raise InputError(f"`episodes` must be at least {LEAST_EPISODES}, got {settings.episodes}")
    kwargs = parse_env_kwargs(settings.env_kwargs)
    try:
        with output_folder(settings.out):
            look_inside(
                Subject(
                    settings.agent,
                    settings.env,
                    settings.out,
                    kwargs,
                    settings.episodes,
                    settings.seed,
                    settings.transfer,
                )
            )
    except KeyboardInterrupt as error:
        raise KeyboardInterrupt(f"stopped; what was finished is in {settings.out}") from error
    print(f"written: {settings.out / PAGE}")
