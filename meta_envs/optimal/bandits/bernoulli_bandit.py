"""The Bayes-optimal policy for two independent Bernoulli arms: a finite-horizon programme."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meta_envs.core import MetaObservationWriter
from meta_envs.optimal.numerics.cache import Arrays, cached
from meta_envs.optimal.numerics.limits import check_size
from meta_envs.policies import Belief, CountingPolicy, Memory
from meta_envs.tasks.bandits.bernoulli_bandit import BernoulliBandit

TIE = 1e-12
"""Difference of two values below which both arms are equally good."""


class Programme(NamedTuple):
    """A solved horizon.

    The states after t pulls are those of n1 = 0..t pulls of the first arm, each a block of
    (n1 + 1) x (n2 + 1) numbers of successes with n2 = t - n1, laid end to end.

    Attributes:
        value: Expected return from the start.
        advantages: Of every state how much more it is worth to pull the first arm than the
            second, and then to go on as the optimum does; 0 where both are as good.
        starts: Position in `advantages` of the block (t, n1), shape (horizon, horizon).
    """

    value: float
    advantages: NDArray[np.float32]
    starts: NDArray[np.int64]

    def advantage(
        self, pulls: NDArray[np.int64], successes: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """The advantage of the first arm where the arms have been pulled so often.

        Args:
            pulls: Of both arms, shape (..., 2); fewer than the horizon in all.
            successes: Of these, same shape.

        Returns:
            Shape (...).
        """
        n1, n2 = pulls[..., 0], pulls[..., 1]
        starts = self.starts[n1 + n2, n1]
        return self.advantages[starts + successes[..., 0] * (n2 + 1) + successes[..., 1]]


@lru_cache(maxsize=4)
def solve(horizon: int) -> Programme:
    """The solved horizon, from disk if it was solved before.

    Args:
        horizon: Number of pulls.

    Raises:
        ValueError: If it is too long.
    """
    size, values = math.comb(horizon + 3, 4), math.comb(horizon + 3, 3)
    memory = 4 * size + 8 * (values + horizon**2)
    check_size("num_trials", horizon, numbers=size, memory=memory)
    starts, size = _layout(horizon)
    arrays = cached(
        f"bernoulli_two_arms_{horizon}_v2",
        {"value": (), "advantages": (size,)},
        lambda: _solve(horizon),
    )
    return Programme(float(arrays["value"]), arrays["advantages"], starts)


def _layout(horizon: int) -> tuple[NDArray[np.int64], int]:
    """Where each block (t, n1) starts, and the number of states in all."""
    starts = np.zeros((horizon, horizon), np.int64)
    size = 0
    for t in range(horizon):
        pulls = np.arange(t + 1)
        sizes = (pulls + 1) * (t - pulls + 1)
        starts[t, : t + 1] = size + np.concatenate(([0], np.cumsum(sizes)[:-1]))
        size += int(sizes.sum())
    return starts, size


def _solve(horizon: int) -> Arrays:
    """Solves the two-armed Bernoulli bandit with Beta(1, 1) priors by dynamic programming."""
    starts, size = _layout(horizon)
    advantages = np.empty(size, np.float32)
    values = [np.zeros((n1 + 1, horizon - n1 + 1)) for n1 in range(horizon + 1)]
    for t in reversed(range(horizon)):
        for n1 in range(t + 1):
            value, advantage = _best_pull(values[n1 + 1], values[n1], n1, t - n1)
            # The block of n1 pulls is not needed for larger n1 any more.
            values[n1] = value
            advantages[starts[t, n1] : starts[t, n1] + advantage.size] = advantage.ravel()
    return {"value": values[0][0, 0], "advantages": advantages}


def _best_pull(
    after_first: NDArray[np.float64], after_second: NDArray[np.float64], n1: int, n2: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Value and advantage for all (successes of the first, of the second), shape (n1+1, n2+1)."""
    p1 = (np.arange(n1 + 1)[:, None] + 1) / (n1 + 2)
    p2 = (np.arange(n2 + 1)[None, :] + 1) / (n2 + 2)
    first = p1 * (1 + after_first[1:, :]) + (1 - p1) * after_first[:-1, :]
    second = p2 * (1 + after_second[:, 1:]) + (1 - p2) * after_second[:, :-1]
    advantage = first - second
    # Rounding decides nothing: what is left of a tie is no advantage, also where it is kept in
    # single precision, which holds numbers far below it.
    advantage[np.abs(advantage) < TIE] = 0
    return np.maximum(first, second), advantage


class OptimalPolicy(CountingPolicy):
    """Pulls the arm that the dynamic programme prefers; where both are as good, either.

    Args:
        family: The bandit to play; its horizon is its `num_trials`.
        meta_observation: Of the environment to act in.

    Raises:
        ValueError: If the bandit has more than two arms.
    """

    def __init__(self, family: BernoulliBandit, meta_observation: MetaObservationWriter) -> None:
        super().__init__(meta_observation)
        self.programme = solve(_horizon(family))

    def act(self, memory: Memory) -> NDArray[np.intp]:
        advantage = self._advantage(memory)
        coin = self.rng.integers(0, 2, len(memory))
        return np.where(advantage == 0, coin, advantage < 0)

    def optimality_gaps(self, memory: Memory, actions: NDArray[np.intp]) -> NDArray[np.float64]:
        advantage = self._advantage(memory).astype(np.float64)
        return np.maximum(np.where(actions == 0, -advantage, advantage), 0.0)

    def belief(self, memory: Memory) -> Belief:
        """The counts and what follows from them.

        Returns:
            "counts": successes and failures of the first arm, then of the second, (num_envs, 4).
            "posterior means": of both arms' probabilities, (num_envs, 2).
        """
        pulls, successes = memory.swapaxes(0, 1)
        counts = np.stack([successes, pulls - successes], axis=2)
        return {
            "counts": counts.reshape(len(memory), 4),
            "posterior means": (successes + 1) / (pulls + 2),
        }

    def _advantage(self, memory: Memory) -> NDArray[np.float32]:
        pulls, successes = memory.astype(np.int64).swapaxes(0, 1)
        return self.programme.advantage(pulls, successes)


def optimal_return(family: BernoulliBandit) -> float:
    """The exact mean return of the optimal policy."""
    return solve(_horizon(family)).value


def informed_return(family: BernoulliBandit) -> float:
    """The mean return of an informed agent: a bound that no policy reaches.

    The best of K independent uniform probabilities is K / (K + 1) on average.
    """
    return family.num_trials * family.num_arms / (family.num_arms + 1)


def _horizon(family: BernoulliBandit) -> int:
    if family.num_arms != 2:
        raise ValueError(
            f"the exact optimum is computed for num_arms=2, got {family.num_arms}: "
            "near-optimal takes any number"
        )
    return family.num_trials
