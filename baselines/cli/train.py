"""`train`: trains an agent and scores it, or goes on with a run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tyro

from baselines.common.environments import episode_length, make_vector_env, parse_env_kwargs
from baselines.registry import make_preset
from baselines.reporting.report import score_run
from baselines.training.settings import TrainSettings
from baselines.training.train import Run, resume, train

PROG = "python -m baselines train"


@dataclass(frozen=True)
class ResumeSettings:
    """Goes on with a run that was stopped."""

    resume: Path
    """The run's folder."""
    total_timesteps: int | None = None
    """Where to stop, counted from the run's beginning; where it was to stop if not given."""
    env: str | None = None
    """The run's environment with the package that registers it, my_package:MyTask-v0; needed where
    it is not one of ours."""


@dataclass(frozen=True)
class Choice:
    """What the other options, and their defaults, depend on."""

    env: str = ""
    env_kwargs: str = "{}"
    agent: str = "a2c-lstm"
    preset: str = "best"


def main(arguments: Sequence[str]) -> None:
    """Trains an agent, or goes on with a run, and scores it."""
    command = ["train", *arguments]
    if "--resume" in arguments:
        settings = tyro.cli(ResumeSettings, args=arguments, prog=PROG)
        run = resume(settings.resume, settings.total_timesteps, settings.env, command)
    else:
        run = train(_settings(arguments), command)
    _score(run)


def _settings(arguments: Sequence[str]) -> TrainSettings[Any]:
    choice, _ = tyro.cli(
        Choice, args=arguments, prog=PROG, return_unknown_args=True, add_help=False
    )
    length = None
    if choice.env:
        env = make_vector_env(choice.env, 1, parse_env_kwargs(choice.env_kwargs))
        length = episode_length(env)
        env.close()
    preset = make_preset(choice.agent, choice.preset, choice.env, length)
    default: Any = TrainSettings[Any](
        env=tyro.MISSING,
        agent=choice.agent,
        preset=choice.preset,
        total_timesteps=preset.total_timesteps,
        config=preset.config,
    )
    kind: Any = TrainSettings[type(preset.config)]  # type: ignore[misc]
    settings: TrainSettings[Any] = tyro.cli(kind, default=default, args=arguments, prog=PROG)
    return settings


def _score(run: Run) -> None:
    """Scores a finished run, in the first of its processes."""
    if run.finished and run.settings["evaluation_episodes"] and os.environ.get("RANK", "0") == "0":
        score_run(run.folder, run.settings)
