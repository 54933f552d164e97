"""A small task to look at, for the tests of agents that see."""

import gymnasium as gym
import numpy as np

from meta_envs.core import TaskFamily
from meta_envs.core.family import check_task

COLOURS = np.array(((230, 60, 40), (40, 90, 220)), np.uint8)
GREY = 90
ID = "PixelPair-v0"


class PixelPair(TaskFamily):
    """A red and a blue half, sides changing at random: one colour pays, all episode long.

    Args:
        num_envs: Episodes held side by side.
        num_trials: Steps in an episode.
        size: Pixels a side of the picture.
    """

    has_regret = False
    action_names = ("left", "right")

    def __init__(self, num_envs, num_trials=5, size=20):
        self.num_trials = num_trials
        super().__init__(
            num_envs,
            num_actions=2,
            episode_length=num_trials,
            num_draws=2 + num_trials,
            image_shape=(size, size, 3),
        )
        self.good_colours = np.zeros(num_envs, np.int64)
        self.left_colours = np.zeros((num_envs, num_trials + 1), np.int64)

    def _load_tasks(self, envs):
        self.good_colours[envs] = self.draws[envs, 0] < 0.5
        self.left_colours[envs] = self.draws[envs, 1:] < 0.5

    def _parse_task(self, task):
        return int(check_task(task, "good_colour", (), 0, 1))

    def _set_task(self, env, parsed):
        self.good_colours[env] = parsed

    def task(self, env):
        return {"good_colour": int(self.good_colours[env])}

    def _left(self):
        return self.left_colours[np.arange(self.num_envs), self.steps]

    def step(self, actions):
        colours = self._left() ^ actions
        rewards = (colours == self.good_colours).astype(np.float64)
        trial = self.steps.copy()
        self.steps += 1
        return rewards, np.zeros(self.num_envs), trial, self.steps >= self.episode_length

    def draw_images(self, envs, images):
        half = images.shape[2] // 2
        left = self._left()[envs]
        images[envs] = GREY
        images[envs, 2:-2, 1 : half - 1] = COLOURS[left][:, None, None]
        images[envs, 2:-2, half + 1 : -1] = COLOURS[1 - left][:, None, None]

    def render_rgb(self, env, history):
        images = np.zeros((self.num_envs, *self.image_shape), np.uint8)
        self.draw_images(np.array([env]), images)
        return images[env]


if ID not in gym.registry:
    gym.register(
        ID,
        entry_point="meta_envs.core:MetaEnv",
        vector_entry_point="meta_envs.core:MetaVectorEnv",
        kwargs={"family": PixelPair, "inputs": ["action", "reward"]},
    )
