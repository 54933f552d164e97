"""The optimum as an agent: the task's own, or another task's."""

from __future__ import annotations

from baselines.common.agent import Agent
from baselines.common.errors import InputError
from meta_envs.core import MetaVectorEnv
from meta_envs.optimal import optimal_policy
from meta_envs.tasks.bandits.bernoulli_bandit import BernoulliBandit
from meta_envs.tasks.bandits.dependent_bandit import DependentBandit


def make_optimal(env: MetaVectorEnv) -> Agent:
    """The family's own optimum."""
    return optimal_policy(env.family, env.meta_observation)


def make_optimal_independent(env: MetaVectorEnv) -> Agent:
    """The optimum for independent arms, on whatever arms there are."""
    family = BernoulliBandit(1, env.family.num_actions, env.family.episode_length)
    return optimal_policy(family, env.meta_observation)


def make_optimal_dependent(env: MetaVectorEnv) -> Agent:
    """The optimum for two dependent arms, on whatever two arms there are."""
    if env.family.num_actions != 2:
        raise InputError(f"optimal-dependent is for two arms, got {env.family.num_actions}")
    return optimal_policy(DependentBandit(1), env.meta_observation)
