"""Callbacks: what a training calls after every update."""

from __future__ import annotations

from collections.abc import Callable

Metrics = dict[str, float]
"""Numbers of an update, by name."""
Callback = Callable[[Metrics], bool | None]
"""Called after every update with its metrics; returning False stops the training.

Every agent gives `num_timesteps`, `steps_per_second`, and once episodes have ended
`mean_return` and, where the environment reports it, `mean_regret`, averaged over the latest
episodes.
"""


def chain(first: Callback, second: Callback | None) -> Callback:
    """One callback that calls two; False from either stops."""

    def both(metrics: Metrics) -> bool:
        results = [first(metrics), None if second is None else second(metrics)]
        return False not in results

    return both
