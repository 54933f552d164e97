"""The simplest rule that learns: repeat what paid, leave what did not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.common.agent import Agent
from meta_envs.core import MetaVectorEnv
from meta_envs.policies import BanditPolicy, Memory


class WinStayLoseShift(BanditPolicy):
    """Pulls the last arm again if it paid, else another one, each equally likely.

    Robbins 1952, "Some aspects of the sequential design of experiments". A payoff counts as a win
    if it is at least half of the highest one.

    Memory: the weight of each arm for the next pull, shape (num_envs, num_actions).
    """

    def initial_memory(self, num_envs: int) -> Memory:
        return np.ones((num_envs, self.num_actions))

    def update(
        self, memory: Memory, actions: NDArray[np.intp], rewards: NDArray[np.float64]
    ) -> None:
        pulled = np.eye(self.num_actions)[actions]
        win = 2 * rewards >= self.meta_observation.reward_range[1]
        memory[...] = np.where(win[:, None], pulled, 1 - pulled)

    def act(self, memory: Memory) -> NDArray[np.intp]:
        return self.best(memory)


def make_win_stay_lose_shift(env: MetaVectorEnv) -> Agent:
    """Win-stay, lose-shift."""
    return WinStayLoseShift(env.meta_observation)
