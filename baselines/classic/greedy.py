"""The agent that never explores on purpose."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.classic.mdp_greedy import MDPGreedy
from baselines.classic.parameters import given, refuse
from baselines.common.agent import Agent
from meta_envs.core import MetaVectorEnv
from meta_envs.policies import CountingPolicy, Memory
from meta_envs.tasks.mdps.tabular_mdp import TabularMDP


class Greedy(CountingPolicy):
    """Pulls the arm with the highest mean payoff so far, either at a tie.

    Each arm starts with one pull that paid 1 and one that paid 0, as the greedy baseline of
    Duan et al. 2016 (RL^2, arXiv 1611.02779, appendix) does; for Bernoulli arms this is the
    posterior mean under a uniform prior.
    """

    def act(self, memory: Memory) -> NDArray[np.intp]:
        pulls, payoffs = memory[:, 0], memory[:, 1]
        return self.best((payoffs + 1) / (pulls + 2))


def make_greedy(
    env: MetaVectorEnv, prior_mean: float | None = None, prior_weight: float | None = None
) -> Agent:
    """Greedy, in bandits or in tabular MDPs."""
    prior = given(prior_mean=prior_mean, prior_weight=prior_weight)
    if isinstance(env.family, TabularMDP):
        return MDPGreedy(env.family, env.meta_observation, **prior)
    refuse("greedy", prior, "tabular MDPs")
    return Greedy(env.meta_observation)
