"""The Gittins index of Bernoulli arms, by calibration."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from baselines.agents.parameters import check_range
from meta_envs.core import CountingPolicy, MetaObservation
from meta_envs.core.policy import Memory

LEVELS = 512
"""Known payoffs that an arm is compared with; indices are interpolated between them."""
NEGLIGIBLE = 1e-4
"""The table looks ahead until a later reward weighs less than this."""


class Gittins(CountingPolicy):
    """Pulls the arm with the highest Gittins index, optimal for discounted reward for ever.

    Gittins 1979, "Bandit processes and dynamic allocation indices". In an episode of fixed length
    it is an approximation: the best discount, about 1 - 1 / num_trials, stands for the horizon.

    Args:
        meta_observation: Of the environment to act in.
        num_trials: Pulls in an episode.
        discount: Discount factor in (0, 1); None takes 1 - 1 / num_trials.
    """

    def __init__(
        self, meta_observation: MetaObservation, num_trials: int, discount: float | None = None
    ) -> None:
        super().__init__(meta_observation)
        if discount is None:
            discount = 1 - 1 / max(num_trials, 2)
        self.discount = check_range("discount", discount, 1e-3, 1 - 1e-4)
        self.table = gittins_table(self.discount, num_trials)

    def act(self, memory: Memory) -> NDArray[np.intp]:
        pulls, successes = memory.astype(np.intp).swapaxes(0, 1)
        return self.best(self.table[pulls, successes])


@lru_cache(maxsize=8)
def gittins_table(discount: float, pulls: int) -> NDArray[np.float64]:
    """Gittins indices of a Bernoulli arm with a Beta(1, 1) prior.

    The index is the known payoff that one would be as happy to retire to for ever as to pull the
    arm once more (calibration). For each of a grid of payoffs the stopping problem is solved by
    backward induction over the arm's pulls, looking ahead until the discount makes what is
    further away negligible.

    Args:
        discount: Discount factor in (0, 1).
        pulls: Largest number of pulls asked for.

    Returns:
        Index after n pulls of which s paid, shape (pulls + 1, pulls + 1); 0 where s > n.
    """
    levels = (np.arange(LEVELS) + 0.5) / LEVELS
    retired = levels / (1 - discount)
    last = pulls + int(np.ceil(np.log(NEGLIGIBLE) / np.log(discount)))
    mean = (np.arange(last + 1) + 1) / (last + 2)
    value = np.maximum(retired, mean[:, None] / (1 - discount))
    table = np.zeros((pulls + 1, pulls + 1))
    for n in reversed(range(last)):
        p = ((np.arange(n + 1) + 1) / (n + 2))[:, None]
        pulled = p * (1 + discount * value[1 : n + 2]) + (1 - p) * discount * value[: n + 1]
        if n <= pulls:
            table[n, : n + 1] = crossing(levels, pulled - retired)
        value = np.maximum(retired, pulled)
    return table


def crossing(levels: NDArray[np.float64], gain: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where each row of `gain`, which falls along `levels`, crosses 0, by interpolation."""
    rows = np.arange(len(gain))
    after = np.clip((gain > 0).sum(axis=1), 1, len(levels) - 1)
    high, low = gain[rows, after - 1], gain[rows, after]
    share = np.clip(high / np.maximum(high - low, 1e-300), 0, 1)
    return np.asarray(levels[after - 1] + share * (levels[after] - levels[after - 1]))
