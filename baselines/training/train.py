"""Training an agent from the command line: its folder, progress, Ctrl-C, and its score."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Generic, Protocol, TypeVar

import tyro

from baselines.a2c_lstm import A2CLSTM
from baselines.a2c_lstm.config import config_from_dict
from baselines.common import distributed
from baselines.common.environments import make_vector_env, parse_env_kwargs
from baselines.common.errors import InputError
from baselines.common.files import write_text
from baselines.common.learning import Callback, chain
from baselines.common.progress import Progress
from baselines.common.run_folder import RunFolder
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.result import Evaluation
from baselines.recurrent_ppo import RecurrentPPOAgent, RecurrentPPOConfig
from baselines.reporting.tables import plot_regret, print_table

ConfigT = TypeVar("ConfigT")
REFERENCES = ("random", "ucb", "thompson", "optimal")
"""Agents that a trained one is shown beside."""
LOG_ROWS = 1_000
"""About as many rows as a full run's log gets."""
CHECKPOINTS = 20
"""About as many checkpoints as a full run keeps, where nothing else is asked for."""


@dataclass(frozen=True)
class TrainSettings(Generic[ConfigT]):
    """Trains an agent, then scores it beside random, UCB, Thompson sampling and the optimum.

    A run that was stopped goes on with `train --resume FOLDER`.
    """

    env: str
    """Id of the environment; `python -m baselines list` shows them."""
    agent: str
    """Agent to train: a2c-lstm or recurrent-ppo."""
    preset: str
    """Settings to start from: best, or paper (a2c-lstm only)."""
    total_timesteps: int
    """Environment steps to train for."""
    config: Annotated[ConfigT, tyro.conf.arg(name="")]
    """Settings of the agent."""
    seed: int = 0
    """Weights, tasks, luck and actions follow from it."""
    out: Path | None = None
    """Folder of the run; runs/ENV_AGENT_seedS if not given."""
    env_kwargs: str = "{}"
    """Arguments for the environment, as a JSON object."""
    processes: int = 1
    """Processes that train together, each with its share of the environments (a2c-lstm only)."""
    checkpoint_every: int | None = None
    """Updates between checkpoints; a twentieth of the training if not given."""
    evaluation_episodes: int = 1_000
    """Fresh episodes the trained agent is scored on; 0 leaves the scoring out."""


class TrainableAgent(Protocol):
    """What both agents offer for training."""

    num_timesteps: int
    suffix: str

    def learn(
        self, total_timesteps: int, callback: Callback | None = None, progress_bar: bool = False
    ) -> Any:
        """Trains until so many steps have been taken in all."""

    def save(self, path: str | Path) -> None:
        """Writes a checkpoint."""

    def restore(self, path: str | Path) -> None:
        """Takes up a checkpoint."""


def train(settings: TrainSettings[Any], command: Sequence[str]) -> None:
    """Starts a new run.

    Args:
        settings: What to train, where and for how long.
        command: The command line behind them, for the other processes.

    Raises:
        InputError: If a setting cannot be used; nothing has been written then.
    """
    kwargs = parse_env_kwargs(settings.env_kwargs)
    for name in ("total_timesteps", "processes", "checkpoint_every"):
        value = getattr(settings, name)
        if value is not None and value < 1:
            raise InputError(f"{name} must be at least 1, got {value}")
    if settings.evaluation_episodes < 0:
        raise InputError(
            f"evaluation_episodes must be at least 0, got {settings.evaluation_episodes}"
        )
    out = settings.out or Path("runs") / f"{settings.env}_{settings.agent}_seed{settings.seed}"
    record = asdict(settings) | {"out": str(out), "env_kwargs": kwargs}
    with distributed.group(settings.processes, command):
        agent = make_trainable(record, settings.config)
        run = RunFolder.create(out, record) if distributed.rank() == 0 else RunFolder(out)
        finished = _learn(agent, run, record)
    _conclude(run, record, finished)


def resume(path: Path, total_timesteps: int | None, command: Sequence[str]) -> None:
    """Goes on with a run from its latest checkpoint, or from the one before if that is broken.

    Args:
        path: The run's folder.
        total_timesteps: Where to stop, instead of where the run was to stop.
        command: The command line behind this, for the other processes.

    Raises:
        InputError: If the folder holds no run, or no checkpoint of it can be read.
    """
    run, record = RunFolder.open(path)
    if record["agent"] == "a2c-lstm":
        config: Any = config_from_dict(record["config"])
    else:
        config = RecurrentPPOConfig(**record["config"])
    with distributed.group(record["processes"], command):
        agent = make_trainable(record, config)
        _restore(agent, run)
        if distributed.rank() == 0:
            run.rewind(agent.num_timesteps)
        if total_timesteps is not None:
            record["total_timesteps"] = total_timesteps
            if distributed.rank() == 0:
                write_text(path / "config.json", json.dumps(record, indent=2))
        finished = _learn(agent, run, record)
    _conclude(run, record, finished)


def make_trainable(record: dict[str, Any], config: Any) -> Any:
    """Makes the agent that a run's settings ask for, untrained.

    Raises:
        InputError: If the settings cannot be used.
    """
    if record["agent"] != "a2c-lstm" and distributed.world_size() > 1:
        raise InputError(f"{record['agent']} trains in one process: leave --processes out")
    num_envs, kwargs = distributed.share(config.num_envs), record["env_kwargs"]
    env = make_vector_env(record["env"], num_envs, kwargs)
    maker = A2CLSTM if record["agent"] == "a2c-lstm" else RecurrentPPOAgent
    return maker(env, config, record["seed"], kwargs)


def _restore(agent: TrainableAgent, run: RunFolder) -> None:
    """Takes up the latest checkpoint that can be read; with none at all, the run starts anew."""
    checkpoints = run.checkpoints()
    for checkpoint in checkpoints:
        try:
            agent.restore(checkpoint)
        except InputError as error:
            print(f"passing over a checkpoint: {error}", file=sys.stderr)
        else:
            return
    if checkpoints:
        raise InputError(f"no checkpoint in {run.path / 'checkpoints'} can be read")


def _learn(agent: TrainableAgent, run: RunFolder, record: dict[str, Any]) -> bool:
    """Trains to the end or until asked to stop; returns whether the end was reached.

    Raises:
        InputError: If the run's folder cannot be written to; what was there is kept.
    """
    total, first = record["total_timesteps"], distributed.rank() == 0
    if first:
        print(f"training {record['agent']} on {record['env']} for {total:,} steps into {run.path}")
    try:
        with stop_signals() as stopped:
            keeper = Keeper(agent, run, record, stopped)
            if first:
                with Progress(total, agent.num_timesteps) as progress:
                    agent.learn(total, chain(progress.update, keeper.update))
            else:
                agent.learn(total, keeper.update)
            keeper.save()
            run.close()
    except OSError as error:
        raise InputError(
            f"{run.path} cannot be written ({error.strerror}); its checkpoints are kept: make room "
            f"and go on with --resume {run.path}"
        ) from error
    if agent.num_timesteps < total and first:
        print(
            f"stopped after {agent.num_timesteps:,} of {total:,} steps; go on with\n"
            f"  python -m baselines train --resume {run.path}"
        )
    return agent.num_timesteps >= total


def _conclude(run: RunFolder, record: dict[str, Any], finished: bool) -> None:
    """Scores a finished run, in the first of its processes."""
    if finished and record["evaluation_episodes"] and os.environ.get("RANK", "0") == "0":
        score(run, record)


class Keeper:
    """Logs and saves while an agent trains, and stops it when asked to.

    Args:
        agent: Being trained.
        run: Its folder.
        record: The run's settings.
        stopped: Not empty once a signal asked to stop.
    """

    def __init__(
        self, agent: TrainableAgent, run: RunFolder, record: dict[str, Any], stopped: list[int]
    ) -> None:
        self.agent, self.run, self.stopped = agent, run, stopped
        self.checkpoint_every = record["checkpoint_every"]
        self.save_every = record["total_timesteps"] / CHECKPOINTS
        self.log_every = record["total_timesteps"] / LOG_ROWS
        self.updates = 0
        self.saved_at = self.logged_at = agent.num_timesteps

    def update(self, figures: dict[str, float]) -> bool:
        """A callback for `learn`."""
        steps = self.agent.num_timesteps
        self.updates += 1
        if steps // self.log_every > self.logged_at // self.log_every:
            if distributed.rank() == 0:
                self.run.log(figures)
            self.logged_at = steps
        if self.checkpoint_every is None:
            due = steps // self.save_every > self.saved_at // self.save_every
        else:
            due = self.updates % self.checkpoint_every == 0
        if due:
            self.save()
        return not self.stopped

    def save(self) -> None:
        """Writes a checkpoint of the agent as it is, unless it is written already."""
        steps = self.agent.num_timesteps
        if steps > self.saved_at:
            self.agent.save(self.run.checkpoint_path(steps, self.agent.suffix))
        self.saved_at = steps


@contextmanager
def stop_signals() -> Iterator[list[int]]:
    """Notes SIGINT and SIGTERM in a list instead of breaking off; a second one breaks off."""
    received: list[int] = []

    def note(number: int, frame: Any) -> None:
        if received:
            raise KeyboardInterrupt
        received.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def score(run: RunFolder, record: dict[str, Any]) -> list[Evaluation]:
    """Scores a run's latest checkpoint beside the reference agents.

    Prints the table, and writes `evaluation.json` and `regret.png` into the run's folder.
    """
    evaluations = []
    for agent in (run.path, *REFERENCES):
        try:
            evaluation = evaluate(
                agent,
                record["env"],
                record["evaluation_episodes"],
                record["seed"],
                record["env_kwargs"],
            )
        except InputError as error:
            if agent == run.path:
                raise
            print(f"without {agent}: {error}")
            continue
        if agent == run.path:
            evaluation = replace(evaluation, agent=record["agent"])
        evaluations.append(evaluation)
    print_table(evaluations)
    summaries = [evaluation.summary() for evaluation in evaluations]
    if evaluations[0].regret is not None:
        plot_regret(evaluations, run.path / "regret.png")
        print(f"regret curves: {run.path / 'regret.png'}")
    write_text(run.path / "evaluation.json", json.dumps(summaries, indent=2))
    return evaluations
