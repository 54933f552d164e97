"""How well the good state of the two-step task is known in the trials to come."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meta_envs.optimal.numerics.limits import check_size
from meta_envs.tasks.two_step.two_step import TwoStep

NODES = 4_000
"""Nodes of the grid on beliefs that the value with reversals is computed on."""
LEAST_REVERSAL = 1e-300
"""A probability of a reversal below this counts as this, whose odds float64 can still hold."""
CERTAIN = 1 - 1e-15
"""A reward probability above this counts as this, so that no evidence is infinitely strong."""


class Certainty(NamedTuple):
    """The probability that the state more likely good is good, summed over trials to come.

    A belief is the probability, before a trial, that the state less likely good is good.

    Attributes:
        beliefs: Those of the grid, increasing, the last one 0.5.
        sums: By the number of trials to come, from 0 on, and by the belief at the first of them.
        reward_probability: That the good state pays.
        reversal: Probability that the good state changes between two trials, at most 0.5.
    """

    beliefs: NDArray[np.float64]
    sums: NDArray[np.float64]
    reward_probability: float
    reversal: float

    def worth_of_telling(
        self, beliefs: NDArray[np.float64], trials: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        """How much more there is in the trials to come for having seen a trial's reward.

        Args:
            beliefs: In the trial, shape (batch,).
            trials: To come after it, same shape.

        Returns:
            In certainty, summed over these trials, same shape.
        """
        told = sum(
            chance * self._at(after, trials)
            for chance, after in _outcomes(beliefs, self.reward_probability, self.reversal)
        )
        return np.asarray(told - self._at(_next_belief(beliefs, self.reversal), trials))

    def _at(self, beliefs: NDArray[np.float64], trials: NDArray[np.intp]) -> NDArray[np.float64]:
        """`sums` between the nodes of the grid."""
        if len(self.beliefs) == 1:
            return self.sums[trials, 0]
        above = np.clip(self.beliefs.searchsorted(beliefs), 1, len(self.beliefs) - 1)
        low, high = self.beliefs[above - 1], self.beliefs[above]
        share = np.clip((beliefs - low) / (high - low), 0, 1)
        return (1 - share) * self.sums[trials, above - 1] + share * self.sums[trials, above]


def probability(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """What has these log-odds, however large they are."""
    return 0.5 * (1 + np.tanh(log_odds / 2))


def least_reversal(family: TwoStep) -> float:
    """The probability of a reversal, or of none if that is smaller.

    Where the good state changes for sure, it is as well known as where it never does.
    """
    reversal = min(family.reversal_probability, 1 - family.reversal_probability)
    return max(reversal, LEAST_REVERSAL) if reversal else 0.0


def solve(family: TwoStep) -> Certainty:
    """The certainty from every belief, whatever responses have led there.

    Raises:
        ValueError: If there are too many trials.
    """
    reversal, trials = least_reversal(family), family.num_trials
    numbers = trials * (NODES if reversal else trials)
    check_size("num_trials", trials, numbers=numbers, memory=8 * numbers)
    return _solve(min(family.reward_probability, CERTAIN), reversal, trials)


@lru_cache(maxsize=4)
def _solve(reward_probability: float, reversal: float, num_trials: int) -> Certainty:
    if reversal:
        return certainty_with_reversals(reward_probability, reversal, num_trials)
    weight = math.log(reward_probability / (1 - reward_probability))
    # All beliefs there can be: interpolation finds them, and adds nothing.
    log_odds = -weight * np.arange(num_trials, -1.0, -1.0)
    return _certainty(log_odds, reward_probability, reversal, num_trials)


def certainty_without_reversals(reward_probability: float, num_trials: int) -> float:
    """The certainty from an episode's start where the good state does not change.

    After t trials it is the mean over the numbers of pieces of evidence for S2, given that it is
    good, of the larger of their probability and that of as many pieces against.
    """
    p, total = reward_probability, 0.0
    chances = np.ones(1)
    for _ in range(num_trials):
        total += float(np.maximum(chances, chances[::-1]).sum()) / 2
        chances = p * np.append(0.0, chances) + (1 - p) * np.append(chances, 0.0)
    return total


def certainty_with_reversals(
    reward_probability: float, reversal: float, num_trials: int, nodes: int = NODES
) -> Certainty:
    """The certainty where the good state changes between trials, on a grid of beliefs.

    Backward over trials: the value of a belief is the probability of the more likely state plus
    the mean value of the beliefs to come. It is a convex function of the belief, so linear
    interpolation between nodes, which are equally far apart in log-odds, can only raise it:
    the result is an upper bound. Against 16 times as many nodes, for p = 0.9 and 100 trials, it
    is too high by less than 1e-6 where the probability of a reversal is 0.025, 1e-5 where it is
    0.001 and 1e-3 where it is 1e-6.

    Args:
        reward_probability: That the good state pays.
        reversal: Probability of a change, in (0, 0.5].
        num_trials: Trials in an episode.
        nodes: Of the grid.
    """
    # The less likely state cannot be less likely than a reversal.
    log_odds = np.linspace(math.log(reversal / (1 - reversal)), 0.0, nodes)
    return _certainty(log_odds, reward_probability, reversal, num_trials)


def _certainty(
    log_odds: NDArray[np.float64], reward_probability: float, reversal: float, num_trials: int
) -> Certainty:
    """On the grid of beliefs with these log-odds, of which the last must be 0."""
    belief = np.unique(1 / (1 + np.exp(np.minimum(-log_odds, 700.0))))
    outcomes = _outcomes(belief, reward_probability, reversal)
    sums = np.zeros((num_trials + 1, len(belief)))
    for trials in range(num_trials):
        ahead = sum(chance * np.interp(after, belief, sums[trials]) for chance, after in outcomes)
        sums[trials + 1] = 1 - belief + ahead
    return Certainty(belief, sums, reward_probability, reversal)


def _outcomes(
    belief: NDArray[np.float64], p: float, reversal: float
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """The two things that a trial can tell: the chance of each, and the belief after it."""
    up = p * belief + (1 - p) * (1 - belief)
    down = 1 - up
    return [
        (up, _next_belief(belief * p / up, reversal)),
        (down, _next_belief(belief * (1 - p) / down, reversal)),
    ]


def _next_belief(posterior: NDArray[np.float64], reversal: float) -> NDArray[np.float64]:
    """Probability of the less likely state in the next trial, given either one's in this."""
    predicted = reversal + (1 - 2 * reversal) * posterior
    return np.minimum(predicted, 1 - predicted)
