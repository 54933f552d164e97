"""The matching task's bound and policy, against searches over everything that can happen."""

import itertools

import numpy as np
import pytest

from meta_envs.optimal import optimal_bound, optimal_policy, optimal_return
from meta_envs.optimal.cued.matching import (
    BOUND_CELLS,
    CELLS,
    Filter,
    grid,
    informed_values,
    reward_chances,
    simulate,
    survival,
)
from meta_envs.tasks.cued.matching import Matching
from tests.meta_envs.cases import Case, optimal_returns, standard_error


def earned(rates, weights, arms):
    """What choosing these arms brings on average."""
    waits, total = [0, 0], 0.0
    for weight, arm in zip(weights, arms, strict=True):
        total += weight * (1 - (1 - rates[arm]) ** (waits[arm] + 1))
        waits = [wait + 1 for wait in waits]
        waits[arm] = 0
    return total


@pytest.mark.parametrize("trials", [1, 2, 3, 9])
@pytest.mark.parametrize("least", [1, 9])
def test_who_knows_the_base_rates_gets_what_the_best_of_all_sequences_does(trials, least):
    """What pays tells such an agent nothing, so that its best policy is a fixed sequence."""
    family = Matching(1, "all", trials, min(least, trials))
    weights = survival(family)
    rates = np.array([[0.0, 0.5], [0.03, 0.47], [0.12, 0.38], [0.25, 0.25], [0.45, 0.05]])
    best = [
        max(earned(pair, weights, arms) for arms in itertools.product((0, 1), repeat=trials))
        for pair in rates
    ]
    assert informed_values(rates, weights) == pytest.approx(best, abs=1e-12)


def test_episodes_survive_as_often_as_their_drawn_lengths_say():
    family = Matching(1, num_trials=7, min_trials=4)
    counted = [np.mean([length > trial for length in range(4, 8)]) for trial in range(7)]
    assert survival(family) == pytest.approx(counted)


def best_return(rates, belief, weights, policy=None, waits=(0, 0)):
    """Over a search through choices and payoffs from a belief; of a policy, if one is given."""
    if not len(weights):
        return 0.0
    values = []
    for arm in (0, 1) if policy is None else (policy(rates, belief, waits),):
        chances = 1 - (1 - rates[:, arm]) ** (waits[arm] + 1)
        waited = [wait + 1 for wait in waits]
        waited[arm] = 0
        value = 0.0
        for paid, likelihood in ((weights[0], chances), (0, 1 - chances)):
            chance = belief @ likelihood
            after = best_return(rates, belief * likelihood / chance, weights[1:], policy, waited)
            value += chance * (paid + after)
        values.append(value)
    return max(values)


def surest(rates, belief, waits):
    means = [belief @ (1 - (1 - rates[:, arm]) ** (waits[arm] + 1)) for arm in (0, 1)]
    return int(means[1] > means[0] + 1e-12)


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize(("trials", "least", "share"), [(6, 6, 0.98), (7, 4, 0.995)])
def test_the_surest_arm_is_nearly_the_best_in_short_episodes(split, trials, least, share):
    """Beside the Bayes-optimal return, which the bound is not below; best where ends are unsure."""
    family = Matching(1, split, trials, least)
    rates, belief, weights = grid(family, 30), np.full(30, 1 / 30), survival(family)
    best = best_return(rates, belief, weights)
    policy = best_return(rates, belief, weights, surest)
    assert share * best < policy <= best + 1e-12 <= optimal_bound(family)
    assert optimal_return(family) == pytest.approx(policy, abs=0.02)


def test_the_belief_is_that_of_bayes():
    """Four choices by hand, the third of them none at all."""
    env = Case("MetaMatching-v0", {"split": "all"}).native(1)
    policy = optimal_policy(env.family, env.meta_observation)
    memory, rates = policy.initial_memory(1), policy.filter.rates
    posterior = np.full(CELLS, 1 / CELLS)
    for action, wait, paid in ((0, 0, 1.0), (1, 1, 0.0), (2, None, -1.0), (0, 2, 0.0), (1, 2, 1.0)):
        for step in ((0, 2, 0.0, 1), (1, action, paid, 0)):
            policy.update(memory, *(np.array([x]) for x in step))
        if action < 2:
            chance = 1 - (1 - rates[:, action]) ** (wait + 1)
            posterior *= chance if paid else 1 - chance
            posterior /= posterior.sum()
        assert memory[0, 3:] == pytest.approx(posterior)
    assert memory[0, 1:3].tolist() == [1, 0]
    chances = posterior @ reward_chances(rates, np.array([1, 0]))
    assert policy.filter.chances(memory[:, 3:], np.array([[1, 0]]))[0] == pytest.approx(chances)
    memory[0, 0] = 1
    assert policy.act(memory).tolist() == [chances.argmax()]


def test_the_policy_never_responds_wrongly():
    """Broken if it chooses at the fixation point: such episodes have rewards below zero."""
    envs = Case("MetaMatching-v0").native(50)
    policy = optimal_policy(envs.family, envs.meta_observation)
    observation, _ = envs.reset(seed=0)
    state, starts = None, np.ones(50, bool)
    for _ in range(300):
        actions, state = policy.predict(observation, state, starts)
        observation, rewards, starts, _, _ = envs.step(actions)
        assert rewards.min() >= 0


@pytest.mark.parametrize("split", ["train", "test", "all"])
def test_returns_of_each_split_are_those_computed(split):
    """Of whole episodes, played in the environment; false alarm 6e-5 each."""
    family = Matching(1, split)
    returns = optimal_returns("MetaMatching-v0", 2_000, split=split)
    assert abs(returns.mean() - optimal_return(family)) < 4 * standard_error(returns)
    assert optimal_return(family) < optimal_bound(family)


def test_twice_as_fine_grids_change_nothing_that_matters(monkeypatch):
    """Broken if the belief's grid is too coarse for the policy, or the bound's for the mean."""
    family = Matching(1)
    fine = informed_values(grid(family, 10 * BOUND_CELLS), survival(family)).mean()
    assert optimal_bound(family) == pytest.approx(fine, abs=1e-4)
    monkeypatch.setattr("meta_envs.optimal.cued.matching.SIMULATED_EPISODES", 2_000)
    coarse = simulate(family)
    monkeypatch.setattr(Filter.__init__, "__defaults__", (2 * CELLS,))
    assert abs((coarse - simulate(family)).mean()) < 0.1
