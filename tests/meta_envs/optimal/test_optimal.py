"""The optimum is an optimum: computed and simulated agree, and it is that of other calculations.

That no agent beats it is tested in `tests/baselines/evaluation/test_optimum.py`.
"""

import gymnasium as gym
import numpy as np
import pytest

from meta_envs.optimal import has_optimum, optimal_bound, optimal_policy, optimal_return
from meta_envs.optimal.bandits.bernoulli_bandit import solve
from meta_envs.optimal.bandits.restless_bandit import (
    ANYWHERE,
    CELLS,
    Filter,
    transition_matrix,
)
from meta_envs.optimal.mdps.tabular_mdp import informed_return
from meta_envs.registration import TABLE
from meta_envs.tasks.bandits.informative_bandit import InformativeBandit
from tests.meta_envs.cases import Case, is_grid, optimal_returns, standard_error

EPISODES = 4_000
FEWER_EPISODES = {
    "MetaHarlow-v0": 100,
    "MetaHarlowSymbolic-v0": 1_000,
    "MetaHarlowSymbolic6-v0": 1_000,
    "MetaBanditRestless-v0": 1_000,
}
"""Where an episode takes long."""
NO_OPTIMUM = ["MetaTabularMDP-v0", "MetaIMaze-v0"]
"""Environments for which no Bayes-optimal policy can be computed."""
IDS = [row.id for row in TABLE if row.id not in NO_OPTIMUM]
NOT_PROVED = ("MetaDarkRoom-v0", "MetaDarkKeyToDoor-v0", "MetaMatching-v0")
"""Where the optimal policy is the best one known."""


@pytest.mark.parametrize("env_id", IDS)
def test_simulated_return_agrees_with_computed_value(env_id):
    """A wrong policy or a wrong value would differ; false alarm 6e-5 an id.

    Broken, too, if a bound is below the return it bounds, or a proof has been lost or made up.
    """
    if is_grid(Case(env_id)):
        pytest.importorskip("scipy")
    returns = optimal_returns(env_id, FEWER_EPISODES.get(env_id, EPISODES))
    family = Case(env_id).scalar().family
    value, bound = optimal_return(family), optimal_bound(family)
    assert abs(returns.mean() - value) < 4 * standard_error(returns) + 1e-9
    # Up to rounding, where both are sums.
    assert bound >= value - 1e-12
    assert (bound < value + 1e-12) == (env_id not in NOT_PROVED)


@pytest.mark.parametrize("env_id", NO_OPTIMUM)
def test_where_no_optimum_is_known_nobody_claims_one(env_id):
    """A table must show a gap there."""
    if env_id == "MetaIMaze-v0":
        pytest.importorskip("numba")
    env = Case(env_id).native(1)
    assert not has_optimum(env.family)
    with pytest.raises(ValueError, match=r"^no optimum is known for "):
        optimal_policy(env.family, env.meta_observation)
    with pytest.raises(ValueError, match=r"^no optimum is known for "):
        optimal_return(env.family)


def test_an_informed_agent_gets_what_an_independent_simulation_gave():
    """21.83 +- 0.03 a trial by another program."""
    family = Case("MetaTabularMDP-v0", {"num_trials": 3}).scalar().family
    assert informed_return(family) == pytest.approx(3 * 21.83, abs=3 * 4 * 0.033)


def best_return(successes, failures, left):
    """The value of independent Bernoulli arms by plain recursion over every outcome."""
    if left == 0:
        return 0.0
    values = []
    for arm in range(2):
        p = (successes[arm] + 1) / (successes[arm] + failures[arm] + 2)
        won = tuple(s + (i == arm) for i, s in enumerate(successes))
        lost = tuple(f + (i == arm) for i, f in enumerate(failures))
        value = p * (1 + best_return(won, failures, left - 1))
        values.append(value + (1 - p) * best_return(successes, lost, left - 1))
    return max(values)


@pytest.mark.parametrize("horizon", [1, 2, 3, 6])
def test_dynamic_programme_agrees_with_plain_recursion(horizon):
    assert solve(horizon).value == pytest.approx(best_return((0, 0), (0, 0), horizon), abs=1e-12)


def test_dynamic_programme_gives_the_known_regret_at_100():
    """1.748 is the exact regret of the optimum on two independent arms (2/3 is the best mean)."""
    assert 100 * 2 / 3 - solve(100).value == pytest.approx(1.748, abs=5e-4)


@pytest.mark.parametrize(("num_trials", "value"), [(1, 1.4), (2, 5.55), (5, 20.55)])
def test_informative_value_is_that_of_a_search_over_all_plans(num_trials, value):
    """Compared with the best of: ask at once, or try one to all candidates before asking."""

    def best(candidates, left):
        if left == 0:
            return 0.0
        ask = sum(candidates) / len(candidates) / 10 + 5 * (left - 1)
        hit = 1 / len(candidates)
        others = candidates[:-1]
        guess = hit * 5 * left
        if others:
            guess += (1 - hit) * (1 + best(others, left - 1))
        return max(ask, guess)

    assert optimal_return(InformativeBandit(1, num_trials=num_trials)) == pytest.approx(value)
    # For a guess only the number of candidates left matters; what asking then pays is highest if
    # the cheap ones were tried first, so this is the best of all plans.
    assert best(list(range(10, 0, -1)), num_trials) == pytest.approx(value)


@pytest.mark.parametrize("sigma", [0.0, 0.03, 0.2, 2.0])
def test_transitions_are_those_of_the_reflected_walk(sigma):
    """Rows against a simulation of the walk itself; 5 standard errors a cell of 20."""
    cells, draws = 20, 40_000
    matrix = transition_matrix(sigma, cells)
    np.testing.assert_allclose(matrix.sum(axis=1), 1)
    start = (np.arange(cells) + 0.5) / cells
    free = (start + sigma * np.random.default_rng(0).standard_normal((draws, cells))) % 2
    landed = (np.minimum(free, 2 - free) * cells).astype(int).clip(0, cells - 1)
    for row in range(cells):
        share = np.bincount(landed[:, row], minlength=cells) / draws
        error = np.sqrt(matrix[row] * (1 - matrix[row]) / draws) + 1e-9
        assert np.all(np.abs(share - matrix[row]) < 5.5 * error)


def test_a_walk_that_leads_anywhere_is_uniform_from_where_it_is_taken_to_be():
    np.testing.assert_allclose(transition_matrix(ANYWHERE), 1 / CELLS, rtol=1e-10)
    assert (transition_matrix(np.nextafter(ANYWHERE, 4)) == 1 / CELLS).all()


def test_twice_as_fine_a_grid_changes_the_restless_optimum_by_less_than_a_thousandth():
    """A coarse grid would make the 'exact' filter a rough one."""
    rng = np.random.default_rng(0)
    family = gym.make("MetaBanditRestless-v0").unwrapped.family
    simulator = type(family)(500)
    simulator.begin(np.arange(500), [rng] * 500)
    filters = [Filter(family.sigmas, cells) for cells in (CELLS, 2 * CELLS)]
    beliefs = [f.initial(500) for f in filters]
    values = np.zeros(2)
    for trial in range(100):
        means = np.array([f.mean(b) for f, b in zip(filters, beliefs, strict=True)])
        values += np.maximum(means, 1 - means).mean(axis=1)
        up = rng.random(500) < simulator.probabilities[:, trial, 0]
        beliefs = [f.observe(b, up) for f, b in zip(filters, beliefs, strict=True)]
    assert abs(values[0] / values[1] - 1) < 1e-3
