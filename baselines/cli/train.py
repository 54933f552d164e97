"""`train`: trains an agent and scores it, or goes on with a run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tyro

from baselines.cli.options import constant_schedules, parse, split_seeds
from baselines.common.environments import parse_env_kwargs
from baselines.common.run_folder import RunFolder
from baselines.registry import make_preset, preset_for
from baselines.reporting.report import score_run
from baselines.training.settings import TrainSettings
from baselines.training.train import Run, resume, train


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
    if any(argument.partition("=")[0] == "--resume" for argument in arguments):
        old = parse(ResumeSettings, arguments, "train")
        _score(resume(old.resume, old.total_timesteps, old.env, ["train", *arguments]))
        return
    each = split_seeds(arguments)
    if len(each) > 1:
        each = [_own_folder(one) for one in each]
    for number, one in enumerate(each, start=1):
        run = train(_settings(one), ["train", *one])
        _score(run)
        if not run.finished:
            if number < len(each):
                print(f"seeds not begun: {len(each) - number}")
            return


def _own_folder(arguments: list[str]) -> list[str]:
    """Arguments for one of several seeds, with a folder of its own below `out=`.

    Raises:
        InputError: If the folder holds something already.
    """
    settings = _settings(arguments)
    if settings.out is not None:
        arguments = [*arguments, "--out", str(settings.out / f"seed{settings.seed}")]
    RunFolder(_settings(arguments).folder).check_empty()
    return arguments


def _settings(arguments: Sequence[str]) -> TrainSettings[Any]:
    parsed: Any = Choice
    choice, _ = parse(parsed, arguments, "train", return_unknown_args=True, add_help=False)
    if choice.env:
        kwargs = parse_env_kwargs(choice.env_kwargs)
        preset = preset_for(choice.agent, choice.preset, choice.env, kwargs)
    else:
        preset = make_preset(choice.agent, choice.preset, "", None)
    default: Any = TrainSettings[Any](
        env=tyro.MISSING,
        agent=choice.agent,
        preset=choice.preset,
        total_timesteps=preset.total_timesteps,
        config=preset.config,
    )
    kind: Any = TrainSettings[type(preset.config)]  # type: ignore[misc]
    arguments = constant_schedules(arguments, preset.config)
    settings: TrainSettings[Any] = parse(kind, arguments, "train", default=default)
    return settings


def _score(run: Run) -> None:
    """Scores a finished run, in the first of its processes."""
    if run.finished and run.settings["evaluation_episodes"] and os.environ.get("RANK", "0") == "0":
        score_run(run.folder, run.settings)
