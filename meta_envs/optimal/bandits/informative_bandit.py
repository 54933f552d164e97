"""The optimal policy for the informative arm: ask once, then take what it names."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meta_envs.core import MetaObservationWriter
from meta_envs.policies import BanditPolicy, Memory
from meta_envs.tasks.bandits.informative_bandit import (
    INFORMATIVE_PAYOFFS,
    NUM_TARGETS,
    OTHER_PAYOFF,
    TARGET_PAYOFF,
    InformativeBandit,
)


class TargetPolicy(BanditPolicy):
    """A policy that knows the structure of the task and remembers which arms may be rich.

    Memory: 1 for each arm that may still be the target, else 0, shape (num_envs, num_targets).
    """

    def initial_memory(self, num_envs: int) -> Memory:
        return np.ones((num_envs, NUM_TARGETS))

    def update(
        self, memory: Memory, actions: NDArray[np.intp], rewards: NDArray[np.float64]
    ) -> None:
        asked = np.flatnonzero(actions == NUM_TARGETS)
        named = np.abs(INFORMATIVE_PAYOFFS - rewards[asked, None]).argmin(axis=1)
        memory[asked] = np.eye(NUM_TARGETS)[named]
        tried = np.flatnonzero(actions < NUM_TARGETS)
        pulled = np.eye(NUM_TARGETS)[actions[tried]]
        rich = rewards[tried, None] == TARGET_PAYOFF
        memory[tried] = np.where(rich, pulled, memory[tried] * (1 - pulled))


class OptimalPolicy(TargetPolicy):
    """Pulls the informative arm, and from then on the arm it has named.

    With a single trial there is nothing to be gained from information, and it guesses.
    """

    def __init__(self, family: InformativeBandit, meta_observation: MetaObservationWriter) -> None:
        super().__init__(meta_observation)
        self.num_trials = family.num_trials

    def act(self, memory: Memory) -> NDArray[np.intp]:
        target = self.best(memory)
        if self.num_trials == 1:
            return target
        return np.where(memory.sum(axis=1) == 1, target, NUM_TARGETS)


def optimal_return(family: InformativeBandit) -> float:
    """The exact mean return of the optimal policy."""
    if family.num_trials == 1:
        return (TARGET_PAYOFF + (NUM_TARGETS - 1) * OTHER_PAYOFF) / NUM_TARGETS
    return float(INFORMATIVE_PAYOFFS.mean() + (family.num_trials - 1) * TARGET_PAYOFF)
