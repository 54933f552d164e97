"""Training an agent from the command line: its folder, progress, Ctrl-C, and its score."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Generic, Protocol, TypeVar

import tyro
from gymnasium.vector import VectorEnv

from baselines.a2c_lstm import A2CLSTM
from baselines.a2c_lstm.config import config_from_dict
from baselines.environments import make_vector_env, parse_env_kwargs
from baselines.errors import InputError
from baselines.evaluation import evaluate
from baselines.files import write_text
from baselines.learning import Callback, chain
from baselines.progress import Progress
from baselines.records import Evaluation
from baselines.recurrent_ppo import RecurrentPPOAgent, RecurrentPPOConfig
from baselines.reporting import plot_regret, print_table
from baselines.run_folder import RunFolder

ConfigT = TypeVar("ConfigT")
REFERENCES = ("random", "ucb", "thompson", "optimal")
"""Agents that a trained one is shown beside."""
LOG_ROWS = 1_000
"""About as many rows as a full run's log gets."""


@dataclass(frozen=True)
class TrainSettings(Generic[ConfigT]):
    """Trains an agent, then scores it beside random, UCB, Thompson sampling and the optimum."""

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
    num_checkpoints: int = 10
    """Checkpoints written during training, the last one at its end."""
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


def train(settings: TrainSettings[Any]) -> None:
    """Starts a new run.

    Raises:
        InputError: If a setting cannot be used; nothing has been written then.
    """
    kwargs = parse_env_kwargs(settings.env_kwargs)
    for name in ("total_timesteps", "num_checkpoints"):
        if getattr(settings, name) < 1:
            raise InputError(f"{name} must be at least 1, got {getattr(settings, name)}")
    if settings.evaluation_episodes < 0:
        raise InputError(
            f"evaluation_episodes must be at least 0, got {settings.evaluation_episodes}"
        )
    env = make_vector_env(settings.env, settings.config.num_envs, kwargs)
    agent = make_trainable(settings.agent, env, settings.config, settings.seed, kwargs)
    out = settings.out or Path("runs") / f"{settings.env}_{settings.agent}_seed{settings.seed}"
    record = asdict(settings) | {"out": str(out), "env_kwargs": kwargs}
    run = RunFolder.create(out, record)
    _run(agent, run, record)


def resume(path: Path, total_timesteps: int | None) -> None:
    """Goes on with a run from its latest checkpoint.

    Args:
        path: The run's folder.
        total_timesteps: Where to stop, instead of where the run was to stop.

    Raises:
        InputError: If the folder holds no run.
    """
    run, record = RunFolder.open(path)
    kwargs = record["env_kwargs"]
    if record["agent"] == "a2c-lstm":
        config: Any = config_from_dict(record["config"])
    else:
        config = RecurrentPPOConfig(**record["config"])
    env = make_vector_env(record["env"], config.num_envs, kwargs)
    agent = make_trainable(record["agent"], env, config, record["seed"], kwargs)
    latest = run.latest_checkpoint()
    if latest is not None:
        agent.restore(latest)
    if total_timesteps is not None:
        record["total_timesteps"] = total_timesteps
        write_text(path / "config.json", json.dumps(record, indent=2))
    _run(agent, run, record)


def make_trainable(
    name: str, env: VectorEnv[Any, Any, Any], config: Any, seed: int, env_kwargs: dict[str, Any]
) -> Any:
    """Makes the agent to train."""
    maker = A2CLSTM if name == "a2c-lstm" else RecurrentPPOAgent
    return maker(env, config, seed, env_kwargs)


def _run(agent: TrainableAgent, run: RunFolder, record: dict[str, Any]) -> None:
    total = record["total_timesteps"]
    print(f"training {record['agent']} on {record['env']} for {total:,} steps into {run.path}")
    with stop_signals() as stopped, Progress(total, agent.num_timesteps) as progress:
        keeper = Keeper(agent, run, record, stopped)
        agent.learn(total, chain(progress.update, keeper.update))
    keeper.save()
    run.close()
    if stopped:
        print(
            f"stopped after {agent.num_timesteps:,} of {total:,} steps; go on with\n"
            f"  python -m baselines train --resume {run.path}"
        )
    elif record["evaluation_episodes"]:
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
        self.save_every = record["total_timesteps"] / record["num_checkpoints"]
        self.log_every = record["total_timesteps"] / LOG_ROWS
        self.saved_at = self.logged_at = agent.num_timesteps

    def update(self, figures: dict[str, float]) -> bool:
        """A callback for `learn`."""
        steps = self.agent.num_timesteps
        if steps // self.log_every > self.logged_at // self.log_every:
            self.run.log(figures)
            self.logged_at = steps
        if steps // self.save_every > self.saved_at // self.save_every:
            self.save()
        return not self.stopped

    def save(self) -> None:
        """Writes a checkpoint of the agent as it is."""
        steps = self.agent.num_timesteps
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
