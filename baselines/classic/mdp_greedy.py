"""Greedy and epsilon-greedy in MDPs: plans for the expected MDP."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.classic.parameters import check_range
from baselines.classic.planning_policy import Belief, Experience, PlanningPolicy
from meta_envs.core import MetaObservationWriter
from meta_envs.policies import Memory
from meta_envs.tasks.mdps.planning import value_iteration
from meta_envs.tasks.mdps.tabular_mdp import REWARD_MEAN, TabularMDP


class MDPGreedy(PlanningPolicy):
    """With probability epsilon any action, else the one of the plan for the expected MDP.

    Args:
        family: The tasks to play.
        meta_observation: Of the environment to act in.
        epsilon: Probability of a random action.
        prior_mean: Of the mean rewards; that of the tasks is 1. A higher one is optimism.
        prior_weight: What the prior counts; 1 is right. Duan et al. 2016 took nearly none, so
            that an action not tried yet seems to pay 0.
    """

    def __init__(
        self,
        family: TabularMDP,
        meta_observation: MetaObservationWriter,
        epsilon: float = 0.0,
        prior_mean: float = REWARD_MEAN,
        prior_weight: float = 1.0,
    ) -> None:
        super().__init__(family, meta_observation)
        self.epsilon = check_range("epsilon", epsilon, 0.0, 1.0)
        self.posterior = Belief(prior_mean, prior_weight)

    def plan(self, experience: Experience) -> NDArray[np.float64]:
        return value_iteration(*self.posterior.expected(experience), self.horizon)[0]

    def act(self, memory: Memory) -> NDArray[np.intp]:
        explore = self.rng.random(len(memory)) < self.epsilon
        any_action = self.rng.integers(0, self.num_actions, len(memory))
        return np.where(explore, any_action, super().act(memory))
