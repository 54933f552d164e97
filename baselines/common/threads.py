"""How the agents use the machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits


@contextmanager
def one_thread() -> Iterator[None]:
    """Keeps torch and NumPy to one thread: with small networks more get in each other's way."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(limits=1, user_api="blas"):  # type: ignore[no-untyped-call]
            yield
    finally:
        torch.set_num_threads(threads)
