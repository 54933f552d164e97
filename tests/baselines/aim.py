"""A small task with continuous actions, whose optimum is known in closed form."""

from typing import ClassVar

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

ID, ODD_ID = "Aim-v0", "Odd-v0"
STEPS = 8
CONSTANT = -STEPS / 3
"""Mean return of whoever always does what is best without an answer: the middle."""
BOUND = -(1 / 3 + (2 - 3**0.5) ** 2 + (3**0.5 - 1) ** 3 / 3)
"""Mean return that nobody exceeds, and that one comes as near to as one likes.

The first action a costs 1/3 + a^2 on average. Its reward tells how far away the target is, at
a distance d; both sides are possible where d < 1 - |a|, of which the chance is 1 - |a|, and there
the second action costs at least d^2, by staying in the middle but for a hair. That is (1 - |a|)^3 /
3 on average, the sum is least at a = 2 - sqrt(3), and from the third step on nothing is lost.
"""


class AimVector(VectorEnv):
    """A target in [-1, 1] is drawn for each episode; an action x costs its squared distance.

    Seen are the last action, the last reward, and whether there are any.
    """

    metadata: ClassVar = {"autoreset_mode": AutoresetMode.SAME_STEP}

    def __init__(self, num_envs, shape=(1,), scale=1.0):
        """Actions of some shape, each number between minus `scale` and `scale`, are averaged."""
        self.num_envs, self.scale = num_envs, scale
        self.single_observation_space = spaces.Box(-np.inf, np.inf, (3,))
        self.single_action_space = spaces.Box(-scale, scale, shape)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed if isinstance(seed, int | None) else seed[0])
        self._start()
        return self.seen.copy(), {}

    def _start(self):
        self.left = STEPS
        self.targets = self.np_random.uniform(-1, 1, self.num_envs)
        self.seen = np.zeros((self.num_envs, 3), np.float32)

    def step(self, actions):
        assert self.action_space.contains(actions)
        number = actions.reshape(self.num_envs, -1).mean(axis=1) / self.scale
        reward = -((number - self.targets) ** 2)
        self.seen = np.stack([number, reward, np.ones(self.num_envs)], axis=1, dtype=np.float32)
        self.left -= 1
        over, info = self.left == 0, {}
        if over:
            final = np.empty(self.num_envs, object)
            final[:] = list(self.seen)
            info = {"final_obs": final, "_final_obs": np.ones(self.num_envs, np.bool_)}
            self._start()
        terminated = np.full(self.num_envs, over)
        return self.seen.copy(), reward, terminated, np.zeros_like(terminated), info


class Aim(gym.Env):
    """One of them."""

    metadata: ClassVar = {"render_modes": ["rgb_array"], "render_fps": 10}

    def __init__(self, shape=(1,), scale=1.0, render_mode=None):
        self.inner, self.render_mode = AimVector(1, tuple(shape), scale), render_mode
        self.observation_space = self.inner.single_observation_space
        self.action_space = self.inner.single_action_space

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.inner.np_random = self.np_random
        return self.inner.reset()[0][0], {}

    def step(self, action):
        seen, reward, terminated, _, info = self.inner.step(action[None])
        if terminated[0]:
            seen = info["final_obs"]
        return seen[0], float(reward[0]), bool(terminated[0]), False, {}

    def render(self):
        image = np.full((40, 60, 3), 30, np.uint8)
        image[:, int(29 * (1 + self.inner.targets[0]))] = 230
        return image


class Odd(gym.Env):
    """Two actions at once, which nobody here can take."""

    observation_space = spaces.Box(0, 1, (1,))
    action_space = spaces.MultiDiscrete([2, 3])


if ID not in gym.registry:
    gym.register(ID, entry_point=Aim)
    gym.register(ODD_ID, entry_point=Odd)
