"""An environment of episodes of unequal length, for several tests."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv


class Ragged(gym.Env):
    """Action 1 pays 1 and has no regret, action 0 pays nothing and has a regret of 1.

    Args:
        length: Steps of an episode; None draws 1 to 7 for each.
    """

    observation_space = spaces.Box(-1, 1, (3,))
    action_space = spaces.Discrete(2)

    def __init__(self, length=None):
        self.length = length

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.left = self.length or int(self.np_random.integers(1, 8))
        return self.look(), {}

    def step(self, action):
        self.left -= 1
        return self.look(), float(action), self.left == 0, False, {"regret": 1.0 - action}

    def look(self):
        return self.np_random.uniform(-1, 1, 3).astype(np.float32)


@pytest.fixture
def ragged_class():
    return Ragged


@pytest.fixture
def make_ragged():
    """Makes a vector environment of episodes of different lengths, or of one given length."""

    def make(num_envs, length=None):
        return SyncVectorEnv(
            [lambda: Ragged(length)] * num_envs, autoreset_mode=AutoresetMode.SAME_STEP
        )

    return make
