"""What the trainable agents share: how they report, and how they use the machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits

Callback = Callable[[dict[str, float]], bool | None]
"""Called after every update with its figures; returning False stops the training.

Every agent gives `num_timesteps`, `steps_per_second`, and once episodes have ended
`mean_return` and, where the environment reports it, `mean_regret`, averaged over the latest
1,000 episodes.
"""

RECENT_EPISODES = 1_000
"""Finished episodes that `mean_return` and `mean_regret` are averaged over."""


def chain(first: Callback, second: Callback | None) -> Callback:
    """One callback that calls two; False from either stops."""

    def both(figures: dict[str, float]) -> bool:
        results = [first(figures), None if second is None else second(figures)]
        return False not in results

    return both


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
