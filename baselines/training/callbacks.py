"""What happens while an agent trains: it is logged, saved, and stopped when asked to."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from baselines.common import distributed
from baselines.common.agent import TrainableAgent
from baselines.common.callbacks import Metrics
from baselines.common.run_folder import RunFolder

LOG_ROWS = 1_000
"""About as many rows as a full run's log gets."""
HANGUP: signal.Signals | None = getattr(signal, "SIGHUP", None)
"""Windows has none."""
CHECKPOINTS = 20
"""About as many checkpoints as a full run keeps, where nothing else is asked for."""


class RunCallback:
    """Logs and saves while an agent trains, and stops it when asked to; a callback for `learn`.

    Args:
        agent: Being trained.
        run: Its folder.
        settings: The run's.
        stopped: Not empty once a signal asked to stop.
    """

    def __init__(
        self, agent: TrainableAgent, run: RunFolder, settings: dict[str, Any], stopped: list[int]
    ) -> None:
        self.agent, self.run, self.stopped = agent, run, stopped
        self.checkpoint_every = settings["checkpoint_every"]
        self.save_every = settings["total_timesteps"] / CHECKPOINTS
        self.log_every = settings["total_timesteps"] / LOG_ROWS
        self.updates = 0
        self.saved_at = self.logged_at = agent.num_timesteps

    def __call__(self, metrics: Metrics) -> bool:
        """Takes an update's metrics; False asks the training to stop."""
        steps = self.agent.num_timesteps
        self.updates += 1
        if steps // self.log_every > self.logged_at // self.log_every:
            if distributed.rank() == 0:
                self.run.log(metrics)
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
            if distributed.rank() == 0:
                # First, so that no checkpoint is without it.
                self.run.keep_log(steps)
            self.agent.save(self.run.checkpoint_path(steps, self.agent.suffix))
        self.saved_at = steps


@contextmanager
def stop_signals() -> Iterator[list[int]]:
    """Notes SIGINT, SIGTERM and SIGHUP in a list; a second one breaks off.

    SIGHUP, that the terminal is gone, is left alone where it is ignored, as nohup wants it.
    """
    received: list[int] = []

    def note(number: int, frame: Any) -> None:
        if received:
            raise KeyboardInterrupt
        received.append(number)
        if number == HANGUP:
            _silence_terminals()

    numbers = [signal.SIGINT, signal.SIGTERM]
    if HANGUP is not None and signal.getsignal(HANGUP) != signal.SIG_IGN:
        numbers.append(HANGUP)
    before = {number: signal.signal(number, note) for number in numbers}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _silence_terminals() -> None:
    """Sends what is yet printed nowhere: a terminal that is gone refuses it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for output in (1, 2):
        if os.isatty(output):
            os.dup2(nowhere, output)
    os.close(nowhere)
