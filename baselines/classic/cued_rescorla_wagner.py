"""Rescorla-Wagner learning of which arm pays, where magnitudes are cued."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.classic.parameters import check_range
from baselines.common.agent import Agent
from meta_envs.core import MetaObservationWriter, MetaVectorEnv
from meta_envs.policies import CuedPolicy, Memory


class CuedRescorlaWagner(CuedPolicy):
    """The chance of an arm follows outcomes at a fixed rate; choices weigh it by magnitude.

    After a trial on which the first arm paid (o = 1) or the second one did (o = 0), p moves by
    alpha * (o - p), from 1/2 at an episode's start. The first arm is pulled with probability
    1 / (1 + exp(-beta * (p * m1 - (1 - p) * m2))) where m1 and m2 are on offer. The learner of
    Behrens et al. 2007, Nature Neuroscience 10:1214, that does not adapt its rate, and the control
    of Wang et al. 2018, simulation 2.

    Belief: p, shape (num_envs, 1).

    Args:
        meta_observation: Of the environment to act in.
        alpha: Learning rate, in [0, 1].
        beta: Inverse temperature, at least 0; infinite for the larger value, either at a tie.
    """

    def __init__(self, meta_observation: MetaObservationWriter, alpha: float, beta: float) -> None:
        super().__init__(meta_observation)
        self.alpha = check_range("alpha", alpha, 0.0, 1.0)
        self.beta = check_range("beta", beta, 0.0, np.inf)

    def initial_belief(self, num_envs: int) -> NDArray[np.float64]:
        return np.full((num_envs, 1), 0.5)

    def update(
        self, belief: NDArray[np.float64], first_paid: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        return belief + self.alpha * (first_paid[:, None] - belief)

    def chance(self, belief: NDArray[np.float64]) -> NDArray[np.float64]:
        return belief[:, 0]

    def act(self, memory: Memory) -> NDArray[np.intp]:
        values = self.values(memory)
        if self.beta == np.inf:
            return self.best(values)
        # The logistic function of x is (1 + tanh(x / 2)) / 2, which no large x makes overflow.
        second = (1 + np.tanh(self.beta * (values[:, 1] - values[:, 0]) / 2)) / 2
        return (self.rng.random(len(memory)) < second).astype(np.intp)


def make_cued_rescorla_wagner(env: MetaVectorEnv, alpha: float = 0.5, beta: float = 20.0) -> Agent:
    """Rescorla-Wagner learning of the chances, weighed by the magnitudes on offer.

    The default rate has the least regret on drawn schedules, of 0.2, 0.3 ... 0.6.
    """
    return CuedRescorlaWagner(env.meta_observation, alpha, beta)
