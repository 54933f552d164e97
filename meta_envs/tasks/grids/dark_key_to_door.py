"""Algorithm Distillation's dark room with a key and a door."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_count
from meta_envs.tasks.grids.grid import Grid

KEY, DOOR = 0, 1
"""Columns of a family's `targets`, and the targets found before each can be."""


class DarkKeyToDoor(Grid):
    """A dark room with an invisible key, and an invisible door that opens only with the key.

    ## Description
    Two hidden places in one room: first the key pays, then the door. Walking over the door
    without the key tells nothing. A good agent searches for the key, from there for the door,
    and in every later trial fetches the one and goes on to the other by the shortest path. The
    agent is not shown whether it holds the key: its own memory of the reward tells. "Dark
    Key-to-Door" of Laskin et al. 2022, who call a trial an episode.

    ## Action Space
    `Discrete(5)`: 0 no-op, 1 up, 2 right, 3 down, 4 left. A move against a wall stays.

    ## Observation Space
    `Box(low, high, (size**2 + 7,), float32)`: the agent's cell, one-hot, (x, y) at index
    y * size + x; then one-hot last action, last reward, timestep divided by the episode's
    length. The last three are zero at the first step. The reward is in [0, 2], all else in
    [0, 1]. `inputs` leaves parts out or adds "done".

    ## Starting State
    Key and door are drawn once for all trials, each uniformly from all cells, independently: the
    81 x 81 tasks of a 9 x 9 room. Every trial starts in a cell of its own, drawn uniformly from
    all; these are noise and no part of the task.

    ## Rewards
    1 for the first step of a trial that ends on the key, and 1 for the first that ends on the
    door with the key in hand, else 0. Where both are in one cell, one step brings 2.

    With the default arguments the reference policy has a mean return of 8.42 (estimated, standard
    error 0.006), no policy can exceed 8.47, and an informed agent, which knows key and door,
    gets 10. In tiny rooms the reference policy is further from the best: with 3 x 3 cells it has
    92 to 98 % of the exact optimum.

    ## Episode End
    Terminates after `num_trials` trials of `trial_length` steps; opening the door ends nothing.
    Where a step ends a trial, the observation shows the cell that the next one starts in.

    ## Information
    `step` returns `regret`, by how much the action lowers what an informed agent can still earn
    in the trial, and `trial`, the index of the trial. `env.unwrapped.task` is
    `{"key": [x, y], "door": [x, y]}`, and `env.reset(options={"task": task})` plays it again.

    ## Arguments
    - `size=9`: cells a side, at least 2.
    - `num_trials=5`: trials in an episode, at least 1.
    - `trial_length=50`: steps in a trial, at least 1.
    - `inputs=("action", "reward", "timestep")`: parts of the observation to show.
    - `render_mode=None`: "ansi" or "rgb_array".

    ## References
    - Laskin et al. 2022, "In-context Reinforcement Learning with Algorithm Distillation", arXiv
      2210.14215. Their histories run over hundreds of trials; five to an episode are a choice,
      and so are the order of the actions, the one-hot cell and trials that do not end at the
      door.

    ## Version History
    - v0: first version.
    """

    optimum = "meta_envs.optimal.grids.dark_key_to_door"

    def __init__(
        self, num_envs: int, size: int = 9, num_trials: int = 5, trial_length: int = 50
    ) -> None:
        super().__init__(
            num_envs,
            size=check_count("size", size, minimum=2),
            num_trials=num_trials,
            trial_length=trial_length,
            targets=("key", "door"),
            start=None,
            reward_range=(0.0, 2.0),
        )

    def _arrive(
        self, cells: NDArray[np.intp], found: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        with_key = found + ((cells == self.targets[:, KEY]) & (found == KEY))
        now = with_key + ((cells == self.targets[:, DOOR]) & (with_key == DOOR))
        return (now - found).astype(np.float64), now

    def _values(
        self, cells: NDArray[np.intp], found: NDArray[np.intp], left: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        door = self.targets[:, DOOR]
        from_key, from_door = (self.targets * self.num_cells).T
        # It takes a step to find what is in one's own cell, but both at once if both are there.
        to_key = np.maximum(self.distances.take(from_key + cells), 1)
        between = self.distances.take(from_key + door)
        to_door = np.maximum(self.distances.take(from_door + cells), 1)
        both = (to_key <= left) * 1.0 + (to_key + between <= left)
        return np.where(found == KEY, both, (found == DOOR) & (to_door <= left))
