"""`play`: an environment with the keyboard, in a window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import tyro

from baselines.common.environments import parse_env_kwargs
from baselines.reporting.window import play_in_window


@dataclass(frozen=True)
class PlaySettings:
    """Plays an environment with the keyboard, in a window."""

    env: str
    """Id of the environment; `python -m baselines list` shows them. One that another package
    registers is named with it: my_package:MyTask-v0."""
    env_kwargs: str = "{}"
    """Arguments for the environment, as a JSON object."""
    seed: int | None = None
    """The tasks and noise that follow from it; new ones every time if not given."""


def main(arguments: Sequence[str]) -> None:
    """Lets a person play."""
    settings = tyro.cli(PlaySettings, args=arguments, prog="python -m baselines play")
    kwargs = parse_env_kwargs(settings.env_kwargs)
    scores = play_in_window(settings.env, kwargs, settings.seed)
    for episode, score in enumerate(scores, start=1):
        print(f"episode {episode}: score {score:g}")
