"""The optimum of the volatility task, against sums over all that may be hidden."""

from itertools import product

import numpy as np
import pytest

from meta_envs.optimal import informed_return, optimal_bound, optimal_policy, optimal_return
from meta_envs.optimal.bandits.volatility import Filter, payoff, simulated_returns
from meta_envs.tasks.bandits.volatility import Volatility
from tests.meta_envs.cases import Case, standard_error

ID = "MetaVolatility-v0"


def beliefs(outcomes, ks):
    """P(outcomes), and E[p1] and E[v] of the trial after them, by every path of v and side.

    Args:
        outcomes: Whether the first arm paid, on each trial so far.
        ks: The values of k, equally likely.
    """
    probability, p1_mean, v_mean = 0.0, 0.0, 0.0
    steps = len(outcomes)
    for k, v, first in product(ks, (0.0, 0.2), (False, True)):
        for changes, flips in product(product((False, True), repeat=steps), repeat=2):
            weight, now, side = 0.25 / len(ks), v, first
            for paid, change, flip in zip(outcomes, changes, flips, strict=True):
                p1 = {0.0: 0.75, 0.2: 1.0}[now] if side else {0.0: 0.25, 0.2: 0.0}[now]
                weight *= p1 if paid else 1 - p1
                weight *= now if flip else 1 - now
                weight *= k if change else 1 - k
                side, now = side ^ flip, 0.2 - now if change else now
            p1 = {0.0: 0.75, 0.2: 1.0}[now] if side else {0.0: 0.25, 0.2: 0.0}[now]
            probability += weight
            p1_mean += weight * p1
            v_mean += weight * now
    return probability, p1_mean / probability, v_mean / probability


def integrated(p1, believed):
    """What a pull pays by a plain sum over a fine grid of both magnitudes."""
    x = (np.arange(2_000) + 0.5) / 2_000
    weight = 140 * (x * (1 - x)) ** 3 / 2_000
    takes_first = believed * x[:, None] > (1 - believed) * x[None, :]
    both = weight[:, None] * weight[None, :]
    paid = np.where(takes_first, p1 * x[:, None], (1 - p1) * x[None, :])
    return float((both * paid).sum())


@pytest.mark.parametrize("outcomes", [(), (True,), (True, True, False), (False, True, True, True)])
def test_the_filter_is_the_sum_over_all_paths(outcomes):
    """Broken if anything of the model, the order of flips and changes too, is another one."""
    belief_filter = Filter()
    belief = belief_filter.initial(1)
    for paid in outcomes:
        belief = belief_filter.observe(belief, np.array([paid]))
    _, p1, v = beliefs(outcomes, belief_filter.k)
    found = belief_filter.estimates(belief)
    assert found.p1[0] == pytest.approx(p1, abs=1e-12)
    assert found.volatility[0] == pytest.approx(v, abs=1e-12)


def test_observing_leaves_the_belief_that_it_was_given_as_it_is():
    belief = Filter().initial(3)
    before = belief.copy()
    Filter().observe(belief, np.array([True, False, True]))
    np.testing.assert_array_equal(belief, before)


@pytest.mark.parametrize(("p1", "believed"), [(0.75, 0.75), (0.2, 0.6), (1.0, 0.9), (0.3, 0.0)])
def test_the_payoff_over_magnitudes_is_exact(p1, believed):
    exact = float(payoff(np.array(p1), np.array(believed)))
    assert exact == pytest.approx(integrated(p1, believed), abs=2e-4)


def test_the_payoff_at_its_ends_and_in_the_middle_is_known():
    """All of one arm pays its mean, 1/2; half of the larger of two is 1/2 E max."""
    chances = np.array([0.0, 1.0, 0.5])
    cdf = np.polynomial.Polynomial([0, 0, 0, 0, 35, -84, 70, -20])
    larger = 1 - (cdf * cdf).integ()(1)
    assert payoff(chances, chances)[:2].tolist() == pytest.approx([0.5, 0.5], abs=1e-12)
    assert payoff(chances, chances)[2] == pytest.approx(larger / 2, abs=1e-12)


def test_the_optimal_return_of_three_trials_is_the_sum_over_all_outcomes():
    """Four standard errors of what is simulated: a false alarm in 16,000."""
    exact = 0.0
    for length in range(3):
        for outcomes in product((False, True), repeat=length):
            probability, p1, _ = beliefs(outcomes, Filter(16).k)
            exact += probability * float(payoff(np.array(p1), np.array(p1)))
    returns = simulated_returns(Volatility(1, num_trials=3))
    assert abs(returns.mean() - exact) < 4 * standard_error(returns)
    assert optimal_return(Volatility(1, num_trials=3)) == pytest.approx(returns.mean())


@pytest.mark.parametrize("schedule", ["drawn", "low-first", "high-first"])
def test_a_finer_grid_changes_the_value_by_less_than_a_thousandth(schedule):
    family = Volatility(1, schedule, num_trials=60)
    coarse, fine = (simulated_returns(family, cells).mean() for cells in (4, 8))
    assert abs(coarse / fine - 1) < 1e-3


def knower(p, outcomes):
    """What the trial after `outcomes` pays who knows all but one bit, by Bayes's rule in full."""
    likelihoods = np.array(
        [
            np.prod([p if o else 1 - p for o in outcomes]),
            np.prod([1 - p if o else p for o in outcomes]),
        ]
    )
    known = likelihoods[0] / likelihoods.sum()
    chance = np.array(p * known + (1 - p) * (1 - known))
    return likelihoods.mean() * float(payoff(chance, chance))


@pytest.mark.parametrize("schedule", ["low-first", "high-first"])
def test_the_bound_of_a_test_schedule_is_the_sum_over_all_outcomes(schedule):
    """In each half outcomes are, but for the known turns, those of one coin of unknown side."""
    family = Volatility(1, schedule, num_trials=9)
    low, high = (4, 5) if schedule == "low-first" else (5, 4)
    exact = sum(
        knower(p, outcomes)
        for p, trials in ((0.75, low), (0.8, high))
        for length in range(trials)
        for outcomes in product((False, True), repeat=length)
    )
    assert optimal_bound(family) == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("schedule", ["low-first", "high-first"])
def test_the_reference_of_a_test_schedule_earns_what_is_said_and_less_than_the_bound(schedule):
    """Four standard errors: a false alarm in 16,000."""
    from baselines.evaluation.evaluate import evaluate

    family = Volatility(1, schedule)
    returns = evaluate("optimal", ID, 2_000, 3, {"schedule": schedule}).returns
    assert abs(returns.mean() - optimal_return(family)) < 4 * standard_error(returns)
    assert returns.mean() < optimal_bound(family) < informed_return(family)


@pytest.mark.parametrize("schedule", ["drawn", "low-first", "high-first"])
def test_an_informed_agent_earns_what_is_said(schedule):
    """Four standard errors: a false alarm in 16,000."""
    envs = Case(ID, {"schedule": schedule, "num_trials": 100}).native(1_000)
    envs.reset(seed=0)
    total = np.zeros(1_000)
    for _ in range(100):
        total += envs.family.action_values().max(axis=1)
        envs.step(np.zeros(1_000, int))
    assert abs(total.mean() - informed_return(envs.family)) < 4 * standard_error(total)


@pytest.mark.parametrize("schedule", ["low-first", "high-first"])
def test_in_a_test_schedule_there_are_no_gaps(schedule):
    """Broken if a reference policy, which others may be ahead of, were taken for the best."""
    env = Case(ID, {"schedule": schedule}).native(1)
    policy = optimal_policy(env.family, env.meta_observation)
    with pytest.raises(ValueError, match=r"^the optimality gap is known for schedule='drawn', got"):
        policy.optimality_gaps(policy.initial_memory(1), np.array([0]))
