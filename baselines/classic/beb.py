"""The Bayesian exploration bonus."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.classic.parameters import check_range
from baselines.classic.planning_policy import Belief, Experience, PlanningPolicy, mdp_of
from baselines.common.agent import Agent
from meta_envs.core import MetaObservationWriter, MetaVectorEnv
from meta_envs.tasks.mdps.planning import value_iteration
from meta_envs.tasks.mdps.tabular_mdp import REWARD_MEAN, TabularMDP


class BEB(PlanningPolicy):
    """Plans for the expected MDP with a bonus of beta / (1 + n), n counting the prior's visit.

    Kolter and Ng 2009, "Near-Bayesian exploration in polynomial time". The form that Duan et al.
    2016 ran adds a bonus for what may lie behind an action: `ahead` / (1 + m) for each step to go
    after this one, m counting the arrivals seen and the prior's.

    Args:
        family: The tasks to play.
        meta_observation: Of the environment to act in.
        beta: The bonus. 1 is the best of 0.5, 1, 1.5, 2 and 3 for 10 trials; with more trials
            more is better: about 2 for 25, 3 for 100.
        ahead: The bonus for each step to go after this one.
        prior_mean: Of the mean rewards. That of the tasks is 1; Duan et al. 2016 took 0.
    """

    def __init__(
        self,
        family: TabularMDP,
        meta_observation: MetaObservationWriter,
        beta: float = 1.0,
        ahead: float = 0.0,
        prior_mean: float = REWARD_MEAN,
    ) -> None:
        super().__init__(family, meta_observation)
        self.beta = check_range("beta", beta, 0.0, np.inf)
        self.ahead = check_range("ahead", ahead, 0.0, np.inf)
        self.posterior = Belief(prior_mean)

    def plan(self, experience: Experience) -> NDArray[np.float64]:
        transitions, rewards = self.posterior.expected(experience)
        visits = (self.posterior.weight + experience.visits)[:, None]
        arrivals = (self.posterior.weight + experience.transitions).sum(axis=-1)[:, None]
        after = np.arange(self.horizon)[:, None, None]
        bonus = self.beta / (1 + visits) + self.ahead * after / (1 + arrivals)
        return value_iteration(transitions, rewards + bonus, self.horizon)[0]


def make_beb(
    env: MetaVectorEnv, beta: float = 1.0, ahead: float = 0.0, prior_mean: float = 1.0
) -> Agent:
    """The Bayesian exploration bonus."""
    return BEB(mdp_of(env), env.meta_observation, beta, ahead, prior_mean)
