"""Training an agent into a run's folder, and going on with a run."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from baselines.common import distributed
from baselines.common.agent import TrainableAgent
from baselines.common.callbacks import Callback, chain
from baselines.common.environments import bare_id, make_vector_env, parse_env_kwargs
from baselines.common.errors import InputError
from baselines.common.progress import Progress
from baselines.common.run_folder import RunFolder
from baselines.registry import trainable
from baselines.training.callbacks import RunCallback, stop_signals
from baselines.training.settings import TrainSettings


class Run(NamedTuple):
    """A run that has trained.

    Attributes:
        folder: Its folder.
        settings: As they stand in `config.json`.
        finished: Whether it has come to its end, and was not stopped before.
    """

    folder: RunFolder
    settings: dict[str, Any]
    finished: bool


def train(
    settings: TrainSettings[Any], command: Sequence[str] = (), watch: Callback | None = None
) -> Run:
    """Starts a new run.

    Args:
        settings: What to train, where and for how long.
        command: The command line behind them, for the other processes.
        watch: Takes each update's metrics instead of showing them, and stops the training, which
            no signal does then, with False.

    Raises:
        InputError: If a setting cannot be used; nothing has been written then.
    """
    settings.check()
    name = bare_id(settings.env)
    out = settings.folder
    kwargs = parse_env_kwargs(settings.env_kwargs)
    plain = asdict(settings) | {"env": name, "out": str(out), "env_kwargs": kwargs}
    _check_processes(settings.agent, settings.config, settings.processes)
    run = RunFolder(out)
    with distributed.group(settings.processes, command):
        agent = _make(plain, settings.config, settings.env)
        if distributed.rank() == 0:
            run.check_empty()
        with _lock(run):
            if distributed.rank() == 0:
                run.create(plain)
            finished = _learn(agent, run, plain, watch)
    return Run(run, plain, finished)


def resume(
    path: Path,
    total_timesteps: int | None = None,
    env: str | None = None,
    command: Sequence[str] = (),
    watch: Callback | None = None,
) -> Run:
    """Goes on with a run from its latest checkpoint, or from the one before if that is broken.

    Args:
        path: The run's folder.
        total_timesteps: Where to stop, instead of where the run was to stop.
        env: The run's environment with the package that registers it, "my_package:MyTask-v0",
            where that has not been imported: a file does not say what to import.
        command: The command line behind this, for the other processes.
        watch: As for `train`.

    Raises:
        InputError: If the folder holds no run, or no checkpoint of it can be read.
    """
    if total_timesteps is not None and total_timesteps < 1:
        raise InputError(f"`total_timesteps` must be at least 1, got {total_timesteps}")
    run, settings = RunFolder.open(path)
    env = env or settings["env"]
    if bare_id(env) != settings["env"]:
        raise InputError(f"{path} was trained on {settings['env']}, not on {bare_id(env)}")
    config = trainable(settings["agent"]).config_from_dict(settings["config"], str(path))
    _check_processes(settings["agent"], config, settings["processes"])
    with _lock(run), distributed.group(settings["processes"], command):
        agent = _make(settings, config, env)
        _restore(agent, run)
        settings["weights"] = None
        if total_timesteps is not None:
            settings["total_timesteps"] = total_timesteps
        if distributed.rank() == 0:
            with _writing(run):
                run.rewind(agent.num_timesteps)
                run.write_settings(settings)
        finished = _learn(agent, run, settings, watch)
    return Run(run, settings, finished)


def _lock(run: RunFolder) -> AbstractContextManager[None]:
    """Keeps other trainings out of a run's folder; the first process does it for all."""
    return run.locked() if distributed.rank() == 0 else nullcontext()


def _check_processes(agent: str, config: Any, processes: int) -> None:
    """Raises an InputError, before any is started, if so many processes cannot train the agent."""
    processes = distributed.planned_size(processes)
    if processes > 1 and not trainable(agent).in_processes:
        raise InputError(f"{agent} trains in one process: leave `processes=` out")
    distributed.share(config.num_envs, processes)


def _make(settings: dict[str, Any], config: Any, env_id: str) -> TrainableAgent:
    """Makes the agent that a run's settings ask for, untrained.

    Raises:
        InputError: If the settings cannot be used.
    """
    num_envs, kwargs = distributed.share(config.num_envs), settings["env_kwargs"]
    env = make_vector_env(env_id, num_envs, kwargs)
    return trainable(settings["agent"])(env, config, settings["seed"], kwargs)


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


def _learn(
    agent: TrainableAgent, run: RunFolder, settings: dict[str, Any], watch: Callback | None
) -> bool:
    """Trains to the end or until asked to stop; returns whether the end was reached.

    Raises:
        InputError: If the run's folder cannot be written to; what was there is kept.
    """
    total, first = settings["total_timesteps"], distributed.rank() == 0
    tell = print if first and watch is None else _say_nothing
    tell(f"training {settings['agent']} on {settings['env']} for {total:,} steps into {run.path}")
    signals: AbstractContextManager[list[int]] = nullcontext([]) if watch else stop_signals()
    with _writing(run), signals as stopped:
        callback, began = RunCallback(agent, run, settings, stopped), time.process_time()
        if first and watch is None:
            with Progress(total, agent.num_timesteps) as progress:
                agent.learn(total, chain(progress.update, callback))
        else:
            agent.learn(total, chain(watch, callback) if watch else callback)
        seconds = time.process_time() - began
        callback.save()
        run.close()
        finished = agent.num_timesteps >= total
        if first:
            digest = agent.weights_digest() if finished else None
            run.note(seconds, digest)
            if finished:
                tell(f"SHA-256 of the weights: {digest}")
    if not finished:
        tell(
            f"stopped after {agent.num_timesteps:,} of {total:,} steps; go on with\n"
            f"  python -m baselines train --resume {run.path}"
        )
    return finished


def _say_nothing(text: str) -> None:
    """What is told where nobody reads it."""


@contextmanager
def _writing(run: RunFolder) -> Iterator[None]:
    """Raises an InputError where a run's folder cannot be written to."""
    before = threading.excepthook

    def note(arguments: Any) -> None:
        # TensorBoard writes in a thread of its own, and its next call here raises the same.
        if not issubclass(arguments.exc_type, OSError):
            before(arguments)

    threading.excepthook = note
    try:
        yield
    except OSError as error:
        raise InputError(
            f"{run.path} cannot be written ({error.strerror}); its checkpoints are kept: make room "
            f"and go on with `resume={run.path}`"
        ) from error
    finally:
        threading.excepthook = before
