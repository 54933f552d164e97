"""Several processes that train one agent: each plays its share, and gradients are averaged.

The processes find each other through the variables that `torchrun` sets (RANK, WORLD_SIZE,
MASTER_ADDR, MASTER_PORT), whether torchrun has set them, on one machine or many, or `launch` has.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist

from baselines.common.errors import InputError, one_line

PATIENCE = timedelta(minutes=10)
"""How long a process waits for the others."""


def rank() -> int:
    """Which of the processes this is, also before they have joined; 0 logs and saves."""
    if dist.is_initialized():
        return dist.get_rank()
    return int(os.environ.get("RANK", "0")) if "WORLD_SIZE" in os.environ else 0


def world_size() -> int:
    """How many processes train together; 1 if this one trains alone."""
    return dist.get_world_size() if dist.is_initialized() else 1


def planned_size(processes: int) -> int:
    """How many processes `group` brings together: under torchrun those that it has started."""
    return int(os.environ.get("WORLD_SIZE", processes))


def share(num_envs: int, processes: int | None = None) -> int:
    """One process's part of the environments.

    Args:
        num_envs: Of all processes together.
        processes: How many they are; as many as there are now if not given.

    Raises:
        InputError: If they cannot be shared out evenly.
    """
    processes = processes or world_size()
    if num_envs % processes:
        raise InputError(
            f"`num_envs` must be a multiple of the {processes} processes, got {num_envs}"
        )
    return num_envs // processes


def average_gradients(parameters: Sequence[torch.Tensor], flag: bool) -> bool:
    """Replaces each parameter's gradient by its mean over the processes.

    Args:
        parameters: The same in every process.
        flag: Travels along, as an exchange of its own would cost as much again.

    Returns:
        Whether any process had set its flag.
    """
    if world_size() == 1:
        return flag
    gradients = [p.grad for p in parameters if p.grad is not None]
    flags = torch.tensor([float(flag)], device=gradients[0].device)
    together = torch.cat([flags, *(gradient.flatten() for gradient in gradients)])
    dist.all_reduce(together)
    together /= world_size()
    flags, *parts = torch.split(together, [1, *(gradient.numel() for gradient in gradients)])
    for gradient, part in zip(gradients, parts, strict=True):
        gradient.copy_(part.view_as(gradient))
    return bool(flags > 0)


def gather(mine: Any) -> list[Any]:
    """What every process has, in the order of their ranks; empty except in process 0."""
    if world_size() == 1:
        return [mine]
    everyone: list[Any] | None = [None] * world_size() if rank() == 0 else None
    dist.gather_object(mine, everyone)
    return everyone or []


@contextmanager
def group(processes: int, command: Sequence[str]) -> Iterator[None]:
    """Trains together with others, for a while.

    Under torchrun, with those that it has started; else with `processes - 1` more, in which
    `python -m baselines` runs the same command.

    Raises:
        InputError: If the processes do not find each other, or one of them stops on the way.
    """
    if planned_size(processes) == 1:
        yield
    elif "WORLD_SIZE" in os.environ:
        with _joined():
            yield
    else:
        with _launched(processes, command):
            yield


@contextmanager
def _joined() -> Iterator[None]:
    """Joins the processes that the variables tell of."""
    try:
        dist.init_process_group(timeout=PATIENCE)
        yield
    except RuntimeError as error:
        raise InputError(f"the processes have lost each other: {one_line(error)}") from error
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()


@contextmanager
def _launched(processes: int, command: Sequence[str]) -> Iterator[None]:
    """Starts the other processes and joins them; none outlives this one's work."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"WORLD_SIZE": processes, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    variables = {name: str(value) for name, value in shared.items()}
    others = [
        subprocess.Popen(
            [sys.executable, "-m", "baselines", *command],
            env=os.environ | variables | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for rank in range(1, processes)
    ]
    before = dict(os.environ)
    os.environ.update(variables | {"RANK": "0", "LOCAL_RANK": "0"})
    try:
        with _joined():
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        for other in others:
            try:
                other.wait(timeout=5)
            except subprocess.TimeoutExpired:
                other.kill()
