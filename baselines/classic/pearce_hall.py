"""Pearce-Hall learning: the rate follows how surprising outcomes have been."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.classic.cued_rescorla_wagner import CuedRescorlaWagner
from baselines.classic.parameters import check_range
from baselines.common.agent import Agent
from meta_envs.core import MetaObservationWriter, MetaVectorEnv


class PearceHall(CuedRescorlaWagner):
    """As `CuedRescorlaWagner`, with a rate that grows after surprises and fades without them.

    With the error d = o - p of a trial, p moves by alpha * d, and after it alpha becomes
    eta * abs(d) + (1 - eta) * alpha. Pearce and Hall 1980, Psychological Review 87:532, in the form
    of Li et al. 2011, Nature Neuroscience 14:1250.

    Belief: p and alpha, shape (num_envs, 2).

    Args:
        meta_observation: Of the environment to act in.
        alpha: Learning rate at an episode's start, in [0, 1].
        eta: How fast the rate follows the surprise, in [0, 1].
        beta: Inverse temperature, at least 0.
    """

    def __init__(
        self, meta_observation: MetaObservationWriter, alpha: float, eta: float, beta: float
    ) -> None:
        super().__init__(meta_observation, alpha, beta)
        self.eta = check_range("eta", eta, 0.0, 1.0)

    def initial_belief(self, num_envs: int) -> NDArray[np.float64]:
        return np.tile([0.5, self.alpha], (num_envs, 1))

    def update(
        self, belief: NDArray[np.float64], first_paid: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        p, alpha = belief.T
        error = first_paid - p
        following = self.eta * np.abs(error) + (1 - self.eta) * alpha
        return np.stack([p + alpha * error, following], axis=1)


def make_pearce_hall(
    env: MetaVectorEnv, alpha: float = 0.5, eta: float = 0.5, beta: float = 20.0
) -> Agent:
    """Pearce-Hall learning of the chances, weighed by the magnitudes on offer.

    The default `eta` has the least regret on drawn schedules, of 0.1, 0.3 and 0.5.
    """
    return PearceHall(env.meta_observation, alpha, eta, beta)
