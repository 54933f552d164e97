"""`compare`: two agents, episode by episode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import tyro

from baselines.cli.options import parse
from baselines.common.environments import parse_env_kwargs
from baselines.common.files import json_text
from baselines.common.progress import ProgressBar
from baselines.evaluation.compare import compare
from baselines.evaluation.episodes import parse_tasks
from baselines.reporting.tables import print_comparison


@dataclass(frozen=True)
class CompareSettings:
    """Compares two agents on the same tasks and the same noise, episode by episode.

    The difference of two returns in one episode varies far less than the returns do, so that far
    fewer episodes show which agent is better.
    """

    first: tyro.conf.Positional[str]
    """An agent: a name, with arguments if need be (ucb,c=2); the folder of a run; a checkpoint; or
    module:attribute."""
    second: tyro.conf.Positional[str]
    """The other one."""
    env: str
    """Id of the environment; `python -m baselines list` shows them. One that another package
    registers is named with it: my_package:MyTask-v0."""
    episodes: int = 1_000
    """Episodes of each agent."""
    seed: int = 0
    """Tasks, noise and the agents' own sampling follow from it."""
    deterministic: bool = False
    """Take the most probable action instead of a sample."""
    transfer: bool = False
    """Allow checkpoints that were trained on another environment."""
    env_kwargs: str = "{}"
    """Arguments for the environment, as a JSON object."""
    tasks: str | None = None
    """Tasks to play in turn instead of fresh ones, as a JSON list of objects, or one object:
    '{"probabilities": [0.9, 0.1]}'."""
    json: bool = False
    """Print a JSON object instead of a table."""


def main(arguments: Sequence[str]) -> None:
    """Compares two agents."""
    settings = parse(CompareSettings, arguments, "compare", seeds="play more `episodes=`")
    with ProgressBar() as bar:
        bar.show(0, f"comparing {settings.first} and {settings.second}")
        comparison = compare(
            settings.first,
            settings.second,
            settings.env,
            episodes=settings.episodes,
            seed=settings.seed,
            env_kwargs=parse_env_kwargs(settings.env_kwargs),
            deterministic=settings.deterministic,
            transfer=settings.transfer,
            tasks=parse_tasks(settings.tasks),
        )
    if settings.json:
        print(json_text(comparison.summary()))
    else:
        print_comparison(comparison)
