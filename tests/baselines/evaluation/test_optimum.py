"""Nobody beats the optimum, nor an informed agent, and what is called near-optimal is near.

Where the optimal policy is the best one known and not proved best, `optimal_bound` is above
`optimal_return`, and that no agent beats the policy says only that none of ours is better.
"""

from functools import cache

import gymnasium as gym
import pytest

from baselines.common.environments import make_vector_env
from baselines.common.errors import InputError
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.result import Evaluation
from baselines.registry import agents_for
from meta_envs.optimal.bandits.bernoulli_bandit import informed_return as bandit_informed_return
from meta_envs.optimal.mdps.tabular_mdp import informed_return
from meta_envs.tasks.bandits.bernoulli_bandit import BernoulliBandit
from tests.meta_envs.cases import standard_error
from tests.meta_envs.optimal.test_optimal import IDS, NO_OPTIMUM

EPISODES = 2_000
FEWER_EPISODES = {
    "MetaBanditRestless-v0": 500,
    "MetaDarkKeyToDoor-v0": 500,
    "MetaHarlow-v0": 50,
    "MetaHarlowSymbolic-v0": 300,
    "MetaHarlowSymbolic6-v0": 300,
}
"""Where an episode takes long."""


@cache
def evaluation(agent: str, env_id: str) -> Evaluation:
    return evaluate(agent, env_id, FEWER_EPISODES.get(env_id, EPISODES), seed=11)


def entrants() -> list[tuple[str, list[str]]]:
    """Every id with the agents that play it, but the optimum."""
    families = {env_id: gym.make(env_id).unwrapped.family for env_id in IDS}
    return [(i, [a for a in agents_for(f) if a != "optimal"]) for i, f in families.items()]


@pytest.mark.parametrize(("env_id", "agents"), entrants(), ids=lambda one: str(one)[:40])
def test_nobody_beats_the_optimum(env_id, agents):
    """Paired on the same tasks, an agent that did better would show the optimum is none."""
    best = evaluation("optimal", env_id).returns
    for agent in agents:
        gain = evaluation(agent, env_id).returns - best
        assert gain.mean() < 4 * standard_error(gain) + 1e-12, agent


@pytest.mark.parametrize("env_id", NO_OPTIMUM)
def test_an_evaluation_goes_on_where_no_optimum_is_known(env_id):
    with pytest.raises(InputError, match=r"^no optimum is known for "):
        evaluate("optimal", env_id, 2)
    assert evaluate("random", env_id, 2).normalized_score is None


@pytest.mark.parametrize("agent", ["greedy", "beb", "psrl"])
def test_nobody_beats_an_informed_agent(agent):
    """What an agent got and what not knowing the task cost it add up to the bound.

    The regret of an episode is, in the mean over noise, the value of its task minus the return.
    """
    e = evaluate(agent, "MetaTabularMDP-v0", 2_000, seed=11)
    bound = informed_return(make_vector_env("MetaTabularMDP-v0", 1).unwrapped.family)
    assert e.mean_return + 4 * standard_error(e.returns) < bound
    together = e.returns + e.regrets
    assert abs(together.mean() - bound) < 4 * standard_error(together) + 4 * 0.12


def test_near_optimal_is_close_to_the_optimum_with_two_arms_and_never_above_the_bound():
    """Near-optimal is a claim: 1 % of the way from chance to the optimum at the most."""
    assert evaluate("near-optimal", "MetaBandit-v0", 4_000).normalized_score > 0.99
    for num_arms in (5, 10):
        e = evaluate("near-optimal", "MetaBandit-v0", 1_000, env_kwargs={"num_arms": num_arms})
        thompson = evaluate("thompson", "MetaBandit-v0", 1_000, env_kwargs={"num_arms": num_arms})
        assert thompson.mean_return < e.mean_return
        assert e.ci95_return[0] < bandit_informed_return(BernoulliBandit(1, num_arms))
