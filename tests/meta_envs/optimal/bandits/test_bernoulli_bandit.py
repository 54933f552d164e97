"""Optimality gaps on two arms, against exact fractions over every history of short episodes."""

from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np
import pytest

from meta_envs.optimal import optimal_policy, optimal_return
from meta_envs.optimal.bandits.bernoulli_bandit import solve
from meta_envs.tasks.bandits.bernoulli_bandit import BernoulliBandit
from tests.meta_envs.cases import Case

HORIZONS = [1, 2, 3, 4, 5, 6]
ROUNDING = 1e-6
"""By how much sums of single precision may be off."""


def mean(history, arm):
    """The chance that an arm pays: uniform before anything is known (Laplace)."""
    paid = [reward for action, reward in history if action == arm]
    return Fraction(1 + sum(paid), 2 + len(paid))


@cache
def value(history, left):
    """The most that can be got: V*, by trying everything."""
    return max(action_value(history, left, arm) for arm in (0, 1)) if left else Fraction(0)


@cache
def action_value(history, left, arm):
    """What comes of an arm, and of the best from then on: Q*."""
    p = mean(history, arm)
    won, lost = (value((*history, (arm, reward)), left - 1) for reward in (1, 0))
    return p * (1 + won) + (1 - p) * lost


@cache
def histories(horizon):
    """All that can happen in an episode: tuples of (action, reward)."""
    return list(product(product((0, 1), (0, 1)), repeat=horizon))


def exact_gaps(history):
    """V* - Q* at each step."""
    left = len(history)
    return [
        value(history[:t], left - t) - action_value(history[:t], left - t, history[t][0])
        for t in range(left)
    ]


def computed_gaps(horizon):
    """What the programme says, for all `histories`; shape (histories, steps)."""
    env = Case("MetaBandit-v0", {"num_trials": horizon}).native(1)
    policy = optimal_policy(env.family, env.meta_observation)
    actions, rewards = np.moveaxis(np.array(histories(horizon)), -1, 0)
    memory, gaps = policy.initial_memory(len(actions)), []
    for action, reward in zip(actions.T, rewards.T, strict=True):
        gaps.append(policy.optimality_gaps(memory, action))
        policy.update(memory, action, reward)
    return np.stack(gaps, axis=1)


@pytest.mark.parametrize("horizon", HORIZONS)
def test_gaps_are_those_of_exact_fractions(horizon):
    """Broken if an arm, a count or a time is mistaken, or a tie is not one for the programme."""
    exact = [exact_gaps(history) for history in histories(horizon)]
    gaps = computed_gaps(horizon)
    assert gaps == pytest.approx(np.array(exact, float), abs=ROUNDING)
    assert ((gaps == 0) == (np.array(exact) == 0)).all()
    assert gaps.min() == 0


@cache
def arm_values(first, second, left):
    """Q* of both arms from their (successes, failures), as a pair of fractions."""
    values = []
    for arm, (won, lost) in enumerate((first, second)):
        p, value = Fraction(1 + won, 2 + won + lost), Fraction(0)
        for chance, seen in ((p, (won + 1, lost)), (1 - p, (won, lost + 1))):
            after = (seen, second) if arm == 0 else (first, seen)
            value += chance * max(arm_values(*after, left - 1)) if left > 1 else 0
        values.append(p + value)
    return tuple(values)


def test_what_is_a_tie_in_fractions_is_one_for_the_programme():
    """Broken if rounding decides: of 12 pulls it makes two states of this few unlike by 4e-16."""
    programme, counts = solve(12), [c for c in product(range(12), repeat=4) if sum(c) < 12]
    exact = [arm_values(c[:2], c[2:], 12 - sum(c)) for c in counts]
    seen = np.array(counts).reshape(-1, 2, 2)
    advantage = programme.advantage(seen.sum(axis=2), seen[..., 0])
    assert advantage == pytest.approx(np.array([a - b for a, b in exact], float), abs=ROUNDING)
    assert ((advantage == 0) == [a == b for a, b in exact]).all()


POLICIES = {
    "random": lambda history: Fraction(1, 2),
    "stubborn": lambda history: Fraction(0),
    "greedy": lambda history: Fraction(mean(history, 1) > mean(history, 0)),
    "stay": lambda history: Fraction(2 if history and history[-1][0] else 1, 3),
}
"""Of each policy the chance that it pulls the second arm."""


def chance(history, policy):
    """How likely a policy is to live through it, over all tasks."""
    total = Fraction(1)
    for t, (arm, reward) in enumerate(history):
        second, p = policy(history[:t]), mean(history[:t], arm)
        total *= (second if arm else 1 - second) * (p if reward else 1 - p)
    return total


@pytest.mark.parametrize("policy", POLICIES)
def test_on_average_the_gap_is_what_a_policy_lacks_of_the_optimum(policy):
    """What the gap is for: with it an agent's mean return is known but for what it does."""
    horizon = 5
    chances = [chance(history, POLICIES[policy]) for history in histories(horizon)]
    assert sum(chances) == 1
    earned = sum(
        p * sum(reward for _, reward in history)
        for p, history in zip(chances, histories(horizon), strict=True)
    )
    gap = np.array(chances, float) @ computed_gaps(horizon).sum(axis=1)
    assert earned < value((), horizon)
    assert gap == pytest.approx(float(value((), horizon) - earned), abs=ROUNDING)
    assert float(value((), horizon)) == pytest.approx(
        optimal_return(BernoulliBandit(1, num_trials=horizon)), abs=1e-12
    )
