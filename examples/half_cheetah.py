"""A cheetah that is to run at a drawn speed: `--env half_cheetah:MetaHalfCheetahVel-v0`.

The task of MAML (Finn et al. 2017) with the speeds of PEARL and VariBAD: the reward of a step is
-|v - v*| - 0.05 |action|², v* uniform in [0, 3]. An episode is two inner ones of 200 steps, and v*
is not told. Needs the extra `mujoco`.
"""

import gymnasium as gym
from gymnasium.envs.mujoco.half_cheetah_v5 import HalfCheetahEnv

from meta_envs.wrappers import MetaEpisode, MetaObservation, TaskDistribution

CONTROL_COST = 0.05


class HalfCheetahVelEnv(HalfCheetahEnv):
    """Gymnasium's half-cheetah, paid for running at the task's speed."""

    def __init__(self, **kwargs):
        self.task = {"speed": 1.5}
        super().__init__(ctrl_cost_weight=CONTROL_COST, **kwargs)

    def set_task(self, task):
        """Takes another speed, in metres a second."""
        self.task = task

    def step(self, action):
        observation, _, terminated, truncated, info = super().step(action)
        missed = abs(info["x_velocity"] - self.task["speed"])
        return observation, info["reward_ctrl"] - missed, terminated, truncated, info


gym.register(
    "MetaHalfCheetahVel-v0",
    "half_cheetah:HalfCheetahVelEnv",
    max_episode_steps=200,
    additional_wrappers=(
        TaskDistribution.wrapper_spec(tasks={"speed": [0.0, 3.0]}, apply="set_task"),
        MetaEpisode.wrapper_spec(num_episodes=2),
        MetaObservation.wrapper_spec(inputs=["action", "reward", "done"]),
    ),
)
