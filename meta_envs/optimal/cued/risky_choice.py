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
    Values,
    learn,
    side_unknown,
    solve,
)
from meta_envs.policies import Memory, StatePolicy
from meta_envs.tasks.cued.cued_trials import CENTRE, INVALID, LEFT
from meta_envs.tasks.cued.risky_choice import FIXATION, RiskyChoice

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
    return float(side_unknown(values, values.free[-2], values.risky[-1]))


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
        side, wins, losses, trials = memory[:, 1:].T.astype(np.intp)
        left = np.minimum(self.family.num_trials - trials, self.family.num_free_trials)
        v = self.values
        safe = v.safe + v.free[left - 1, wins, losses]
        risky = v.risky[left, wins, losses]
        both = np.stack([safe, risky], axis=1)
        both[memory[:, 1] == UNKNOWN] = 0
        # Its columns are the safe and the risky arm, which stand the other way round.
        both[side == LEFT] = both[side == LEFT, ::-1]
        return self.family.respond(memory[:, 0].astype(np.intp), self.best(both))


def optimality_gaps(family: RiskyChoice, actions: NDArray[np.intp], rewards: Array) -> Array:
    """How much less each response was worth than the best one; see `meta_envs.optimal`.

    Which arm was on offer in a forced trial follows from the response, or from that to the other
    trial of its pair, but where both responses were the centre. What those two have cost together
    is the same in either order, so left is then taken to have come first.

    Raises:
        ValueError: If it is not known for these arguments, or such rewards cannot be.
    """
    steps, values = actions.shape[1], solve(family)
    # What is to come does not matter: no response at all.
    rest = (0, 0), (0, family.episode_length - steps)
    actions = np.pad(actions, rest, constant_values=CENTRE)
    rewards = np.pad(rewards, rest, constant_values=INVALID)
    fixations = np.where(actions[:, ::2] == CENTRE, 0.0, INVALID)
    _check_rewards(family, rewards[:, :steps], fixations, actions[:, 1::2])
    gaps = np.zeros(actions.shape)
    gaps[:, ::2] = -fixations
    arms, paid = actions[:, 1::2], rewards[:, 1::2]
    offers = offered(family, arms, paid)
    known = np.tile((UNKNOWN, 0.0, 0.0), (len(actions), 1))
    for trial in range(family.num_trials):
        left = family.num_trials - trial
        pulled = paid[:, trial] >= 0
        if left <= family.num_free_trials:
            cost = _free_gaps(values, left, known, arms[:, trial], pulled)
        else:
            # Both forced trials of a pair count as its trials left.
            pairs = family.num_forced_pairs - trial // 2
            cost = _forced_gaps(values, pairs, trial % 2 == 0, known, offers[:, trial])
            cost[pulled] = 0
        gaps[:, 2 * trial + 1] = np.where(cost < TIE, 0, cost)
        known[pulled] = learn(family, known[pulled], arms[pulled, trial], paid[pulled, trial])
    return gaps[:, :steps]


def _check_rewards(
    family: RiskyChoice, rewards: Array, fixations: Array, arms: NDArray[np.intp]
) -> None:
    """Refuses rewards that no episode has, by those of fixation steps and the arms pulled."""
    first, paid = rewards[:, ::2], rewards[:, 1::2].astype(np.float32)
    payoffs = np.array((INVALID, 0.0, family.safe_payoff, family.risky_payoff), np.float32)
    fit = np.isin(paid, payoffs) & ((arms[:, : paid.shape[1]] != CENTRE) | (paid == INVALID))
    if not fit.all() or (first != fixations[:, : first.shape[1]]).any():
        raise ValueError("actions and rewards must be those of episodes of RiskyChoice")


def offered(family: RiskyChoice, arms: NDArray[np.intp], paid: Array) -> NDArray[np.intp]:
    """The side on offer in each forced trial, as far as responses tell; see `optimality_gaps`.

    Args:
        family: The task.
        arms: Responses to the second steps, shape (episodes, num_trials).
        paid: Their rewards, same shape.

    Returns:
        Shape (episodes, 2 * num_forced_pairs).
    """
    forced = slice(0, 2 * family.num_forced_pairs)
    side = np.where(paid[:, forced] >= 0, arms[:, forced], 1 - arms[:, forced])
    first, second = side[:, ::2], side[:, 1::2]
    untold = arms[:, forced][:, ::2] == CENTRE, arms[:, forced][:, 1::2] == CENTRE
    first = np.where(untold[0], np.where(untold[1], LEFT, 1 - second), first)
    return np.stack([first, 1 - first], axis=2).reshape(side.shape)


def _free_gaps(
    values: Values,
    left: int,
    known: Array,
    arms: NDArray[np.intp],
    pulled: NDArray[np.bool_],
) -> Array:
    """Of responses where both arms were on offer and `left` trials were left."""
    side, wins, losses = known.T.astype(np.intp)
    unknown = known[:, 0] == UNKNOWN
    safe = values.safe + values.free[left - 1, wins, losses]
    risky = values.risky[left, wins, losses]
    untold = side_unknown(values, values.free[left - 1], values.risky[left])
    best = np.where(unknown, untold, np.maximum(safe, risky))
    taken = np.where(unknown, untold, np.where(arms == side, risky, safe))
    after = np.where(unknown, _unknown(values, left - 1), values.free[left - 1, wins, losses])
    return np.asarray(best - np.where(pulled, taken, INVALID + after))


def _unknown(values: Values, left: int) -> Array:
    """What `left` free trials are worth as long as the side is not known."""
    if left == 0:
        return np.zeros(())
    return side_unknown(values, values.free[left - 1], values.risky[left])


def _forced_gaps(
    values: Values, pairs: int, first: bool, known: Array, offer: NDArray[np.intp]
) -> Array:
    """Of invalid responses in forced trials: 1, what the arm pays, and what it would have told.

    Args:
        values: Of the programme.
        pairs: Left, with the present one.
        first: Whether it is the first of its pair.
        known: Shape (batch, 3); see `learn`.
        offer: The side on offer, shape (batch,).
    """
    side, wins, losses = known.T.astype(np.intp)
    risky = values.forced_risky[pairs, wins, losses] - values.forced[pairs - 1, wins, losses]
    gained = np.where(offer == side, risky, values.safe)
    # With the side unknown: before the pair, after an invalid response to its first, and to both.
    between = side_unknown(values, values.forced[pairs - 1], values.forced_risky[pairs])
    if first:
        untold = values.forced[pairs, 0, 0] - between
    else:
        last = _unknown(values, len(values.free) - 1)
        untold = between - (values.forced[pairs - 1, 0, 0] if pairs > 1 else last)
    return np.asarray(np.where(known[:, 0] == UNKNOWN, untold, gained) - INVALID)
