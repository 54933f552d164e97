"""Greedy, with a random pull now and then."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.classic.greedy import Greedy
from baselines.classic.mdp_greedy import MDPGreedy
from baselines.classic.parameters import check_range, given, refuse
from baselines.common.agent import Agent
from meta_envs.core import MetaObservationWriter, MetaVectorEnv
from meta_envs.policies import Memory
from meta_envs.tasks.mdps.tabular_mdp import TabularMDP


class EpsilonGreedy(Greedy):
    """With probability epsilon any arm, else the one with the highest mean payoff so far.

    The ε-greedy baseline of Duan et al. 2016 (RL^2, arXiv 1611.02779, appendix): each arm starts
    with one pull that paid 1 and one that paid 0.

    Args:
        meta_observation: Of the environment to act in.
        epsilon: Probability of a random pull.
    """

    def __init__(self, meta_observation: MetaObservationWriter, epsilon: float = 0.1) -> None:
        super().__init__(meta_observation)
        self.epsilon = check_range("epsilon", epsilon, 0.0, 1.0)

    def act(self, memory: Memory) -> NDArray[np.intp]:
        explore = self.rng.random(len(memory)) < self.epsilon
        any_arm = self.rng.integers(0, self.num_actions, len(memory))
        return np.where(explore, any_arm, super().act(memory))


def make_epsilon_greedy(
    env: MetaVectorEnv,
    epsilon: float = 0.1,
    prior_mean: float | None = None,
    prior_weight: float | None = None,
) -> Agent:
    """Epsilon-greedy, in bandits or in tabular MDPs."""
    prior = given(prior_mean=prior_mean, prior_weight=prior_weight)
    if isinstance(env.family, TabularMDP):
        return MDPGreedy(env.family, env.meta_observation, epsilon, **prior)
    refuse("epsilon-greedy", prior, "tabular MDPs")
    return EpsilonGreedy(env.meta_observation, epsilon)
