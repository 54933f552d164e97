"""One-shot navigation in the I-maze of Wang et al. 2016, as a grid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_count, check_flag, check_memory, shown
from meta_envs.core.family import StepResult
from meta_envs.tasks.grids.grid import NUM_ACTIONS
from meta_envs.tasks.mazes import rendering
from meta_envs.tasks.mazes.graph import GOAL_REWARD, MAX_APPLES, informed_values, make_graph
from meta_envs.tasks.mazes.maze_map import I_MAZE, read_maze
from meta_envs.tasks.mazes.maze_task import MazeTask


class IMazeGrid(MazeTask):
    """One-shot navigation in an I-shaped maze, from a local view of its cells.

    ## Description
    The maze is a corridor with two arms at either end; at the end of each arm is an alcove around
    the corner. The goal is in one of the four alcoves, the same one for the whole episode, and
    cannot be seen from the corridor. Whenever the agent reaches it, it is put back into the
    corridor, somewhere else. A good agent searches the alcoves once, the two nearest first, and
    from then on goes straight to the one it has found. `MetaIMaze-v0` is the same maze in first
    person.

    ```
    11111#22222
    1         2      # and digits: walls; a space: floor
    1         2      S: where a run can start
    1         2      G: where the goal can be
    1 1#SAS#2 2      A: an apple, with apples=True
    1G1#SSS#2G2
    ####SSS####
    3G3#SSS#4G4
    3 3#SAS#4 4
    3         4
    3         4
    3         4
    33333#44444
    ```

    ## Action Space
    `Discrete(5)`: 0 no-op, 1 up, 2 right, 3 down, 4 left, as on the map: the agent has a compass.
    A move against a wall stays.

    ## Observation Space
    `Box(low, high, (2 * view_size**2 + 7,), float32)`: the cells around the agent, `view_size` a
    side, row by row from the top left, 1 where an open cell is seen and 0 elsewhere; the same
    cells again, 1 where the goal is seen; with `apples=True` a third time, 1 where an apple is
    seen. A cell is seen that can be walked to within the view, so that nothing is seen through a
    wall. Then one-hot last action, last reward, timestep divided
    by the episode's length. The last three are zero at the first step. The reward is in [0, 10],
    all else in [0, 1]. The agent is not told where it is. `inputs` leaves parts out or adds
    "done".

    ## Starting State
    The goal is drawn once an episode, uniformly from all `G`. Every run starts in a cell of its
    own, drawn uniformly from all `S`; these are noise and no part of the task.

    ## Rewards
    10 for reaching the goal, 1 for an apple; apples are there again when the next run starts.

    With the default arguments the best policy has a mean return of 211.1, an informed agent
    217.9; both are exact. The first goal takes the best policy a mean of 15.2 steps, a
    later one 9.1.

    ## Episode End
    Terminates after `num_steps` steps; reaching the goal ends a run and not the episode.

    ## Information
    `step` returns `regret`, by how much the action lowers what an informed agent, which knows the
    goal and its place, can still expect to earn in the episode, and `trial`, the number of goals
    reached before. `env.unwrapped.task` is `{"goal": k}`, k the number of the goal's `G` on the
    map, row by row from 0, and `env.reset(options={"task": task})` plays it again.

    ## Arguments
    - `map=None`: another maze, as text with a line a row, made of `#` and `1` to `6` (walls),
      spaces (floor), `S`, `G` and `A`, at most 10,000 cells; None is the one above.
    - `apples=False`: whether there are apples, at most 4.
    - `num_steps=200`: steps in an episode, 1 to 50,000.
    - `view_size=5`: cells a side of the view, an odd number of at least 3.
    - `inputs=("action", "reward", "timestep")`: parts of the observation to show.
    - `render_mode=None`: "ansi" or "rgb_array".

    ## References
    - Wang et al. 2016, "Learning to reinforcement learn", arXiv 1611.05763, section 3.2.3.
    - Mirowski et al. 2017, "Learning to navigate in complex environments", arXiv 1611.03673, whose
      maze it is. They give its shape and that its position was decoded in 77 cells; which 77 is
      a choice, and so is all that makes it a grid: moves by the compass, the view, one step for
      a cell and 200 of them to an episode, in which an agent can reach as many goals as theirs.

    ## Version History
    - v0: first version.
    """

    optimum = "meta_envs.optimal.mazes.i_maze_grid"
    episode_arrays = (*MazeTask.episode_arrays, "places")
    action_names = ("no-op", "up", "right", "down", "left")

    def __init__(
        self,
        num_envs: int,
        map: str | None = None,
        apples: bool = False,
        num_steps: int = 200,
        view_size: int = 5,
    ) -> None:
        maze = read_maze(I_MAZE if map is None else map)
        self.apples = check_flag("apples", apples)
        self.view_size = check_count("view_size", view_size, minimum=3)
        if self.view_size % 2 == 0:
            raise ValueError(f"view_size must be an odd whole number, got {shown(view_size)}")
        if self.apples and len(maze.apples) > MAX_APPLES:
            raise ValueError(
                f"map must be a maze with at most {MAX_APPLES} apples (A) where apples is True, "
                f"got {len(maze.apples)}"
            )
        cells, side = maze.walls.size, self.view_size
        # By goal and place, which is a cell and what apples are left.
        places = cells << (len(maze.apples) if self.apples else 0)
        rows, channels = len(maze.goals) * places, 2 + self.apples
        # The views while they are made, and the values at every step; see `graph.py`.
        views, values = 2 * channels * side**2, check_count("num_steps", num_steps, minimum=1) + 1
        check_memory("map", map, 8 * rows * 18 * channels, of="views and values of its cells")
        super().__init__(
            num_envs,
            maze=maze,
            num_steps=num_steps,
            draws_per_run=1,  # Where it starts.
            num_actions=NUM_ACTIONS,
            observation_size=channels * side**2,
            reward_range=(0.0, GOAL_REWARD),
            table_size=rows * (views + values),
        )
        self.graph = make_graph(maze.text, self.apples, self.view_size)
        self.values = informed_values(self.maze.text, self.apples, self.view_size, self.num_steps)
        self.places = np.full(self.num_envs, self.graph.starts[0])
        self._first_action = np.arange(self.num_envs) * NUM_ACTIONS

    def _start_run(self, envs: NDArray[np.intp], draws: NDArray[np.float64]) -> None:
        start = (draws[0] * len(self.graph.starts)).astype(np.intp)
        self.places[envs] = self.graph.starts[start]

    def step(self, actions: NDArray[np.int64]) -> StepResult:
        values = self.action_values()
        regret = values.max(axis=1) - values.take(self._first_action + actions)
        move = self.places * NUM_ACTIONS + actions
        rewards = self.graph.pickups.take(move)
        self.places = self.graph.next_places.take(move)
        hit = self.graph.goal_at.take(self.places) == self.goals
        rewards += GOAL_REWARD * hit
        trial = self.runs.copy()
        terminated = self._end_step(hit)
        return rewards, regret, trial, terminated

    def observe(self) -> NDArray[np.float32]:
        return self.graph.views[self.goals, self.places]

    def action_values(self) -> NDArray[np.float64]:
        values, reached = self.values
        left, goals = self.episode_length - self.steps - 1, self.goals
        places = self.graph.next_places.take(self.places, axis=0)
        hit = self.graph.goal_at.take(places) == goals[:, None]
        later = values[left[:, None], goals[:, None], places]
        later = np.where(hit, reached[left, goals][:, None], later)
        return self.graph.pickups.take(self.places, axis=0) + later

    def _scene(self, env: int) -> rendering.Scene:
        cell, left = divmod(int(self.places[env]), self.graph.sets)
        there = [bool(left >> bit & 1) for bit in range(self.graph.num_apples)]
        apples = self.maze.apples[: self.graph.num_apples][there]
        goal = int(self.maze.goals[self.goals[env]]) if self.reveal else None
        return rendering.Scene(self.maze, goal, apples, self.maze.centres(np.array(cell)), None)

    def render_ansi(self, env: int, history: Sequence[tuple[int, float]]) -> str:
        """The map: `@` the agent, `G` the goal, `a` an apple."""
        return rendering.text(self._scene(env), self.episode_length, history)

    def render_rgb(self, env: int, history: Sequence[tuple[int, float]]) -> NDArray[np.uint8]:
        """What the agent sees, beside it the map from above; below, a bar a step.

        The view: open cells are light, the agent in their middle; the goal is gold, an apple
        orange.
        """
        side = self.view_size
        seen = self.graph.views[self.goals[env], self.places[env]].reshape(-1, side, side)
        view = rendering.draw_view(seen)
        return rendering.draw(self, view, self._scene(env), int(self.runs[env]), history)
