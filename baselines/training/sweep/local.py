"""The sweep's engine for one machine: a process for each training, some at a time."""

from __future__ import annotations

import math
import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any, NamedTuple

from baselines.common.callbacks import Metrics
from baselines.common.errors import InputError
from baselines.common.threads import one_thread
from baselines.training.sweep.journal import Journal, Ladder
from baselines.training.sweep.perform import perform, result_of, write_result
from baselines.training.sweep.plan import PlannedRun

SECONDS_BETWEEN_LOOKS = 0.5
"""At how far the trainings are."""
SECONDS_BETWEEN_ORDERS = 0.1
"""At its orders, while a training waits to hear whether it is behind."""
GO_ON, INTERRUPTED, BEHIND = range(3)
"""What a training is told: to go on, that all are to stop, that it is stopped for good."""

Show = Callable[[Sequence[int], Sequence[int]], Any]
"""Takes the steps of each run so far, and the indices of those that are being trained."""


class Board(NamedTuple):
    """What all processes see: of each run its steps, and what it is told."""

    steps: Any
    orders: Any


class Worker(NamedTuple):
    """A process that performs a run."""

    process: Any
    errors: Connection
    """Where it sends what went wrong."""
    rungs: Connection
    """Where it sends each rung that it comes to, with its mean return, and waits for the order
    that answers it: so what is stopped does not hang on when somebody looks."""


def run_locally(
    runs: Sequence[PlannedRun], workers: int, show: Show, journal: Journal | None = None
) -> dict[int, str]:
    """Performs runs, some at a time, until all are done.

    Args:
        runs: Those that are not done yet.
        workers: How many at a time.
        show: Told of the progress.
        journal: Told of the runs, and says which are behind and to stop; None without a space.

    Returns:
        By index of a run, what went wrong with it; it is to be tried again.

    Raises:
        KeyboardInterrupt: After every training has written a checkpoint.
    """
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        # So that not every process imports torch anew.
        context.set_forkserver_preload([__name__, "baselines.a2c_lstm", "baselines.recurrent_ppo"])
    board = Board(*(context.Array(kind, len(runs), lock=False) for kind in ("q", "b")))
    waiting, active = list(range(len(runs))), dict[int, Worker]()
    errors: dict[int, str] = {}
    try:
        while waiting or active:
            while waiting and len(active) < workers:
                index = waiting.pop(0)
                if journal is not None:
                    journal.begin(index)
                active[index] = _start(context, runs[index], index, board)
            ends = [end for one in active.values() for end in (one.process.sentinel, one.rungs)]
            ready = wait(ends, SECONDS_BETWEEN_LOOKS)
            _judge({i: one.rungs for i, one in active.items() if one.rungs in ready}, journal)
            for index in [i for i, one in active.items() if not one.process.is_alive()]:
                error, result = _end(active.pop(index), runs[index]), result_of(runs[index])
                if error:
                    errors[index] = error
                if result is not None:
                    # Also where it had been trained before, and was only scored.
                    board.steps[index] = runs[index].train.total_timesteps
                if journal is not None:
                    journal.end(index, result)
            show(board.steps, list(active))
    except KeyboardInterrupt:
        _stop(active, board)
        raise
    return errors


def _start(context: Any, run: PlannedRun, index: int, board: Board) -> Worker:
    errors, errors_sent = context.Pipe(duplex=False)
    rungs, rungs_sent = context.Pipe()
    given = (run, index, board, errors_sent, rungs_sent)
    process = context.Process(target=_work, args=given, daemon=False)
    process.start()
    errors_sent.close()
    rungs_sent.close()
    return Worker(process, errors, rungs)


def _end(worker: Worker, run: PlannedRun) -> str | None:
    """What went wrong in a process that has ended, None if nothing did."""
    worker.process.join()
    try:
        error = worker.errors.recv() if worker.errors.poll() else None
    except EOFError:
        error = None
    worker.errors.close()
    worker.rungs.close()
    if error is None and worker.process.exitcode:
        error = f"{run.folder}: its process was ended ({worker.process.exitcode})"
    return error


def _judge(rungs: dict[int, Connection], journal: Journal | None) -> None:
    """Tells trainings that have come to a rung to go on, or to stop because they are behind."""
    for index, connection in rungs.items():
        try:
            rung, mean_return = connection.recv()
            behind = journal is not None and journal.is_behind(index, rung, mean_return)
            connection.send(BEHIND if behind else GO_ON)
        except (EOFError, OSError):
            continue  # The process has ended.


def _stop(active: dict[int, Worker], board: Board) -> None:
    """Waits until all trainings have stopped; whoever interrupts this too, ends them at once."""
    for index in active:
        board.orders[index] = INTERRUPTED
    try:
        for worker in active.values():
            worker.process.join()
    except KeyboardInterrupt:
        for worker in active.values():
            worker.process.terminate()


def _work(run: PlannedRun, index: int, board: Board, errors: Connection, rungs: Connection) -> None:
    """Performs a run in a process of its own."""
    # The sweep alone hears of Ctrl-C, and tells the trainings.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_stop_with_parent, args=(index, board), daemon=True).start()
    board.steps[index] = 0
    ladder = Ladder(run.train.total_timesteps)

    def watch(metrics: Metrics) -> bool:
        steps, mean_return = int(metrics["num_timesteps"]), metrics.get("mean_return", math.nan)
        board.steps[index] = steps
        rung = ladder.climb(steps, mean_return)
        if rung is not None and board.orders[index] == GO_ON:
            try:
                rungs.send((rung, mean_return))
                while not rungs.poll(SECONDS_BETWEEN_ORDERS) and board.orders[index] == GO_ON:
                    pass
                if rungs.poll() and rungs.recv() == BEHIND:
                    board.orders[index] = BEHIND
            except (EOFError, OSError):  # The sweep's own process has been killed.
                board.orders[index] = INTERRUPTED
        return board.orders[index] == GO_ON

    def note(_: float) -> None:
        if board.orders[index] == INTERRUPTED:
            raise SystemExit

    try:
        with one_thread():
            result = perform(run, watch, note)
        if result is None and board.orders[index] == BEHIND:
            write_result(run, {"failed": None, "stopped_early": True})
    except InputError as error:
        errors.send(str(error))
    except SystemExit:  # Interrupted while it was scored: that is done again.
        sys.exit(0)


def _stop_with_parent(index: int, board: Board) -> None:
    """Stops the training, with a checkpoint, when the sweep's own process has been killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        board.orders[index] = INTERRUPTED
