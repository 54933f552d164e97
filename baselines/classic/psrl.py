"""Posterior sampling for reinforcement learning: Thompson sampling of whole MDPs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.classic.parameters import check_range
from baselines.classic.planning_policy import Belief, Experience, PlanningPolicy, mdp_of
from baselines.common.agent import Agent
from meta_envs.core import MetaObservationWriter, MetaVectorEnv
from meta_envs.tasks.mdps.planning import value_iteration
from meta_envs.tasks.mdps.tabular_mdp import REWARD_MEAN, TabularMDP


class PSRL(PlanningPolicy):
    """Draws MDPs from the posterior and acts on the highest value that any of them gives an action.

    With one sample a trial it is PSRL (Strens 2000, "A Bayesian framework for reinforcement
    learning"; Osband et al. 2013, "(More) efficient reinforcement learning via posterior
    sampling"), with more the optimistic PSRL of Duan et al. 2016.

    Args:
        family: The tasks to play.
        meta_observation: Of the environment to act in.
        samples: MDPs drawn a trial, a whole number.
        prior_mean: Of the mean rewards. That of the tasks is 1; Duan et al. 2016 took 0.
    """

    def __init__(
        self,
        family: TabularMDP,
        meta_observation: MetaObservationWriter,
        samples: float = 1,
        prior_mean: float = REWARD_MEAN,
    ) -> None:
        super().__init__(family, meta_observation)
        self.samples = int(check_range("samples", samples, 1, 1_000))
        self.posterior = Belief(prior_mean)

    def plan(self, experience: Experience) -> NDArray[np.float64]:
        best = self._plan_for_a_sample(experience)
        for _ in range(self.samples - 1):
            np.maximum(best, self._plan_for_a_sample(experience), out=best)
        return best

    def _plan_for_a_sample(self, experience: Experience) -> NDArray[np.float64]:
        return value_iteration(*self.posterior.sample(experience, self.rng), self.horizon)[0]


def make_psrl(env: MetaVectorEnv, prior_mean: float = 1.0) -> Agent:
    """PSRL."""
    return PSRL(mdp_of(env), env.meta_observation, prior_mean=prior_mean)


def make_opsrl(env: MetaVectorEnv, samples: float = 10, prior_mean: float = 1.0) -> Agent:
    """Optimistic PSRL."""
    return PSRL(mdp_of(env), env.meta_observation, samples, prior_mean)
