"""Gittins indices of Bernoulli arms by calibration, for ever and for a fixed horizon.

The index of an arm is the known payoff that one would be as happy to settle for as to pull the arm
once more: the stopping problem "pull, or take the known payoff from now on" is solved by backward
induction for a grid of known payoffs. Gittins 1979, "Bandit processes and dynamic allocation
indices".
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core import MetaObservationWriter
from meta_envs.optimal.numerics.cache import cached
from meta_envs.optimal.numerics.limits import check_size
from meta_envs.policies import CountingPolicy, Memory

LEVELS = 512
"""Known payoffs in the grid for discounted reward; indices are interpolated between them."""
HORIZON_LEVELS = 128
"""The same for a fixed horizon."""
NEGLIGIBLE = 1e-4
"""The discounted table looks ahead until a later reward weighs less than this."""


@lru_cache(maxsize=8)
def discounted_indices(discount: float, pulls: int) -> NDArray[np.float64]:
    """Indices of a Bernoulli arm with a Beta(1, 1) prior, for discounted reward for ever.

    Args:
        discount: Discount factor in (0, 1).
        pulls: Largest number of pulls asked for.

    Returns:
        Index after n pulls of which s paid, shape (pulls + 1, pulls + 1); 0 where s > n.
    """
    table = (pulls + 1) ** 2
    check_size("num_trials", pulls, numbers=LEVELS * table // 2, memory=8 * table)
    arrays = cached(
        f"bernoulli_discounted_{discount!r}_{pulls}_v1",
        {"index": (pulls + 1, pulls + 1)},
        lambda: {"index": _discounted(discount, pulls)},
    )
    return arrays["index"]


def _discounted(discount: float, pulls: int) -> NDArray[np.float64]:
    levels = _grid(LEVELS)
    settled = levels / (1 - discount)
    last = pulls + int(np.ceil(np.log(NEGLIGIBLE) / np.log(discount)))
    value = np.maximum(settled, _mean(last)[:, None] / (1 - discount))
    table = np.zeros((pulls + 1, pulls + 1))
    for n in reversed(range(last)):
        p = _mean(n)[:, None]
        pulled = p * (1 + discount * value[1:]) + (1 - p) * discount * value[:-1]
        if n <= pulls:
            table[n, : n + 1] = _crossing(levels, pulled - settled)
        value = np.maximum(settled, pulled)
    return table


@lru_cache(maxsize=4)
def horizon_indices(horizon: int) -> NDArray[np.float32]:
    """Indices of a Bernoulli arm with a Beta(1, 1) prior, for a fixed number of pulls.

    Args:
        horizon: Pulls in an episode.

    Returns:
        Flat; `horizon_position` says where the index of a state stands.
    """
    size = _size(horizon)
    memory = 4 * size + 8 * HORIZON_LEVELS * (horizon + 1) * (horizon + 2) // 2
    check_size("num_trials", horizon, numbers=HORIZON_LEVELS * size, memory=memory)
    arrays = cached(
        f"bernoulli_horizon_{horizon}_v1",
        {"index": (_size(horizon),)},
        lambda: {"index": _horizon(horizon)},
    )
    return arrays["index"]


def _horizon(horizon: int) -> NDArray[np.float32]:
    levels = _grid(HORIZON_LEVELS)
    index = np.empty(_size(horizon), np.float32)
    values = [np.zeros((n + 1, len(levels))) for n in range(horizon + 1)]
    for left in range(1, horizon + 1):
        for n in range(horizon - left + 1):
            p = _mean(n)[:, None]
            pulled = p * (1 + values[n + 1][1:]) + (1 - p) * values[n + 1][:-1]
            start = horizon_position(horizon - left, n, 0)
            index[start : start + n + 1] = _crossing(levels, pulled - left * levels)
            # Nothing with fewer pulls behind it asks for this block's old value any more.
            values[n] = np.maximum(left * levels, pulled)
    return index


def horizon_position(t: Any, n: Any, s: Any) -> Any:
    """Where `horizon_indices` holds an arm's index after t pulls, n of them its own, s paid.

    The states of t = 0, 1, ... follow each other, those of one t as n = 0..t with s = 0..n.

    Args:
        t: Pulls of all arms so far, whole numbers of any shape.
        n: Pulls of the arm.
        s: Of which paid.
    """
    return t * (t + 1) * (t + 2) // 6 + n * (n + 1) // 2 + s


def _size(horizon: int) -> int:
    return horizon * (horizon + 1) * (horizon + 2) // 6


class HorizonGittins(CountingPolicy):
    """Pulls the arm with the highest finite-horizon Gittins index: near-optimal for any number.

    With a fixed horizon no index policy is exactly optimal, but this one comes close (Kaufmann
    2018, "On Bayesian index policies for sequential resource allocation", section 4.1).

    Args:
        meta_observation: Of the environment to act in.
        num_trials: Pulls in an episode.
    """

    def __init__(self, meta_observation: MetaObservationWriter, num_trials: int) -> None:
        super().__init__(meta_observation)
        self.index = horizon_indices(num_trials)

    def act(self, memory: Memory) -> NDArray[np.intp]:
        pulls, successes = memory.astype(np.int64).swapaxes(0, 1)
        position = horizon_position(pulls.sum(axis=1, keepdims=True), pulls, successes)
        return self.best(self.index[position].astype(np.float64))


def _grid(levels: int) -> NDArray[np.float64]:
    return (np.arange(levels) + 0.5) / levels


def _mean(n: int) -> NDArray[np.float64]:
    """Posterior means after n pulls of which 0..n paid."""
    return (np.arange(n + 1) + 1) / (n + 2)


def _crossing(levels: NDArray[np.float64], gain: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where each row of `gain`, which falls along `levels`, crosses 0, by interpolation."""
    rows = np.arange(len(gain))
    after = np.clip((gain > 0).sum(axis=1), 1, len(levels) - 1)
    high, low = gain[rows, after - 1], gain[rows, after]
    share = np.clip(high / np.maximum(high - low, 1e-300), 0, 1)
    return np.asarray(levels[after - 1] + share * (levels[after] - levels[after - 1]))
