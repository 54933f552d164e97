"""A small task to look at, for the tests of agents that see."""

import gymnasium as gym
import numpy as np

from meta_envs.core import TaskFamily
from meta_envs.core.checks import check_task

ID = "PixelCue-v0"


class PixelCue(TaskFamily):
    """Red light on the left or on the right, at the first step alone: that action always pays.

    Below it a bar of random grey, another one at every step, so that no two images are alike.

    Args:
        num_envs: Episodes held side by side.
        num_trials: Steps in an episode.
        size: Pixels a side of the image.
    """

    has_regret = False
    episode_arrays = (*TaskFamily.episode_arrays, "sides")
    action_names = ("left", "right")

    def __init__(self, num_envs, num_trials=5, size=20):
        super().__init__(
            num_envs,
            num_actions=2,
            episode_length=num_trials,
            num_draws=2 + num_trials,
            image_shape=(size, size, 3),
        )
        self.sides = np.zeros(num_envs, np.int64)

    def _load_tasks(self, envs):
        self.sides[envs] = self.draws[envs, 0] < 0.5

    def _parse_task(self, task):
        return int(check_task(task, "side", (), 0, 1))

    def _set_task(self, env, parsed):
        self.sides[env] = parsed

    def task(self, env):
        return {"side": int(self.sides[env])}

    def step(self, actions):
        rewards = (actions == self.sides).astype(np.float64)
        trial = self.steps.copy()
        self.steps += 1
        return rewards, np.zeros(self.num_envs), trial, self.steps >= self.episode_length

    def draw_images(self, envs, images):
        half = images.shape[2] // 2
        images[envs] = 40
        images[envs, half:] = (self.draws[envs, 1 + self.steps[envs]] * 255)[:, None, None, None]
        for env in envs[self.steps[envs] == 0].tolist():
            left = self.sides[env] * half
            images[env, 2:half, left : left + half] = (230, 60, 40)

    def render_rgb(self, env, history):
        images = np.zeros((self.num_envs, *self.image_shape), np.uint8)
        self.draw_images(np.array([env]), images)
        return images[env]


if ID not in gym.registry:
    gym.register(
        ID,
        entry_point="meta_envs.core:MetaEnv",
        vector_entry_point="meta_envs.core:MetaVectorEnv",
        kwargs={"family": PixelCue, "inputs": ["action", "reward"]},
    )
