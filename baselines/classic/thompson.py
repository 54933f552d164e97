"""Thompson sampling: draw a task from the posterior and act as if it were the true one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.classic.parameters import check_range, given, refuse
from baselines.classic.psrl import PSRL
from baselines.common.agent import Agent
from meta_envs.core import MetaObservationWriter, MetaVectorEnv
from meta_envs.optimal.bandits.informative_bandit import TargetPolicy
from meta_envs.optimal.bandits.restless_bandit import FilterPolicy
from meta_envs.policies import CountingPolicy, Memory
from meta_envs.tasks.bandits.informative_bandit import InformativeBandit
from meta_envs.tasks.bandits.restless_bandit import RestlessBandit
from meta_envs.tasks.mdps.tabular_mdp import TabularMDP


class Thompson(CountingPolicy):
    """For Bernoulli arms that stand still: a Beta(1, 1) prior for each arm on its own."""

    def act(self, memory: Memory) -> NDArray[np.intp]:
        pulls, successes = memory[:, 0], memory[:, 1]
        return self.rng.beta(1 + successes, 1 + pulls - successes).argmax(axis=1)


class OptimisticThompson(CountingPolicy):
    """For Bernoulli arms: the best of several draws from each arm's posterior.

    "OTS" of Duan et al. 2016 (RL^2, arXiv 1611.02779, section 3.1).

    Args:
        meta_observation: Of the environment to act in.
        samples: Draws from each arm's posterior.
    """

    def __init__(self, meta_observation: MetaObservationWriter, samples: int = 3) -> None:
        super().__init__(meta_observation)
        self.samples = int(check_range("samples", samples, 1, 1_000))

    def act(self, memory: Memory) -> NDArray[np.intp]:
        pulls, successes = memory[:, 0], memory[:, 1]
        shape = (self.samples, *pulls.shape)
        draws = self.rng.beta(1 + successes, 1 + pulls - successes, shape)
        return draws.max(axis=0).argmax(axis=1)


class RestlessThompson(FilterPolicy):
    """For two drifting arms: knows the random walk, with one fixed volatility.

    The baseline of Wang et al. 2016, section 3.1.4, which does not name the volatility.

    Args:
        meta_observation: Of the environment to act in.
        sigma: Standard deviation of the walk's steps that is taken for granted.
    """

    def __init__(self, meta_observation: MetaObservationWriter, sigma: float) -> None:
        super().__init__(meta_observation, np.array([check_range("sigma", sigma, 0.0, np.inf)]))

    def act(self, memory: Memory) -> NDArray[np.intp]:
        below = np.cumsum(memory[:, 0], axis=1)
        cell = (below < self.rng.random((len(memory), 1))).sum(axis=1)
        p1 = self.filter.centres[np.minimum(cell, len(self.filter.centres) - 1)]
        return (p1 < 0.5).astype(np.intp)


class InformativeThompson(TargetPolicy):
    """For the informative arm: knows the task's structure and tries an arm that may be rich.

    As no draw from the posterior makes the informative arm the best one, it never asks. The
    baseline of Wang et al. 2016, section 3.1.3.
    """

    def act(self, memory: Memory) -> NDArray[np.intp]:
        return self.best(memory)


def make_thompson(env: MetaVectorEnv, sigma: float | None = None) -> Agent:
    """Thompson sampling, for what the task is; PSRL in tabular MDPs."""
    family, meta_observation = env.family, env.meta_observation
    if isinstance(family, RestlessBandit):
        mean = float(family.sigmas.mean())
        return RestlessThompson(meta_observation, mean if sigma is None else sigma)
    refuse("thompson", given(sigma=sigma), "restless bandits")
    if isinstance(family, TabularMDP):
        return PSRL(family, meta_observation)
    if isinstance(family, InformativeBandit):
        return InformativeThompson(meta_observation)
    return Thompson(meta_observation)


def make_optimistic_thompson(env: MetaVectorEnv, samples: int = 3) -> Agent:
    """Optimistic Thompson sampling."""
    return OptimisticThompson(env.meta_observation, samples)
