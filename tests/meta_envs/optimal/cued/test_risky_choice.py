"""The optimum of the risky choice, against exact fractions over every history of short episodes."""

from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np
import pytest

from meta_envs.optimal import informed_return, optimal_policy, optimal_return
from meta_envs.tasks.cued.risky_choice import BOTH_OFFERED, FIXATION, LEFT_OFFERED, RiskyChoice
from tests.meta_envs.cases import Case

LEFT, RIGHT, CENTRE = range(3)


class Tree:
    """All that can happen in a short episode, its beliefs by Bayes' rule over whole histories.

    A history is a tuple of (offer, response, payoff); the belief is a weight for each side and
    chance of the risky arm. Nothing is assumed about what is worth knowing.

    Args:
        family: The task.
    """

    def __init__(self, family):
        self.safe, self.risky = Fraction(family.safe_payoff), Fraction(family.risky_payoff)
        self.chances = [Fraction(str(p)) for p in family.risky_probabilities]
        self.forced, self.length = 2 * family.num_forced_pairs, family.num_trials

    def offers(self, history):
        """What can be on offer next, and how likely each is."""
        if len(history) >= self.forced:
            return [((LEFT, RIGHT), Fraction(1))]
        if len(history) % 2:
            return [((1 - history[-1][0][0],), Fraction(1))]
        return [((side,), Fraction(1, 2)) for side in (LEFT, RIGHT)]

    def outcomes(self, side, chance, arm):
        """Payoffs of an arm, by chance, in a task."""
        if arm != side:
            return {self.safe: Fraction(1)}
        return {self.risky: chance, Fraction(0): 1 - chance}

    @cache  # noqa: B019
    def belief(self, history):
        """Weights of (side, chance)."""
        weights = {}
        for side, chance in product((LEFT, RIGHT), self.chances):
            weight = Fraction(1)
            for _, response, paid in history:
                if paid is not None:
                    weight *= self.outcomes(side, chance, response).get(paid, 0)
            weights[side, chance] = weight
        total = sum(weights.values())
        return {task: weight / total for task, weight in weights.items() if weight}

    def pulls(self, history, arm):
        """Payoffs that an arm may have now, and how likely they are to the agent."""
        found = {}
        for (side, chance), weight in self.belief(history).items():
            for paid, p in self.outcomes(side, chance, arm).items():
                found[paid] = found.get(paid, 0) + weight * p
        return {paid: p for paid, p in found.items() if p}

    @cache  # noqa: B019
    def value(self, history):
        """What the second steps to come can bring at most, before the offer is seen."""
        if len(history) == self.length:
            return Fraction(0)
        return sum(
            p * max(self.action_value(history, offer, response) for response in range(3))
            for offer, p in self.offers(history)
        )

    @cache  # noqa: B019
    def action_value(self, history, offer, response):
        """What a response and the best ones from then on bring."""
        if response not in offer:
            return -1 + self.value((*history, (offer, CENTRE, None)))
        return sum(
            p * (paid + self.value((*history, (offer, response, paid))))
            for paid, p in self.pulls(history, response).items()
        )

    def gap(self, history, offer, response):
        """What a response falls short of the best one."""
        values = [self.action_value(history, offer, other) for other in range(3)]
        return max(values) - values[response]

    def histories(self):
        """Every episode: (history, gaps), with invalid responses as what they were."""
        episodes = [((), ())]
        for _ in range(self.length):
            longer = []
            for history, gaps in episodes:
                plain = tuple(
                    (offer, a if paid is not None else CENTRE, paid) for offer, a, paid in history
                )
                for (offer, _), response in product(self.offers(history), range(3)):
                    more = (*gaps, self.gap(plain, offer, response))
                    outcomes = self.pulls(plain, response) if response in offer else {None: 1}
                    longer += [((*history, (offer, response, paid)), more) for paid in outcomes]
            episodes = longer
        return episodes


SHORT = [
    {"num_forced_pairs": 1, "num_free_trials": 2},
    {"num_forced_pairs": 0, "num_free_trials": 3},
    {"num_forced_pairs": 2, "num_free_trials": 1},
    {"num_forced_pairs": 1, "num_free_trials": 2, "safe_payoff": 2.5, "risky_payoff": 3.0},
    {"num_forced_pairs": 0, "num_free_trials": 4, "risky_probabilities": [0.0, 0.25, 1.0]},
    {"num_forced_pairs": 1, "num_free_trials": 3, "risky_payoff": 0.5},
]


@pytest.mark.parametrize("kwargs", SHORT, ids=str)
def test_the_value_is_that_of_a_search_over_all_responses(kwargs):
    """Broken if a belief, a side or an invalid response is worth more than the programme says."""
    family = RiskyChoice(1, **kwargs)
    assert optimal_return(family) == pytest.approx(float(Tree(family).value(())), abs=1e-12)


@pytest.mark.parametrize("kwargs", SHORT[:5], ids=str)
def test_gaps_are_those_of_exact_fractions(kwargs):
    """For every history there can be; broken if an arm, a count or a time is mistaken."""
    env = Case("MetaRiskyChoice-v0", kwargs).native(1)
    policy = optimal_policy(env.family, env.meta_observation)
    found = Tree(env.family).histories()
    memory, gaps = policy.initial_memory(len(found)), []
    for trial in zip(*(history for history, _ in found), strict=True):
        states = np.array([BOTH_OFFERED if len(o) == 2 else LEFT_OFFERED + o[0] for o, *_ in trial])
        responses = np.array([response for _, response, _ in trial])
        paid = np.array([-1.0 if paid is None else float(paid) for *_, paid in trial])
        centre, fixation = np.full(len(found), CENTRE), np.full(len(found), FIXATION)
        policy.update(memory, fixation, centre, 0.0 * paid, states)
        memory[:, 0] = states
        gaps.append(policy.optimality_gaps(memory, responses))
        policy.update(memory, states, responses, paid, fixation)
    gaps, exact = np.stack(gaps, axis=1), np.array([gaps for _, gaps in found], float)
    assert gaps == pytest.approx(exact, abs=1e-9)
    assert ((gaps == 0) == (exact == 0)).all()


def test_an_invalid_fixation_response_costs_what_it_is_fined():
    env = Case("MetaRiskyChoice-v0").native(3)
    policy = optimal_policy(env.family, env.meta_observation)
    gaps = policy.optimality_gaps(policy.initial_memory(3), np.array([LEFT, RIGHT, CENTRE]))
    assert gaps.tolist() == [1, 1, 0]


@cache
def retiring(wins, losses, left):
    """The value with the side known, of going on with the risky arm or leaving it for good.

    Once the safe arm is better nothing is learnt any more, so that it stays better.
    """
    likelihoods = [p**wins * (1 - p) ** losses for p in (Fraction(1, 8), Fraction(1, 2))]
    p = (likelihoods[0] / 8 + likelihoods[1] / 2) / sum(likelihoods)
    if left == 0:
        return Fraction(0)
    won, lost = retiring(wins + 1, losses, left - 1), retiring(wins, losses + 1, left - 1)
    return max(Fraction(left), p * (4 + won) + (1 - p) * lost)


def test_the_value_is_that_of_the_best_time_to_leave_the_risky_arm():
    """In fractions, for the paper's numbers: 11.25 of forced trials, then the sum over wins."""
    total = Fraction(45, 4)
    for wins in range(6):
        ways = [1, 5, 10, 10, 5, 1][wins]
        seen = sum(p**wins * (1 - p) ** (5 - wins) for p in (Fraction(1, 8), Fraction(1, 2))) / 2
        total += ways * seen * retiring(wins, 5 - wins, 20)
    assert optimal_return(RiskyChoice(1)) == pytest.approx(float(total), abs=1e-10)
    assert float(total) == pytest.approx(39.873, abs=5e-4)
    assert informed_return(RiskyChoice(1)) == 5 + 6.25 + 20 * 1.5


@pytest.mark.parametrize(
    "kwargs", [{"safe_payoff": 0}, {"safe_payoff": 4}, {"risky_payoff": 0}, {"safe_payoff": 1e-50}]
)
def test_where_a_pull_does_not_tell_the_arms_apart_no_optimum_is_claimed(kwargs):
    with pytest.raises(ValueError, match=r"^safe_payoff and risky_payoff must be neither"):
        optimal_return(RiskyChoice(1, **kwargs))


def test_what_would_take_too_long_is_refused():
    for name in ("num_free_trials", "num_forced_pairs"):
        with pytest.raises(ValueError, match=rf"^{name} must be smaller"):
            optimal_return(RiskyChoice(1, **{name: 5_000}))
