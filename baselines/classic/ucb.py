"""Upper confidence bounds."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from baselines.classic.parameters import check_range
from baselines.common.agent import Agent
from meta_envs.core import MetaObservationWriter, MetaVectorEnv
from meta_envs.policies import CountingPolicy, Memory
from meta_envs.tasks.bandits.restless_bandit import RestlessBandit


class IndexPolicy(CountingPolicy):
    """Pulls every arm once, then the arm with the highest index.

    Args:
        meta_observation: Of the environment to act in.
        prior: Pulls that each arm counts as having had at the start, half of them paid 1. With
            any, no arm has to be pulled first.
    """

    def __init__(self, meta_observation: MetaObservationWriter, prior: float = 0.0) -> None:
        super().__init__(meta_observation)
        self.prior = check_range("prior", prior, 0.0, np.inf)

    @abstractmethod
    def index(
        self, mean: NDArray[np.float64], n: NDArray[np.float64], t: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """The index of every arm.

        Args:
            mean: Mean payoff of each arm so far, shape (num_envs, num_actions).
            n: Its pulls, same shape, more than 0.
            t: Pulls of all arms so far, shape (num_envs, 1), at least 1.
        """

    def act(self, memory: Memory) -> NDArray[np.intp]:
        pulls, payoffs = memory[:, 0] + self.prior, memory[:, 1] + self.prior / 2
        n = np.where(pulls > 0, pulls, 1)
        t = np.maximum(pulls.sum(axis=1, keepdims=True), 1)
        return self.best(np.where(pulls == 0, np.inf, self.index(payoffs / n, n, t)))


class UCB(IndexPolicy):
    """Mean payoff plus sqrt(c log(t) / n).

    Args:
        meta_observation: Of the environment to act in.
        c: 2 is UCB1 (Auer et al. 2002, "Finite-time analysis of the multiarmed bandit problem");
            0.5 is the default of PymaBandits, the toolbox that Wang et al. 2016 took their
            baselines from; they used 1 for restless bandits (section 3.1.4).
        prior: As for every index policy. Duan et al. 2016 (RL^2) started UCB1 with 2.
    """

    def __init__(
        self, meta_observation: MetaObservationWriter, c: float = 0.5, prior: float = 0.0
    ) -> None:
        super().__init__(meta_observation, prior)
        self.c = check_range("c", c, 0.0, np.inf)

    def index(
        self, mean: NDArray[np.float64], n: NDArray[np.float64], t: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        return mean + np.sqrt(self.c * np.log(t) / n)


class KLUCB(IndexPolicy):
    """The largest q with n KL(mean, q) <= log(t).

    Garivier and Cappé 2011, "The KL-UCB algorithm for bounded stochastic bandits and beyond",
    with the constant c = 0 that they recommend in practice. KL is that of two Bernoulli
    distributions; payoffs are divided by the highest possible one.
    """

    HALVINGS = 30
    """Of the interval that q is searched in; 1e-9 is left of it."""

    def index(
        self, mean: NDArray[np.float64], n: NDArray[np.float64], t: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        p = np.clip(mean / self.meta_observation.reward_range[1], 0.0, 1.0)
        low, high = p, np.ones_like(p)
        bound = np.log(t) / n
        for _ in range(self.HALVINGS):
            q = (low + high) / 2
            inside = bernoulli_kl(p, q) <= bound
            low, high = np.where(inside, q, low), np.where(inside, high, q)
        return low


def bernoulli_kl(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
    """KL divergence of Bernoulli(p) from Bernoulli(q), elementwise; 0 log 0 counts as 0."""
    tiny = 1e-15
    q = np.clip(q, tiny, 1 - tiny)
    heads = p * np.log(np.maximum(p, tiny) / q)
    tails = (1 - p) * np.log(np.maximum(1 - p, tiny) / (1 - q))
    return np.asarray(heads + tails)


def make_ucb(env: MetaVectorEnv, c: float | None = None, prior: float = 0.0) -> Agent:
    """UCB with the factor of Wang et al. 2016: 0.5, and 1 where arms drift."""
    restless = isinstance(env.family, RestlessBandit)
    return UCB(env.meta_observation, (1.0 if restless else 0.5) if c is None else c, prior)


def make_ucb1(env: MetaVectorEnv, c: float = 2.0, prior: float = 0.0) -> Agent:
    """UCB1."""
    return UCB(env.meta_observation, c, prior)


def make_kl_ucb(env: MetaVectorEnv, prior: float = 0.0) -> Agent:
    """KL-UCB."""
    return KLUCB(env.meta_observation, prior)
