"""A hidden goal in Minigrid: `python -m baselines train --env minigrid_task:MiniGridGoal-v0`.

The goal is in one of 15 cells of a small room and cannot be seen, in all three inner episodes the
same: the first is for the search, the others for going there. Needs the extra `minigrid`.
"""

import gymnasium as gym
from minigrid.core.constants import OBJECT_TO_IDX
from minigrid.core.world_object import Goal
from minigrid.envs import EmptyEnv

from meta_envs.wrappers import MetaEpisode, MetaObservation, TaskDistribution

SIZE = 6
"""Of the room, with its walls."""


class GoalEnv(EmptyEnv):
    """An empty room with a goal that no observation shows."""

    def __init__(self, **kwargs):
        self.task = {"goal": [SIZE - 2, SIZE - 2]}
        super().__init__(size=SIZE, max_steps=40, **kwargs)

    def set_task(self, task):
        """Puts the goal elsewhere, from the next reset on."""
        self.task = task

    def _gen_grid(self, width, height):
        super()._gen_grid(width, height)
        self.grid.set(width - 2, height - 2, None)  # Where an EmptyEnv has its own.
        self.put_obj(Goal(), *self.task["goal"])

    def gen_obs(self):
        observation = super().gen_obs()
        cells = observation["image"]
        cells[cells[..., 0] == OBJECT_TO_IDX["goal"]] = [OBJECT_TO_IDX["empty"], 0, 0]
        return observation


INNER = range(1, SIZE - 1)
GOALS = [{"goal": [x, y]} for x in INNER for y in INNER if (x, y) != (1, 1)]
"""All cells but that of the start."""

gym.register(
    "MiniGridGoal-v0",
    "minigrid_task:GoalEnv",
    additional_wrappers=(
        TaskDistribution.wrapper_spec(tasks=GOALS, apply="set_task"),
        MetaEpisode.wrapper_spec(num_episodes=3),
        MetaObservation.wrapper_spec(inputs=["action", "reward", "done"]),
    ),
)
