"""The Bayes-optimal policy for two Bernoulli arms with p2 = 1 - p1.

A success of one arm and a failure of the other are the same evidence on p1, so both arms tell
equally much, and nothing is gained by exploring: to pull the arm with the higher posterior
mean is exactly optimal, and to pull the other one costs the difference of the two means.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from meta_envs.core import MetaObservationWriter
from meta_envs.optimal.numerics.limits import check_size
from meta_envs.policies import BanditPolicy, Belief, Memory
from meta_envs.tasks.bandits.dependent_bandit import DependentBandit

MOST_TRIALS = 1_000
"""With p1 one of a list of values: the number of ways to more evidence is beyond float64."""


def posterior_mean(
    p1_values: NDArray[np.float64] | None, ups: NDArray[np.float64], downs: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Posterior mean of p1 after evidence for it and against it.

    Args:
        p1_values: The equally likely values of p1, or None for the uniform prior on [0, 1].
        ups: Successes of the first arm plus failures of the second, any shape.
        downs: Failures of the first arm plus successes of the second, same shape.
    """
    if p1_values is None:
        return (ups + 1) / (ups + downs + 2)
    # Clipped away from log(0), so that no evidence times an impossible outcome is 0, not nan.
    log_p, log_q = (np.log(np.maximum(p, 1e-300)) for p in (p1_values, 1 - p1_values))
    evidence = ups[..., None] * log_p + downs[..., None] * log_q
    weights = np.exp(evidence - evidence.max(axis=-1, keepdims=True))
    return np.asarray((weights * p1_values).sum(axis=-1) / weights.sum(axis=-1))


class OptimalPolicy(BanditPolicy):
    """Pulls the arm with the higher posterior mean, either at a tie.

    Memory: evidence for p1 and against it, shape (num_envs, 2).
    """

    def __init__(self, family: DependentBandit, meta_observation: MetaObservationWriter) -> None:
        super().__init__(meta_observation)
        self.p1_values = family.p1_values

    def initial_memory(self, num_envs: int) -> Memory:
        return np.zeros((num_envs, 2))

    def update(
        self, memory: Memory, actions: NDArray[np.intp], rewards: NDArray[np.float64]
    ) -> None:
        for_p1 = (actions == 0) == (rewards > 0)
        memory[:, 0] += for_p1
        memory[:, 1] += ~for_p1

    def act(self, memory: Memory) -> NDArray[np.intp]:
        return self.best(self._means(memory))

    def optimality_gaps(self, memory: Memory, actions: NDArray[np.intp]) -> NDArray[np.float64]:
        return self.behind(self._means(memory), actions)

    def belief(self, memory: Memory) -> Belief:
        """The evidence and what follows from it.

        Returns:
            "evidence": pieces of it for p1 and against it, (num_envs, 2).
            "posterior mean": of p1, (num_envs, 1).
        """
        return {"evidence": memory.copy(), "posterior mean": self._means(memory)[:, :1]}

    def _means(self, memory: Memory) -> NDArray[np.float64]:
        """Posterior means of both arms, shape (num_envs, 2)."""
        mean = posterior_mean(self.p1_values, memory[:, 0], memory[:, 1])
        return np.stack([mean, 1 - mean], axis=1)


def optimal_return(family: DependentBandit) -> float:
    """The exact mean return of the optimal policy.

    The evidence after t pulls does not depend on which arms were pulled, so the return is a
    sum over trials and amounts of evidence of P(evidence) max(mean, 1 - mean).

    Raises:
        ValueError: If there are too many trials.
    """
    _check_trials(family)
    total = 0.0
    for t in range(family.num_trials):
        ups = np.arange(t + 1.0)
        mean = posterior_mean(family.p1_values, ups, t - ups)
        total += float(evidence_probabilities(family.p1_values, t) @ np.maximum(mean, 1 - mean))
    return total


def _check_trials(family: DependentBandit) -> None:
    trials, values = family.num_trials, 1 if family.p1_values is None else len(family.p1_values)
    # The number of ways to an amount of evidence is a large whole number.
    ways = 0 if family.p1_values is None else 1_000
    numbers, memory = trials**2 * (values + ways), 32 * trials * values
    check_size("num_trials", trials, numbers=numbers, memory=memory)
    if family.p1_values is not None and trials > MOST_TRIALS:
        raise ValueError(
            f"num_trials must be at most {MOST_TRIALS} for the optimal return with p1_values to "
            f"be known, got {trials}"
        )


def evidence_probabilities(
    p1_values: NDArray[np.float64] | None, trials: int
) -> NDArray[np.float64]:
    """Probability of each number of ups after so many trials, shape (trials + 1,)."""
    if p1_values is None:
        return np.full(trials + 1, 1 / (trials + 1))
    ups = np.arange(trials + 1)
    counts = np.array([float(math.comb(trials, k)) for k in ups])
    likelihood = p1_values[:, None] ** ups * (1 - p1_values[:, None]) ** (trials - ups)
    return np.asarray(counts * likelihood.mean(axis=0))
