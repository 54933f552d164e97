"""The optimum of `Cups`: try one cup after the other, and stay where the coin is."""

import numpy as np

from meta_envs.policies import BanditPolicy


class OptimalPolicy(BanditPolicy):
    """Memory: 1 for each cup that may hide the coin, shape (num_envs, 3)."""

    def __init__(self, family, meta_observation):
        super().__init__(meta_observation)

    def initial_memory(self, num_envs):
        return np.ones((num_envs, 3))

    def update(self, memory, actions, rewards):
        lifted = np.eye(3)[actions]
        memory[...] = np.where(rewards[:, None] > 0, lifted, memory * (1 - lifted))

    def act(self, memory):
        return self.best(memory)


def optimal_return(family):
    """Found at the first, second or third try; the last need not be tried to be known."""
    return sum(max(family.num_trials - k, 0) for k in range(3)) / 3


def informed_return(family):
    """The coin every time."""
    return float(family.num_trials)


def optimality_gaps(family, actions, rewards):
    """To lift a cup that cannot hide the coin loses a trial; all others are as good."""
    episodes, steps = actions.shape
    gaps, possible = np.zeros(actions.shape), np.ones((episodes, 3), np.bool_)
    for step in range(steps):
        lifted = np.eye(3, dtype=np.bool_)[actions[:, step]]
        left = family.num_trials - step
        later = [np.maximum(left - 1 - np.arange(k), 0).sum() / k for k in (1, 2, 3)]
        now = [np.maximum(left - np.arange(k), 0).sum() / k for k in (1, 2, 3)]
        wasted = ~(lifted & possible).any(axis=1)
        gaps[:, step] = np.subtract(now, later)[possible.sum(axis=1) - 1] * wasted
        found = rewards[:, step, None] > 0
        possible &= np.where(found, lifted, ~lifted)
    return gaps
