"""Several commands at a time, each in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from baselines.common.progress import ProgressBar

SECONDS_BETWEEN_LOOKS = 0.2
SECONDS_TO_STOP = 20


class Job(NamedTuple):
    """A command to run.

    Attributes:
        name: Of the job.
        command: With its arguments.
        log: File that takes all that it prints.
        seconds: That it takes, roughly.
    """

    name: str
    command: Sequence[str]
    log: Path
    seconds: float


class Running(NamedTuple):
    """A job that has been started, and when."""

    job: Job
    process: subprocess.Popen[bytes]
    began: float


def run_jobs(jobs: Sequence[Job], processes: int) -> Iterator[tuple[str, int]]:
    """Runs jobs in their order, some at a time, and shows how far they are.

    Each has one thread for its arithmetic. Where the caller stops, also by Ctrl-C, the jobs that
    are running are told to stop, too, and are waited for, so that they keep what they have.

    Args:
        jobs: What to run.
        processes: How many at a time.

    Yields:
        Of each job, when it has ended, its name and exit status.
    """
    waiting, running, ended = list(jobs), list[Running](), 0.0
    try:
        with ProgressBar(sum(job.seconds for job in jobs)) as bar:
            while waiting or running:
                while waiting and len(running) < processes:
                    running.append(_start(waiting.pop(0)))
                for one in [one for one in running if one.process.poll() is not None]:
                    running.remove(one)
                    ended += one.job.seconds
                    yield one.job.name, one.process.returncode
                now = time.perf_counter()
                begun = sum(min(now - one.began, one.job.seconds) for one in running)
                names = ", ".join(one.job.name for one in running)
                bar.show(ended + begun, f"{names}, {len(waiting)} waiting")
                time.sleep(SECONDS_BETWEEN_LOOKS)
    finally:
        for one in running:
            one.process.send_signal(signal.SIGINT)
        for one in running:
            _wait(one.process)


def _wait(process: subprocess.Popen[bytes]) -> None:
    """Waits for a process that was told to stop; one that goes on all the same is ended.

    Some libraries swallow what Ctrl-C raises while they are imported.
    """
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _start(job: Job) -> Running:
    job.log.parent.mkdir(parents=True, exist_ok=True)
    with job.log.open("wb") as log:
        process = subprocess.Popen(
            job.command,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=os.environ | {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"},
            # A terminal's Ctrl-C would reach it twice: from there, and from here.
            start_new_session=True,
        )
    return Running(job, process, time.perf_counter())
