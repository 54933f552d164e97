"""The command line: `python -m baselines COMMAND`, with the commands of `COMMANDS`."""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import tyro

from baselines.common.environments import episode_length, make_vector_env, parse_env_kwargs
from baselines.common.errors import InputError
from baselines.common.files import output_folder
from baselines.common.progress import EpisodeProgress
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.result import Episode, Evaluation, read_episodes
from baselines.experiments import EXPERIMENTS
from baselines.registry import AGENTS
from baselines.reporting import tables
from baselines.reporting.gif import record_command
from baselines.reporting.window import play_command
from meta_envs.registration import TABLE

USAGE = """usage: python -m baselines COMMAND [OPTION ...]

  list       the environments and the agents
  train      train an agent and score it
  evaluate   score agents and checkpoints
  play       play an environment yourself, with the keyboard
  record     record an agent's episodes as an animated GIF
  plot       draw the learning curves of runs
  reproduce  repeat an experiment of a paper
  benchmark  measure speed and memory, beside what else there is

`python -m baselines COMMAND --help` shows a command's options."""


@dataclass(frozen=True)
class ListSettings:
    """Lists the environments and the agents."""


@dataclass(frozen=True)
class EvaluateSettings:
    """Scores agents on fresh episodes, all on the same tasks and the same luck."""

    agent: tuple[str, ...]
    """Agents: names, with arguments if need be (ucb,c=2); folders of runs; checkpoints (ours, or a
    zip of Stable-Baselines3); or module:attribute."""
    env: tuple[str, ...] = ()
    """Ids of environments; `python -m baselines list` shows them."""
    episodes: int = 1_000
    """Episodes for each environment and agent."""
    seed: int = 0
    """Tasks, luck and the agents' own sampling follow from it."""
    deterministic: bool = False
    """Take the most probable action instead of a sample."""
    transfer: bool = False
    """Allow checkpoints that were trained on another environment."""
    env_kwargs: str = "{}"
    """Arguments for the environments, as a JSON object."""
    replay: Path | None = None
    """Play the very episodes of this file, which --out wrote, instead of fresh ones."""
    out: Path | None = None
    """Folder to write scores (CSV, JSON), figures and episodes into."""
    json: bool = False
    """Print one JSON object a line instead of a table."""


def list_command(arguments: Sequence[str]) -> None:
    """Prints what there is to train and to play."""
    from rich.console import Console
    from rich.table import Table

    from baselines.a2c_lstm.presets import AGENTS as TRAINABLE

    tyro.cli(ListSettings, args=arguments, prog="python -m baselines list")
    rows: dict[str, list[tuple[str, str]]] = {
        "environment": [(row.id, f"{row.summary} ({row.source})") for row in TABLE],
        "agent to train": list(TRAINABLE.items()),
        "agent to evaluate": [(name, entry.summary) for name, entry in AGENTS.items()],
        "experiment to reproduce": list(EXPERIMENTS.items()),
    }
    for title, lines in rows.items():
        table = Table(title, "", box=None, pad_edge=False)
        for line in lines:
            table.add_row(*line)
        Console().print(table, "")


def train_command(arguments: Sequence[str]) -> None:
    """Trains an agent, or goes on with a run."""
    # The options of an agent, and their defaults, depend on these: they are read first.
    peek = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    peek.add_argument("--env")
    peek.add_argument("--env-kwargs", default="{}")
    peek.add_argument("--agent", default="a2c-lstm")
    peek.add_argument("--preset", default="best")
    known, _ = peek.parse_known_args(arguments)
    if "--resume" in arguments:
        settings = tyro.cli(ResumeSettings, args=arguments, prog="python -m baselines train")
        from baselines.training.train import resume

        resume(settings.resume, settings.total_timesteps, ["train", *arguments])
        return
    from baselines.a2c_lstm.presets import make_preset
    from baselines.training.train import TrainSettings, train

    length = None
    if known.env is not None:
        env = make_vector_env(known.env, 1, parse_env_kwargs(known.env_kwargs))
        length = episode_length(env)
        env.close()
    preset = make_preset(known.agent, known.preset, known.env or "", length)
    default: Any = TrainSettings[Any](
        env=tyro.MISSING,
        agent=known.agent,
        preset=known.preset,
        total_timesteps=preset.total_timesteps,
        config=preset.config,
    )
    settings_type: Any = TrainSettings[type(preset.config)]  # type: ignore[misc]
    settings = tyro.cli(
        settings_type, default=default, args=arguments, prog="python -m baselines train"
    )
    train(settings, ["train", *arguments])


@dataclass(frozen=True)
class ResumeSettings:
    """Goes on with a run that was stopped."""

    resume: Path
    """The run's folder."""
    total_timesteps: int | None = None
    """Where to stop, counted from the run's beginning; where it was to stop if not given."""


def evaluate_command(arguments: Sequence[str]) -> None:
    """Scores agents."""
    settings = tyro.cli(EvaluateSettings, args=arguments, prog="python -m baselines evaluate")
    kwargs, env_ids = parse_env_kwargs(settings.env_kwargs), settings.env
    episodes: int | list[Episode] = settings.episodes
    if settings.replay is not None:
        env_id, kwargs, episodes = read_episodes(settings.replay)
        if env_ids not in ((), (env_id,)):
            raise InputError(f"{settings.replay} holds episodes of {env_id}: leave --env out")
        env_ids = (env_id,)
    if not env_ids or not settings.agent:
        raise InputError("give at least one --env and one --agent")
    evaluations: list[Evaluation] = []
    pairs = [(env_id, agent) for env_id in env_ids for agent in settings.agent]
    count = episodes if isinstance(episodes, int) else len(episodes)
    with EpisodeProgress(len(pairs) * max(count, 0)) as progress:
        for env_id, agent in pairs:
            evaluation = evaluate(
                agent,
                env_id,
                episodes,
                settings.seed,
                kwargs,
                settings.deterministic,
                settings.transfer,
                partial(progress.update, agent, len(evaluations) * count),
            )
            evaluations.append(evaluation)
            if settings.json:
                print(json.dumps(evaluation.summary()), flush=True)
    if not settings.json:
        reporting.print_table(evaluations)
    if settings.out is not None:
        reporting.write_report(evaluations, settings.out)


@dataclass(frozen=True)
class PlotSettings:
    """Draws the learning curves of runs into one figure."""

    runs: tyro.conf.Positional[tuple[Path, ...]]
    """Folders of runs."""
    out: Path = Path("learning.png")
    """The figure."""


def plot_command(arguments: Sequence[str]) -> None:
    """Draws learning curves."""
    settings = tyro.cli(PlotSettings, args=arguments, prog="python -m baselines plot")
    if not settings.runs:
        raise InputError("give at least one folder of a run")
    with output_folder(settings.out.parent):
        reporting.plot_learning(settings.runs, settings.out)
    print(f"written into {settings.out}")


@dataclass(frozen=True)
class ReproduceSettings:
    """Repeats an experiment of a paper and shows the figures beside the published ones."""

    experiment: tyro.conf.Positional[str]
    """Name of the experiment; `python -m baselines list` shows them."""
    episodes: int | None = None
    """Episodes of each agent; as many as the experiment's own default if not given."""
    seed: int = 0
    """Tasks, luck and the agents' own sampling follow from it."""
    agent: str | None = None
    """A trained agent to show beside the others, where the experiment can."""
    out: Path | None = None
    """Folder for tables and figures; runs/EXPERIMENT if not given."""


def reproduce_command(arguments: Sequence[str]) -> None:
    """Repeats an experiment."""
    settings = tyro.cli(ReproduceSettings, args=arguments, prog="python -m baselines reproduce")
    name = settings.experiment
    if name not in EXPERIMENTS:
        raise InputError(f"there is no experiment {name!r}: choose from {', '.join(EXPERIMENTS)}")
    if settings.episodes is not None and settings.episodes < 1:
        raise InputError(f"episodes must be at least 1, got {settings.episodes}")
    out = settings.out or Path("runs") / name
    module = importlib.import_module(f"baselines.experiments.{name.replace('-', '_')}")
    options = {"episodes": settings.episodes, "agent": settings.agent}
    given = {option: value for option, value in options.items() if value is not None}
    if "agent" in given and "agent" not in inspect.signature(module.run).parameters:
        raise InputError(f"{name} shows no agent of yours: leave --agent out")
    with output_folder(out):
        module.run(out, seed=settings.seed, **given)
    print(f"written into {out}")


@dataclass(frozen=True)
class BenchmarkSettings:
    """Measures speed and memory, beside the peers that are installed (gymnax, JAX)."""

    only: tuple[str, ...] = ("environments", "training", "scaling", "regret")
    """Sections to measure. Two more: backends, other ways to run the network, and search, the
    regret that other settings reach."""
    seconds: float = 3.0
    """Length of a measurement."""
    repeats: int = 3
    """Measurements of each row; the median is shown."""
    out: Path = Path("runs/benchmark")
    """Folder for benchmark.json and scaling.png."""


def benchmark_command(arguments: Sequence[str]) -> None:
    """Measures speed."""
    if arguments[:1] == ["--job"]:
        # How the benchmark calls itself, in a process for each measurement.
        from baselines.benchmarks.jobs import run_job

        print(json.dumps(run_job(json.loads(arguments[1]), ["benchmark", *arguments])))
        return
    settings = tyro.cli(BenchmarkSettings, args=arguments, prog="python -m baselines benchmark")
    from baselines.benchmarks.run import run
    from baselines.benchmarks.suite import SECTIONS

    unknown = set(settings.only) - set(SECTIONS)
    if unknown:
        raise InputError(f"there is no section {min(unknown)!r}: use {', '.join(SECTIONS)}")
    for name, least in (("seconds", 0.01), ("repeats", 1)):
        if getattr(settings, name) < least:
            raise InputError(f"{name} must be at least {least}, got {getattr(settings, name)}")
    run(settings.only, settings.seconds, settings.repeats, settings.out)
    print(f"written into {settings.out}")


COMMANDS = {
    "list": list_command,
    "train": train_command,
    "evaluate": evaluate_command,
    "play": play_command,
    "record": record_command,
    "plot": plot_command,
    "reproduce": reproduce_command,
    "benchmark": benchmark_command,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if not arguments or arguments[0] in ("-h", "--help"):
        print(USAGE)
        return 0 if arguments else 2
    command, *rest = arguments
    try:
        if command not in COMMANDS:
            raise InputError(f"there is no command {command!r}: use {', '.join(COMMANDS)}")
        COMMANDS[command](rest)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return 0
