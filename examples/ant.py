"""An ant that is to run forwards or backwards: `--env ant:MetaAntDir-v0`.

The task of MAML (Finn et al. 2017) and VariBAD (Zintgraf et al. 2020): the reward of a step is the
speed in the drawn direction, less 0.5 |action|² and a cost of contacts, plus 1 while the ant is on
its legs. An episode is two inner ones of at most 200 steps, and the direction is not told. Needs
the extra `mujoco`.
"""

import gymnasium as gym
from gymnasium.envs.mujoco.ant_v5 import AntEnv

from meta_envs.wrappers import MetaEpisode, MetaObservation, TaskDistribution


class AntDirEnv(AntEnv):
    """Gymnasium's ant, paid for running in the task's direction."""

    def __init__(self, **kwargs):
        self.task = {"direction": 1}
        super().__init__(include_cfrc_ext_in_observation=False, **kwargs)

    def set_task(self, task):
        """Takes another direction: 1 is forwards, -1 backwards."""
        self.task = task

    def step(self, action):
        observation, reward, terminated, truncated, info = super().step(action)
        # Gymnasium's ant is paid for running forwards.
        reward += info["x_velocity"] * (self.task["direction"] - 1)
        return observation, reward, terminated, truncated, info


gym.register(
    "MetaAntDir-v0",
    "ant:AntDirEnv",
    max_episode_steps=200,
    additional_wrappers=(
        TaskDistribution.wrapper_spec(
            tasks=[{"direction": 1}, {"direction": -1}], apply="set_task"
        ),
        MetaEpisode.wrapper_spec(num_episodes=2),
        MetaObservation.wrapper_spec(inputs=["action", "reward", "done"]),
    ),
)
