"""The Bayes-optimal policy for the volatility task: a filter over side, volatility and k.

Exactly one arm pays, so the outcome of a trial tells equally much whichever arm is pulled. To
pull the arm with the larger product of posterior probability and magnitude is therefore optimal
where schedules are drawn. In the two test schedules the same policy is the reference, as in
Wang et al. 2018. It is not the best there: it holds possible what a test never does, and whoever
knows the schedule does better (`optimal_bound`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meta_envs.core import MetaObservationWriter
from meta_envs.optimal.numerics.cache import cached
from meta_envs.optimal.numerics.limits import check_size
from meta_envs.policies import Belief, CuedPolicy, Memory
from meta_envs.tasks.bandits.volatility import (
    DRAWN,
    DRAWN_LEVELS,
    FLIP_PROBABILITY,
    LOG_K_RANGE,
    LOW_FIRST,
    TEST_LEVELS,
    Volatility,
)

CELLS = 4
"""Cells of the grid on log k: against 16, the value differs by less than 0.01 %."""
SIMULATED_EPISODES = 10_000
BATCH = 1_000
NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)
"""Exact for polynomials of up to degree 15 on [-1, 1]."""


class Estimates(NamedTuple):
    """What a belief says of the coming trial; both of shape (num_envs,).

    Attributes:
        p1: The mean of the probability that the first arm pays.
        volatility: The mean of v, the probability that p1 flips before the trial after it.
    """

    p1: NDArray[np.float64]
    volatility: NDArray[np.float64]


class Filter:
    """The belief about (k, v, side) given all outcomes; all else follows from these three.

    A belief has shape (num_envs, cells * 4): log k in cells of equal width, represented by their
    centres, and for each whether it is volatile and whether the first arm is better.

    Args:
        cells: Cells of the grid on log k.
    """

    def __init__(self, cells: int = CELLS) -> None:
        low, high = LOG_K_RANGE
        self.k = np.exp(low + (high - low) * (np.arange(cells) + 0.5) / cells)
        self.p1 = np.tile(DRAWN_LEVELS.ravel(), cells)

    def initial(self, num_envs: int) -> NDArray[np.float64]:
        """The prior."""
        return np.full((num_envs, len(self.p1)), 1 / len(self.p1))

    def observe(
        self, belief: NDArray[np.float64], first_paid: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """The belief about the next trial, given which arm has paid on this one."""
        posterior = belief * np.where(first_paid[:, None], self.p1, 1 - self.p1)
        posterior /= posterior.sum(axis=1, keepdims=True)
        stays = posterior.reshape(len(belief), len(self.k), 2, 2)
        # First p1 flips, by the v of the trial that is over, then v changes.
        flipped = FLIP_PROBABILITY * stays[:, :, 1]
        stays[:, :, 1] += flipped[..., ::-1] - flipped
        changes = self.k[:, None, None] * stays
        return np.asarray(stays + changes[:, :, ::-1] - changes).reshape(belief.shape)

    def estimates(self, belief: NDArray[np.float64]) -> Estimates:
        """The means of p1 and v."""
        volatile = belief.reshape(len(belief), -1, 2, 2)[:, :, 1].sum(axis=(1, 2))
        return Estimates(belief @ self.p1, FLIP_PROBABILITY * volatile)


class OptimalPolicy(CuedPolicy):
    """Pulls the arm with the larger product of posterior probability and magnitude."""

    def __init__(self, family: Volatility, meta_observation: MetaObservationWriter) -> None:
        super().__init__(meta_observation)
        self.filter, self.schedule = Filter(), family.schedule

    def initial_belief(self, num_envs: int) -> NDArray[np.float64]:
        return self.filter.initial(num_envs)

    def update(
        self, belief: NDArray[np.float64], first_paid: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        return self.filter.observe(belief, first_paid)

    def chance(self, belief: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.filter.estimates(belief).p1

    def act(self, memory: Memory) -> NDArray[np.intp]:
        return self.best(self.values(memory))

    def optimality_gaps(self, memory: Memory, actions: NDArray[np.intp]) -> NDArray[np.float64]:
        if self.schedule != DRAWN:
            raise ValueError(
                f"the optimality gap is known for schedule={DRAWN!r}, got {self.schedule!r}: in a "
                "test the policy is a reference, and not the best"
            )
        return self.behind(self.values(memory), actions)

    def belief(self, memory: Memory) -> Belief:
        """What the filter says of the coming trial.

        Returns:
            "arm 1 pays": mean of the probability that the first arm pays, (num_envs, 1).
            "volatility": mean of v, the probability that it flips before the next, (num_envs, 1).
        """
        p1, volatility = self.filter.estimates(memory[:, 2:])
        return {"arm 1 pays": p1[:, None], "volatility": volatility[:, None]}


def payoff(p1: NDArray[np.float64], believed: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a pull pays on average over the magnitudes, for who takes p1 to be `believed`.

    With X and Y the two magnitudes it is p1 E[X; bX > (1 - b)Y] + (1 - p1) E[Y; bX < (1 - b)Y].

    Args:
        p1: That the first arm pays.
        believed: What the chooser holds p1 to be, same shape.
    """
    return np.asarray(p1 * _taken(believed) + (1 - p1) * _taken(1 - believed))


def _taken(b: NDArray[np.float64]) -> NDArray[np.float64]:
    """E[X; bX > (1 - b)Y], X and Y independent and Beta(4, 4).

    The integrand x f(x) F(bx / (1 - b)) is a polynomial of degree 14 up to where F is 1 and one of
    degree 7 from there, so that Gauss's quadrature is exact.
    """
    b = np.asarray(b, np.float64)[..., None]
    with np.errstate(divide="ignore"):
        slope = b / (1 - b)
        border = np.minimum(1 / slope, 1.0)
    share = (NODES + 1) / 2
    below, above = border * share, border + (1 - border) * share
    # At a border of 0 the slope is infinite; of the part below it nothing is left.
    inner = np.where(border > 0, _cdf(np.minimum(np.nan_to_num(slope) * below, 1.0)), 0.0)
    first = border * below * _density(below) * inner
    second = (1 - border) * above * _density(above)
    return np.asarray((first + second) @ WEIGHTS / 2)


def _density(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of Beta(4, 4)."""
    both = x * (1 - x)
    return np.asarray(140 * both * both * both)


def _cdf(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of Beta(4, 4)."""
    square = x * x  # NumPy's powers take ten times as long as products.
    return np.asarray(square * square * (35 + x * (-84 + x * (70 - 20 * x))))


def optimal_return(family: Volatility) -> float:
    """The mean return of the filter's policy.

    The outcomes do not depend on the actions, so it is enough to draw them and to average what
    the policy expects to be paid, over all magnitudes exactly. The standard error is 0.03 with
    the default arguments, 0.04 % of the return.
    """
    trials = family.num_trials
    check_size("num_trials", trials, numbers=SIMULATED_EPISODES * trials * CELLS * 16)
    arrays = cached(
        f"volatility_{family.schedule}_{trials}_v1",
        {"return": ()},
        lambda: {"return": np.array(simulated_returns(family).mean())},
    )
    return float(arrays["return"])


def simulated_returns(family: Volatility, cells: int = CELLS) -> NDArray[np.float64]:
    """What each of many episodes pays the filter's policy on average over its magnitudes.

    Args:
        family: Whose schedule and number of trials to draw.
        cells: Of the filter's grid on log k.

    Returns:
        Shape (SIMULATED_EPISODES,).
    """
    belief_filter, generator = Filter(cells), np.random.default_rng(0)
    simulator = type(family)(BATCH, family.schedule, family.num_trials)
    returns = np.zeros((SIMULATED_EPISODES // BATCH, BATCH))
    for total in returns:
        simulator.begin(np.arange(BATCH), [generator] * BATCH)
        belief = belief_filter.initial(BATCH)
        for p1 in simulator.p1.T:
            total += payoff(p1, belief_filter.estimates(belief).p1)
            belief = belief_filter.observe(belief, generator.random(BATCH) < p1)
    return returns.ravel()


def informed_return(family: Volatility) -> float:
    """The mean return of an agent that is told p1 at each trial.

    At any trial of a drawn schedule it is stable or volatile, equally likely.
    """
    levels = DRAWN_LEVELS if family.schedule == DRAWN else TEST_LEVELS
    stable, volatile = payoff(levels[:, 1], levels[:, 1]).tolist()
    if family.schedule == DRAWN:
        return float(family.num_trials * (stable + volatile) / 2)
    low, high = _stretches(family)
    return float(low * stable + high * volatile)


def optimal_bound(family: Volatility) -> float:
    """The optimal return; in a test schedule that of an agent which knows the schedule.

    It does not know which arm is better at first in either half, and nobody could do better than
    it. In each half it counts how often the arm paid that would be the better one if the half had
    begun with the first. After s of n outcomes spoke for that, its log-odds are (2s - n) log(p /
    (1 - p)), and s is a mixture of two binomials.
    """
    if family.schedule == DRAWN:
        return optimal_return(family)
    return sum(
        _unknown_side(p, trials)
        for p, trials in zip(TEST_LEVELS[:, 1].tolist(), _stretches(family), strict=True)
    )


def _stretches(family: Volatility) -> tuple[int, int]:
    """How many trials of a test schedule are stable, and how many volatile."""
    first = family.num_trials // 2
    second = family.num_trials - first
    return (first, second) if family.schedule == LOW_FIRST else (second, first)


def _unknown_side(p: float, num_trials: int) -> float:
    """What `num_trials` pay where the better arm is known but for one bit, by exact sums."""
    total, counts = 0.0, np.array([[1.0], [1.0]])
    for _ in range(num_trials):
        # The probability of s agreeing outcomes, if the bit is what it might be and if it is not.
        right, wrong = counts
        weight = (right + wrong) / 2
        known = right / (right + wrong)
        chance = p * known + (1 - p) * (1 - known)
        total += float(weight @ payoff(chance, chance))
        chances = np.array([[p], [1 - p]])
        counts = np.hstack([counts * (1 - chances), np.zeros((2, 1))])
        counts[:, 1:] += (counts[:, :-1] / (1 - chances)) * chances
    return total
