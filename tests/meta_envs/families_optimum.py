"""The optimum of `Cups`: try one cup after the other, and stay where the coin is."""

import numpy as np

from meta_envs.policies import BanditPolicy


class OptimalPolicy(BanditPolicy):
    """Memory: 1 for each cup that may hide the coin, then trials left, shape (num_envs, 4)."""

    def __init__(self, family, meta_observation):
        super().__init__(meta_observation)
        self.family = family

    def initial_memory(self, num_envs):
        return np.tile((1.0, 1.0, 1.0, self.family.num_trials), (num_envs, 1))

    def update(self, memory, actions, rewards):
        lifted, cups = np.eye(3)[actions], memory[:, :3]
        memory[:, :3] = np.where(rewards[:, None] > 0, lifted, cups * (1 - lifted))
        memory[:, 3] -= 1

    def act(self, memory):
        return self.best(memory[:, :3])

    def optimality_gaps(self, memory, actions):
        """To lift a cup that cannot hide the coin loses a trial; all others are as good."""
        possible, left = memory[:, :3].astype(int), memory[:, 3]
        worth = np.array([value(n, k) for n, k in zip(left, possible.sum(axis=1), strict=True)])
        later = [value(n - 1, k) for n, k in zip(left, possible.sum(axis=1), strict=True)]
        return (worth - later) * (possible[np.arange(len(memory)), actions] == 0)


def value(trials, cups):
    """What is to be had while the coin may be under any of so many cups."""
    return np.maximum(trials - np.arange(cups), 0).sum() / cups


def optimal_return(family):
    """Found at the first, second or third try; the last need not be tried to be known."""
    return sum(max(family.num_trials - k, 0) for k in range(3)) / 3


def informed_return(family):
    """The coin every time."""
    return float(family.num_trials)
