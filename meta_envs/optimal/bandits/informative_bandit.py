"""The optimal policy for the informative arm: ask, or try, whichever loses less.

Against somebody who is told the target, who gets 5 from every pull, a policy loses with each pull
of another arm. What the best one loses from now on depends on which arms may still be the target,
as the informative arm pays by the target's number, and on the trials left: a dynamic programme over
sets of arms, `least_losses`. From the beginning it asks, if there are two trials or more. Where at
most three arms are left, as after many tries, one of them is a better bet than to ask.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from meta_envs.core import MetaObservationWriter
from meta_envs.policies import BanditPolicy, Belief, Memory, equally_likely
from meta_envs.tasks.bandits.informative_bandit import (
    INFORMATIVE_PAYOFFS,
    NUM_TARGETS,
    OTHER_PAYOFF,
    TARGET_PAYOFF,
    InformativeBandit,
)

MISS = TARGET_PAYOFF - OTHER_PAYOFF
"""What a pull of an arm loses that is not the target."""
PULLS = -1
"""Column of the optimum's memory: pulls so far."""
ENOUGH = 4
"""With more trials left no more is lost: the losses with 3 and 4 left are the same, and so those of
any number, as each follows from the one before."""


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
    """Pulls an arm that loses least from now on.

    Memory: 1 for each arm that may still be the target, else 0, then the number of pulls, shape
    (num_envs, num_targets + 1).
    """

    def __init__(self, family: InformativeBandit, meta_observation: MetaObservationWriter) -> None:
        super().__init__(meta_observation)
        self.num_trials = family.num_trials

    def initial_memory(self, num_envs: int) -> Memory:
        return np.hstack([super().initial_memory(num_envs), np.zeros((num_envs, 1))])

    def update(
        self, memory: Memory, actions: NDArray[np.intp], rewards: NDArray[np.float64]
    ) -> None:
        super().update(memory[:, :PULLS], actions, rewards)
        memory[:, PULLS] += 1

    def act(self, memory: Memory) -> NDArray[np.intp]:
        return self.best(-self._losses(memory))

    def optimality_gaps(self, memory: Memory, actions: NDArray[np.intp]) -> NDArray[np.float64]:
        return self.behind(-self._losses(memory), actions)

    def belief(self, memory: Memory) -> Belief:
        """Which arm is the target.

        Returns:
            "targets": the probability of each of the first ten arms, (num_envs, 10).
        """
        return {"targets": equally_likely(memory[:, :PULLS])}

    def _losses(self, memory: Memory) -> NDArray[np.float64]:
        """What each pull loses, the best ones after it included, shape (num_envs, num_arms)."""
        possible = (memory[:, :PULLS] @ (1 << np.arange(NUM_TARGETS))).astype(np.intp)
        # After an episode's last pull it is asked for too, and does not matter.
        left = np.clip(self.num_trials - memory[:, PULLS], 1, ENOUGH).astype(np.intp)
        return losses(left, possible)


def losses(left: NDArray[np.intp], possible: NDArray[np.intp]) -> NDArray[np.float64]:
    """What each pull loses against who knows the target, with the best ones after it.

    Args:
        left: Trials left, with the present one, in 1..`ENOUGH`; shape (batch,).
        possible: The set of arms that may be the target, a bit each, not empty; same shape.

    Returns:
        Of each arm, shape (batch, num_targets + 1).
    """
    return _losses(least_losses(), left, possible)


@lru_cache(maxsize=1)
def least_losses() -> NDArray[np.float64]:
    """What the best pulls lose, by trials left and set of possible targets.

    Returns:
        Shape (`ENOUGH` + 1, sets); the empty set has no meaning.
    """
    sets = np.arange(1 << NUM_TARGETS)
    least = np.zeros((ENOUGH + 1, len(sets)))
    for left in range(1, ENOUGH + 1):
        least[left] = _losses(least, np.full(len(sets), left), sets).min(axis=1)
    return least


def _losses(
    least: NDArray[np.float64], left: NDArray[np.intp], possible: NDArray[np.intp]
) -> NDArray[np.float64]:
    """As `losses`, with the least losses as far as they are known."""
    bits = 1 << np.arange(NUM_TARGETS)
    members = possible[:, None] & bits > 0
    count = np.maximum(members.sum(axis=1), 1)
    # An arm that may be the target is it, or is ruled out; another one tells nothing.
    share = np.where(members, 1 / count[:, None], 0.0)
    later = least[left[:, None] - 1, possible[:, None] & ~bits]
    tried = (1 - share) * (MISS + later)
    asked = TARGET_PAYOFF - members @ INFORMATIVE_PAYOFFS / count
    return np.column_stack([tried, asked])


def optimal_return(family: InformativeBandit) -> float:
    """The exact mean return of the optimal policy."""
    lost = least_losses()[min(family.num_trials, ENOUGH), -1]
    return float(family.num_trials * TARGET_PAYOFF - lost)
