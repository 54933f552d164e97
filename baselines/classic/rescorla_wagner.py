"""Rescorla-Wagner learning with a softmax: the standard model of choice in psychology."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.classic.parameters import check_range
from baselines.common.agent import Agent
from meta_envs.core import MetaObservationWriter, MetaVectorEnv
from meta_envs.policies import BanditPolicy, Memory


class RescorlaWagner(BanditPolicy):
    """Values follow rewards at a fixed rate; choices are a softmax of them, with lapses.

    After arm a has paid r, Q(a) moves by alpha * (r - Q(a)). The next arm is drawn with
    probability lapse + (1 - K * lapse) * softmax(beta * Q) over K arms, for K = 2 the lapse form
    of Economides et al. 2015. Wang et al. 2016, section 3.1.4, used the rule with alpha = 0.5 on
    restless bandits.

    Memory: the values, shape (num_envs, num_actions).

    Args:
        meta_observation: Of the environment to act in.
        alpha: Learning rate, in [0, 1].
        beta: Inverse temperature, at least 0.
        lapse: Probability of each arm that no value can take away, in [0, 1 / K].
        initial_value: Values at an episode's start.
    """

    def __init__(
        self,
        meta_observation: MetaObservationWriter,
        alpha: float = 0.5,
        beta: float = 5.0,
        lapse: float = 0.0,
        initial_value: float = 0.5,
    ) -> None:
        super().__init__(meta_observation)
        self.alpha = check_range("alpha", alpha, 0.0, 1.0)
        self.beta = check_range("beta", beta, 0.0, np.inf)
        self.lapse = check_range("lapse", lapse, 0.0, 1 / self.num_actions)
        self.initial_value = initial_value

    def initial_memory(self, num_envs: int) -> Memory:
        return np.full((num_envs, self.num_actions), self.initial_value)

    def update(
        self, memory: Memory, actions: NDArray[np.intp], rewards: NDArray[np.float64]
    ) -> None:
        rows = np.arange(len(memory))
        memory[rows, actions] += self.alpha * (rewards - memory[rows, actions])

    def act(self, memory: Memory) -> NDArray[np.intp]:
        weights = np.exp(self.beta * (memory - memory.max(axis=1, keepdims=True)))
        softmax = weights / weights.sum(axis=1, keepdims=True)
        chances = self.lapse + (1 - self.num_actions * self.lapse) * softmax
        below = np.cumsum(chances, axis=1)[:, :-1]
        return (below < self.rng.random((len(memory), 1))).sum(axis=1)


def make_rescorla_wagner(
    env: MetaVectorEnv, alpha: float = 0.5, beta: float = 5.0, lapse: float = 0.0
) -> Agent:
    """Rescorla-Wagner learning with a softmax."""
    return RescorlaWagner(env.meta_observation, alpha, beta, lapse)
