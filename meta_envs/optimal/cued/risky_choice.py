"""The Bayes-optimal policy for the choice between a safe arm and a risky one.

One pull tells which arm is the risky one, as the safe one pays what the risky one never does. From
then on all that counts is how often the risky arm has paid and not paid: a dynamic programme over
wins, losses and the trials left is exact. Forced trials leave nothing to choose, and an invalid
response is never better than a valid one: it costs 1, pays nothing and tells nothing.

The values here are those of trials' second steps: a fixation step brings 0, and -1 where its
response is invalid, whatever is known.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meta_envs.core import MetaObservationWriter
from meta_envs.optimal.cued.risky_choice_values import (
    UNKNOWN,
    Array,
    forced_pulls,
    free_pulls,
    learn,
    posterior_mean,
    side_unknown,
    solve,
)
from meta_envs.policies import Belief, Memory, StatePolicy
from meta_envs.tasks.cued.cued_trials import INVALID, LEFT, RIGHT
from meta_envs.tasks.cued.risky_choice import BOTH_OFFERED, FIXATION, LEFT_OFFERED, RiskyChoice

TIE = 1e-9
"""A gap below this is one of rounding."""


def optimal_return(family: RiskyChoice) -> float:
    """The exact mean return of the optimal policy.

    Raises:
        ValueError: If it is not known for these arguments.
    """
    values = solve(family)
    if family.num_forced_pairs:
        return float(values.forced[-1, 0, 0])
    return float(side_unknown(values)[-1])


def informed_return(family: RiskyChoice) -> float:
    """The mean return of an agent that is told which arm is the risky one and its chance."""
    means = family.risky_payoff * family.risky_probabilities
    forced = family.num_forced_pairs * (family.safe_payoff + means)
    best = family.num_free_trials * np.maximum(family.safe_payoff, means)
    return float((forced + best).mean())


class OptimalPolicy(StatePolicy):
    """Pulls the arm of the higher value by the programme, either at a tie.

    Memory: the state, the side of the risky arm (`UNKNOWN` before a pull has told), its wins and
    its losses, and the trials that are over, shape (num_envs, 5).

    Raises:
        ValueError: If the optimum is not known for these arguments.
    """

    def __init__(self, family: RiskyChoice, meta_observation: MetaObservationWriter) -> None:
        super().__init__(meta_observation)
        self.values, self.family = solve(family), family

    def initial_memory(self, num_envs: int) -> Memory:
        return np.tile((0.0, UNKNOWN, 0.0, 0.0, 0.0), (num_envs, 1))

    def update(
        self,
        memory: Memory,
        states: NDArray[np.intp],
        actions: NDArray[np.intp],
        rewards: Array,
        next_states: NDArray[np.intp],
    ) -> None:
        over = states != FIXATION
        pulled = over & (rewards >= 0)
        memory[pulled, 1:4] = learn(
            self.family, memory[pulled, 1:4], actions[pulled], rewards[pulled]
        )
        memory[:, 4] += over

    def act(self, memory: Memory) -> NDArray[np.intp]:
        return self.best(self._action_values(memory))

    def optimality_gaps(self, memory: Memory, actions: NDArray[np.intp]) -> Array:
        lost = self.behind(self._action_values(memory), actions)
        return np.where(lost < TIE, 0.0, lost)

    def belief(self, memory: Memory) -> Belief:
        """What is known of the risky arm.

        Returns:
            "risky arm": the probability that it is the right one, and how often it has paid and
            not paid, (num_envs, 3).
            "risky arm pays": the posterior mean of its chance, (num_envs, 1).
        """
        side, wins, losses = memory[:, 1:4].T
        known = np.stack([np.where(side == UNKNOWN, 0.5, side), wins, losses], axis=1)
        chance = posterior_mean(self.family.risky_probabilities, wins, losses)
        return {"risky arm": known, "risky arm pays": chance[:, None]}

    def _action_values(self, memory: Memory) -> Array:
        """What actions are worth, but for what all of a state have in common.

        Returns:
            Shape (num_envs, 3).
        """
        states = memory[:, 0].astype(np.intp)
        values = np.where(self.family.valid[states], 0.0, INVALID)
        free = states == BOTH_OFFERED
        values[free, :2] += free_pulls(self.values, *self._situation(memory[free]))
        forced = np.flatnonzero((states != FIXATION) & ~free)
        first = memory[forced, 4] % 2 == 0
        offers = np.where(states[forced] == LEFT_OFFERED, LEFT, RIGHT)
        worth = forced_pulls(self.values, *self._situation(memory[forced]), first, offers)
        values[forced, offers] += worth
        return values

    def _situation(self, memory: Memory) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Side, wins and losses, shape (3, batch), and the trials left with the present one."""
        # After an episode's last trial it is asked for too, and does not matter.
        left = np.maximum(self.family.num_trials - memory[:, 4], 1).astype(np.intp)
        return memory[:, 1:4].T.astype(np.intp), left
