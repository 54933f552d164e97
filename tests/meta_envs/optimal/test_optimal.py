"""The optimum is an optimum: computed and simulated agree, and nobody beats it.

Where the optimal policy is the best one known and not proved best, `optimal_bound` is above
`optimal_return`, and that no agent beats the policy says only that none of ours is better.
"""

from functools import cache

import gymnasium as gym
import numpy as np
import pytest

from baselines.common.environments import make_vector_env
from baselines.common.errors import InputError
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.result import Evaluation
from baselines.registry import agents_for
from meta_envs.optimal import optimal_bound, optimal_policy, optimal_return
from meta_envs.optimal.bandits.bernoulli_bandit import solve
from meta_envs.optimal.bandits.restless_bandit import CELLS, Filter, transition_matrix
from meta_envs.optimal.mdps.tabular_mdp import informed_return
from meta_envs.registration import TABLE
from meta_envs.tasks.bandits.informative_bandit import InformativeBandit

EPISODES = 4_000
FEWER_EPISODES = {"MetaHarlow-v0": 100, "MetaHarlowSymbolic-v0": 1_000}
"""Where an agent that gets nowhere takes long."""
NO_OPTIMUM = ["MetaTabularMDP-v0", "MetaIMaze-v0"]
"""Environments for which no Bayes-optimal policy can be computed."""
IDS = [row.id for row in TABLE if row.id not in NO_OPTIMUM]
NOT_PROVED = ("MetaDarkRoom-v0", "MetaDarkKeyToDoor-v0")
"""Where the optimal policy is the best one known."""


@cache
def evaluation(agent: str, env_id: str) -> Evaluation:
    return evaluate(agent, env_id, FEWER_EPISODES.get(env_id, EPISODES), seed=11)


def standard_error(values: np.ndarray) -> float:
    return float(values.std(ddof=1)) / len(values) ** 0.5


@pytest.mark.parametrize("env_id", IDS)
def test_simulated_return_agrees_with_computed_value(env_id):
    """A wrong policy or a wrong value would differ; false alarm 6e-5 an id."""
    returns = evaluation("optimal", env_id).rewards.sum(axis=1)
    with gym.make(env_id) as env:
        value = optimal_return(env.unwrapped.family)
    assert abs(returns.mean() - value) < 4 * standard_error(returns)


@pytest.mark.parametrize("env_id", IDS)
def test_what_is_called_optimal_is_known_to_be(env_id):
    """Broken if a bound is below the return it bounds, or a proof has been lost or made up."""
    with gym.make(env_id) as env:
        value, bound = (f(env.unwrapped.family) for f in (optimal_return, optimal_bound))
    assert bound >= value
    assert (bound == value) == (env_id not in NOT_PROVED)


def entrants() -> list[tuple[str, str]]:
    """Every id with every agent that plays it, but the optimum."""
    families = {env_id: gym.make(env_id).unwrapped.family for env_id in IDS}
    return [(i, a) for i, f in families.items() for a in agents_for(f) if a != "optimal"]


@pytest.mark.parametrize(("env_id", "agent"), entrants())
def test_nobody_beats_the_optimum(env_id, agent):
    """Paired on the same tasks, an agent that did better would show the optimum is none."""
    gain = evaluation(agent, env_id).rewards.sum(axis=1)
    gain = gain - evaluation("optimal", env_id).rewards.sum(axis=1)
    assert gain.mean() < 4 * standard_error(gain) + 1e-12


@pytest.mark.parametrize("env_id", NO_OPTIMUM)
def test_where_no_optimum_is_known_nobody_claims_one(env_id):
    """A table must show a gap there, and an evaluation go on without."""
    env = make_vector_env(env_id, 1).unwrapped
    with pytest.raises(ValueError, match=r"^no optimum is known for "):
        optimal_policy(env.family, env.meta_observation)
    with pytest.raises(ValueError, match=r"^no optimum is known for "):
        optimal_return(env.family)
    with pytest.raises(InputError, match=r"^no optimum is known for "):
        evaluate("optimal", env_id, 2)
    assert evaluate("random", env_id, 2).normalized_score is None


@pytest.mark.parametrize("agent", ["greedy", "beb", "psrl"])
def test_nobody_beats_perfect_information(agent):
    """What an agent got and what not knowing the task cost it add up to the bound.

    The regret of an episode is, in the mean over noise, the value of its task minus the return.
    """
    e = evaluate(agent, "MetaTabularMDP-v0", 2_000, seed=11)
    bound = informed_return(make_vector_env("MetaTabularMDP-v0", 1).unwrapped.family)
    assert e.mean_return + 4 * standard_error(e.returns) < bound
    together = e.returns + e.regrets
    assert abs(together.mean() - bound) < 4 * standard_error(together) + 4 * 0.12


def test_perfect_information_is_worth_what_an_independent_simulation_gave():
    """21.83 +- 0.03 a trial by another program."""
    family = make_vector_env("MetaTabularMDP-v0", 1, {"num_trials": 3}).unwrapped.family
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
