"""The Bayes-optimal policy for the two-step task: the better choice by the present belief.

Whatever is chosen, a trial tells equally much. Only the second-stage state and its reward are
evidence on which state is good, and as the good state pays with probability p and the other with
1 - p, a reward in S2 and none in S3 are the same evidence, as are none in S2 and a reward in S3.
The choice only changes which of the two states is likely, so nothing is gained by exploring: to
choose the action that commonly leads to the state that is more likely good is exactly optimal,
with reversals and without. An invalid response costs more than any trial can bring, and tells
nothing.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from meta_envs.core import MetaObservationWriter
from meta_envs.optimal.numerics.limits import check_size
from meta_envs.policies import Memory, StatePolicy
from meta_envs.tasks.two_step.two_step import TwoStep

NODES = 4_000
"""Nodes of the grid on beliefs that the value with reversals is computed on."""
LEAST_REVERSAL = 1e-300
"""A probability of a reversal below this counts as this, whose odds float64 can still hold."""
CERTAIN = 1 - 1e-15
"""A reward probability above this counts as this, so that no evidence is infinitely strong."""


def after_reversal(log_odds: NDArray[np.float64], reversal: float) -> NDArray[np.float64]:
    """Log-odds that S2 is good in the next trial, from those that it is in this one.

    Args:
        log_odds: Any shape.
        reversal: Probability that the good state changes in between.
    """
    if reversal == 0:
        return log_odds
    change, stay = math.log(reversal), math.log1p(-reversal) if reversal < 1 else -math.inf
    return np.logaddexp(stay + log_odds, change) - np.logaddexp(change + log_odds, stay)


class OptimalPolicy(StatePolicy):
    """Takes the action that commonly leads to the state more likely good, either at a tie.

    It does the same in S2 and S3, where left and right are one.

    Memory: the state, and the log-odds that S2 is good, shape (num_envs, 2).
    """

    def __init__(self, family: TwoStep, meta_observation: MetaObservationWriter) -> None:
        super().__init__(meta_observation)
        p = min(family.reward_probability, CERTAIN)
        self.weight = math.log(p / (1 - p))
        self.reversal_probability = family.reversal_probability
        self.choice_state, self.respond = family.choice_state, family.respond

    def initial_memory(self, num_envs: int) -> Memory:
        return np.zeros((num_envs, 2))

    def update(
        self,
        memory: Memory,
        states: NDArray[np.intp],
        actions: NDArray[np.intp],
        rewards: NDArray[np.float64],
        next_states: NDArray[np.intp],
    ) -> None:
        over = np.flatnonzero(states > self.choice_state)
        for_s2 = (states[over] == self.choice_state + 1) == (rewards[over] > 0)
        weight = np.where(for_s2, self.weight, -self.weight)
        log_odds = memory[over, 1] + np.where(rewards[over] >= 0, weight, 0.0)
        memory[over, 1] = after_reversal(log_odds, self.reversal_probability)

    def act(self, memory: Memory) -> NDArray[np.intp]:
        return self.respond(memory[:, 0].astype(np.intp), self.best(memory[:, 1:] * (1.0, -1.0)))


def optimal_return(family: TwoStep) -> float:
    """The mean return of the optimal policy.

    Exact without reversals, where it is a sum over trials and amounts of evidence. With
    reversals the beliefs are too many to list and the value is computed on a grid, see
    `certainty_with_reversals`: it is never too low, and with the arguments of
    `MetaTwoStepReversal-v0` less than 1e-6 of 70.6 too high.
    """
    right, wrong = family.choice_values()
    # Where the good state changes for sure, it is as well known as where it never does.
    reversal = min(family.reversal_probability, 1 - family.reversal_probability)
    beliefs = family.num_trials if reversal == 0 else NODES
    check_size("num_trials", family.num_trials, numbers=family.num_trials * beliefs)
    if reversal == 0:
        certainty = certainty_without_reversals(family.reward_probability, family.num_trials)
    else:
        reversal = max(reversal, LEAST_REVERSAL)
        certainty = certainty_with_reversals(family.reward_probability, reversal, family.num_trials)
    return family.num_trials * wrong + (right - wrong) * certainty


def certainty_without_reversals(reward_probability: float, num_trials: int) -> float:
    """The probability that the state more likely good is good, summed over trials.

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
) -> float:
    """The same where the good state changes between trials, on a grid of beliefs.

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
    p = reward_probability
    # By symmetry it is enough to follow the probability of the less likely state, which cannot
    # be below that of a reversal.
    log_odds = np.linspace(math.log(reversal / (1 - reversal)), 0.0, nodes)
    belief = np.unique(1 / (1 + np.exp(-log_odds)))
    up = p * belief + (1 - p) * (1 - belief)
    down = 1 - up
    after_up = _next_belief(belief * p / up, reversal)
    after_down = _next_belief(belief * (1 - p) / down, reversal)
    value = np.zeros_like(belief)
    for _ in range(num_trials):
        ahead = up * np.interp(after_up, belief, value)
        value = 1 - belief + ahead + down * np.interp(after_down, belief, value)
    return float(value[-1])


def _next_belief(posterior: NDArray[np.float64], reversal: float) -> NDArray[np.float64]:
    """Probability of the less likely state in the next trial, given either one's in this."""
    predicted = reversal + (1 - 2 * reversal) * posterior
    return np.minimum(predicted, 1 - predicted)
