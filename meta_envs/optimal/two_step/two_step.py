"""The Bayes-optimal policy for the two-step task: the better choice by the present belief.

Whatever is chosen, a trial tells equally much. Only the second-stage state and its reward are
evidence on which state is good, and as the good state pays with probability p and the other with
1 - p, a reward in S2 and none in S3 are the same evidence, as are none in S2 and a reward in S3.
The choice only changes which of the two states is likely, so nothing is gained by exploring: to
choose the action that commonly leads to the state that is more likely good is exactly optimal,
with reversals and without. An invalid response costs more than any trial can bring, and in S2 or S3
it leaves untold what a valid one would have told; what that is worth `Certainty` knows.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from meta_envs.core import MetaObservationWriter
from meta_envs.optimal.numerics.limits import check_size
from meta_envs.optimal.two_step.two_step_values import (
    CERTAIN,
    certainty_without_reversals,
    least_reversal,
    probability,
    solve,
)
from meta_envs.policies import Belief, Memory, StatePolicy
from meta_envs.tasks.cued.cued_trials import INVALID
from meta_envs.tasks.two_step.two_step import TwoStep


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

    Memory: the state, the log-odds that S2 is good, and the trials that are over, shape
    (num_envs, 3).
    """

    def __init__(self, family: TwoStep, meta_observation: MetaObservationWriter) -> None:
        super().__init__(meta_observation)
        p = min(family.reward_probability, CERTAIN)
        self.weight = math.log(p / (1 - p))
        self.reversal_probability = family.reversal_probability
        self.choice_state, self.respond = family.choice_state, family.respond
        self.family = family

    def initial_memory(self, num_envs: int) -> Memory:
        return np.zeros((num_envs, 3))

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
        memory[over, 2] += 1

    def act(self, memory: Memory) -> NDArray[np.intp]:
        return self.respond(memory[:, 0].astype(np.intp), self.best(memory[:, 1:2] * (1.0, -1.0)))

    def optimality_gaps(self, memory: Memory, actions: NDArray[np.intp]) -> NDArray[np.float64]:
        """As every optimum does.

        Exact but for what an invalid response in S2 or S3 leaves untold: with reversals that is
        interpolated, and off by less than 1e-5 with the arguments of `MetaTwoStepReversal-v0`.
        """
        return self.behind(self._action_values(memory), actions)

    def belief(self, memory: Memory) -> Belief:
        """Which of S2 and S3 is the good state in the trial under way.

        Returns:
            "good state": the log-odds that it is S2, (num_envs, 1).
            "S2 is good": the probability of it, (num_envs, 1).
        """
        return {"good state": memory[:, 1:2].copy(), "S2 is good": probability(memory[:, 1:2])}

    def _action_values(self, memory: Memory) -> NDArray[np.float64]:
        """What actions are worth, but for what all of a state have in common.

        Returns:
            Shape (num_envs, num_actions).
        """
        states = memory[:, 0].astype(np.intp)
        valid, choosing = self.family.valid[states], states == self.choice_state
        values = np.where(valid, 0.0, INVALID)
        values[choosing] += self._choices(memory[choosing])
        if self.family.fixation:  # Else nothing that can be done in S2 and S3 is invalid.
            over = states > self.choice_state
            values[over] += valid[over] * self._responses(memory[over])
        return values

    def _choices(self, memory: Memory) -> NDArray[np.float64]:
        """The chances of a reward after each action in S1, shape (batch, num_actions)."""
        right, wrong = self.family.choice_values()
        left = wrong + (right - wrong) * probability(memory[:, 1])
        # A choice that is none leads to either state, and to a reward half of the time.
        chances = np.stack([left, right + wrong - left, np.full_like(left, 0.5)], axis=1)
        return chances[:, : self.num_actions]

    def _responses(self, memory: Memory) -> NDArray[np.float64]:
        """What a valid response in S2 and S3 pays and tells, shape (batch, 1)."""
        right, wrong = self.family.choice_values()
        p, in_s2 = self.family.reward_probability, memory[:, 0] == self.choice_state + 1
        good = probability(np.where(in_s2, 1, -1) * memory[:, 1])
        less_likely = probability(-np.abs(memory[:, 1]))
        to_come = np.maximum(self.family.num_trials - 1 - memory[:, 2], 0).astype(np.intp)
        told = (right - wrong) * solve(self.family).worth_of_telling(less_likely, to_come)
        return np.asarray(good * p + (1 - good) * (1 - p) + told)[:, None]


def optimal_return(family: TwoStep) -> float:
    """The mean return of the optimal policy.

    Exact without reversals, where it is a sum over trials and amounts of evidence. With
    reversals the beliefs are too many to list and the value is computed on a grid, see
    `certainty_with_reversals`: it is never too low, and with the arguments of
    `MetaTwoStepReversal-v0` less than 1e-6 of 70.6 too high.
    """
    (right, wrong), reversal = family.choice_values(), least_reversal(family)
    if reversal:
        certainty = float(solve(family).sums[-1, -1])
    else:
        check_size("num_trials", family.num_trials, numbers=family.num_trials**2)
        certainty = certainty_without_reversals(family.reward_probability, family.num_trials)
    return family.num_trials * wrong + (right - wrong) * certainty
