"""One-shot navigation in the I-maze of Wang et al. 2016, in first person."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_count, check_flag
from meta_envs.core.extras import install_hint
from meta_envs.core.family import StepResult
from meta_envs.tasks.mazes import rendering, textures
from meta_envs.tasks.mazes.graph import APPLE_REWARD, GOAL_REWARD
from meta_envs.tasks.mazes.maze_map import I_MAZE, read_maze
from meta_envs.tasks.mazes.maze_task import MazeTask

IMAGE_SHAPE = (84, 84, 3)
HALF_WIDTH = 1.0
"""Tangent of half the angle of view, which is 90 degrees."""
HEADINGS = 72
MOST_REPEAT = 1_000
SPEED = 0.075
"""Cells that the agent moves in a frame."""
GOAL_REACH, APPLE_REACH = 0.5, 0.4
"""From how far the goal and an apple are taken, in cells."""
TURNS = np.array((-1, 1, 0, 0, 0, 0, -1, 1))
FORWARD = np.array((0, 0, 1, -1, 0, 0, 1, 1))
RIGHT = np.array((0, 0, 0, 0, -1, 1, 0, 0))
"""What an action does in a frame: headings turned to the right, steps forward and to the right."""


class Kernels(NamedTuple):
    """What is compiled, see `maze_walk.walk` and `raycaster.draw`."""

    walk: Any
    draw: Any


class Tables(NamedTuple):
    """What never changes; all environments share it.

    Attributes:
        moves: Of each action: headings to turn, cells forward and to the right, shape (8, 3).
        directions: Unit vector (x, y) of each heading, clockwise on the map from the right.
        reach: From how far the goal and an apple are taken.
    """

    moves: NDArray[np.float64]
    directions: NDArray[np.float64]
    reach: NDArray[np.float64]


class Centres(NamedTuple):
    """The middles of a maze's special cells, each (x, y) in cells, shape (cells, 2)."""

    starts: NDArray[np.float64]
    goals: NDArray[np.float64]
    apples: NDArray[np.float64]


class IMaze(MazeTask):
    """One-shot navigation in an I-shaped maze, from pixels in first person.

    ## Description
    The maze is a corridor with two arms at either end; at the end of each arm is an alcove around
    the corner. The goal, a golden ball, is in one of the four alcoves, the same one for the whole
    episode, and cannot be seen from the corridor. Whenever the agent reaches it, it is put back
    into the corridor, somewhere else and looking another way. A good agent searches the alcoves
    once, the two nearest first, and from then on goes straight to the one it has found. The walls
    are of bricks, and each arm has a colour of its own. `MetaIMazeGrid-v0` is the same maze as a
    grid.

    ```
    11111#22222
    1         2      # and digits: walls, each digit another colour
    1         2      a space: floor
    1         2      S: where a run can start
    1 1#SAS#2 2      G: where the goal can be
    1G1#SSS#2G2      A: an apple
    ####SSS####
    3G3#SSS#4G4
    3 3#SAS#4 4
    3         4
    3         4
    3         4
    33333#44444
    ```

    ![From above, and from eight viewpoints](../figures/i_maze.png)

    It needs Numba, which the extra `visual` brings.

    ## Action Space
    `Discrete(8)`: 0 turn left, 1 turn right, 2 forward, 3 backward, 4 step to the left, 5 step to
    the right, 6 forward and turn left, 7 forward and turn right. An action is held for
    `action_repeat` frames; in a frame the agent turns by 5 degrees and moves by 0.075 cells. It is
    a disc with a radius of 0.2 cells that slides along walls.

    ## Observation Space
    `Dict`: `image`, uint8 of shape (84, 84, 3), what the agent sees, 90 degrees wide;
    `last_action`, one-hot, shape (8,); `last_reward`, shape (1,). The last two are zero at the
    first step. `inputs` leaves them out or adds "done", as `last_done`, and "timestep". The
    images are the same, bit for bit, on every machine.

    ## Starting State
    The goal is drawn once an episode, uniformly from all `G`. Every run starts in the middle of a
    cell of its own, drawn uniformly from all `S`, looking along one of 72 headings, drawn
    uniformly; these are noise and no part of the task.

    ## Rewards
    10 for coming nearer to the goal's place than 0.5 cells, and 1 for coming nearer to an apple's
    than 0.4. Apples are there again when the next run starts. Reaching the goal ends the step.

    What the best policy gets is not known. None can have a higher mean return than 468: an
    informed agent that turns in no time, on the shortest paths, gets no more. Straight to the
    goal those take a mean of 20.7 steps.

    ## Episode End
    Terminates after `num_steps` steps; reaching the goal ends a run and not the episode.

    ## Information
    `step` returns `trial`, the number of goals reached before; regret is not known.
    `env.unwrapped.task` is `{"goal": k}`, k the number of the goal's `G` on the map, row by row
    from 0, and `env.reset(options={"task": task})` plays it again.

    ## Arguments
    - `map=None`: another maze, as text with a line a row, made of `#` and `1` to `6` (walls),
      spaces (floor), `S`, `G` and `A`, at most 10,000 cells; None is the one above.
    - `apples=True`: whether there are apples.
    - `num_steps=900`: steps in an episode, 1 to 50,000.
    - `action_repeat=4`: frames that an action is held for, 1 to 1,000.
    - `inputs=("action", "reward")`: parts of the observation to show besides the image.
    - `render_mode=None`: "ansi" or "rgb_array".

    ## References
    - Wang et al. 2016, "Learning to reinforcement learn", arXiv 1611.05763, section 3.2.3.
    - Mirowski et al. 2017, "Learning to navigate in complex environments", arXiv 1611.03673, whose
      maze it is. They give its shape, that its position was decoded in 77 cells, the kinds of
      actions and the rewards; 3,600 frames are their length for small mazes and four frames an
      action the field's custom. Which 77 cells, the number and the places of apples, that they
      come back, speed, turns, angle of view and colours are choices. The speed lets an agent that
      goes straight reach the goal about as often as theirs.

    ## Version History
    - v0: first version.
    """

    optimum = "meta_envs.optimal.mazes.i_maze"
    episode_arrays = (*MazeTask.episode_arrays, "positions", "headings", "apples_left")
    has_regret = False
    action_names = (
        "turn left",
        "turn right",
        "forward",
        "backward",
        "step left",
        "step right",
        "forward, turning left",
        "forward, turning right",
    )

    def __init__(
        self,
        num_envs: int,
        map: str | None = None,
        apples: bool = True,
        num_steps: int = 900,
        action_repeat: int = 4,
    ) -> None:
        maze = read_maze(I_MAZE if map is None else map)
        self.apples = check_flag("apples", apples)
        self.action_repeat = check_count(
            "action_repeat", action_repeat, minimum=1, maximum=MOST_REPEAT
        )
        num_apples = len(maze.apples) if self.apples else 0
        cells = maze.starts, maze.goals, maze.apples[:num_apples]
        self.centres = Centres(*(maze.centres(group) for group in cells))
        self.kernels = load_kernels()
        super().__init__(
            num_envs,
            maze=maze,
            num_steps=num_steps,
            draws_per_run=2,  # Where it starts, and its heading.
            num_actions=len(TURNS),
            image_shape=IMAGE_SHAPE,
            reward_range=(0.0, GOAL_REWARD + APPLE_REWARD * num_apples),
            episode_size=4 * num_apples,
        )
        self.tables = make_tables()
        self.positions = np.ones((self.num_envs, 2))
        self.headings = np.zeros(self.num_envs, np.int64)
        self.apples_left = np.ones((self.num_envs, num_apples), np.bool_)

    def _start_run(self, envs: NDArray[np.intp], draws: NDArray[np.float64]) -> None:
        start, heading = draws
        starts = self.centres.starts
        self.positions[envs] = starts[(start * len(starts)).astype(np.intp)]
        self.headings[envs] = (heading * HEADINGS).astype(np.int64)
        self.apples_left[envs] = True

    def step(self, actions: NDArray[np.int64]) -> StepResult:
        found, hits = np.zeros(self.num_envs, np.int64), np.zeros(self.num_envs, np.bool_)
        self.kernels.walk(
            actions,
            self.tables.moves,
            self.action_repeat,
            self.maze.walls,
            self.tables.directions,
            self.centres.goals[self.goals],
            self.centres.apples,
            self.tables.reach,
            self.positions,
            self.headings,
            self.apples_left,
            found,
            hits,
        )
        rewards = GOAL_REWARD * hits + APPLE_REWARD * found
        trial = self.runs.copy()
        terminated = self._end_step(hits)
        return rewards, np.zeros(self.num_envs), trial, terminated

    def draw_images(self, envs: NDArray[np.intp], images: NDArray[np.uint8]) -> None:
        things = np.full((self.num_envs, 1 + self.apples_left.shape[1], 3), textures.GOAL, float)
        things[:, 0, :2] = self.centres.goals[self.goals]
        things[:, 1:, :2] = self.centres.apples
        things[:, 1:, 2] = np.where(self.apples_left, textures.APPLE, -1)
        self.kernels.draw(
            envs,
            self.positions,
            self.tables.directions[self.headings],
            self.maze.walls,
            textures.wall_textures(),
            textures.GROUNDS,
            things,
            textures.sprites(),
            textures.SIZES,
            HALF_WIDTH,
            images,
        )

    def scene(self, env: int) -> rendering.Scene:
        """What an episode looks like from above."""
        left = self.maze.apples[: self.apples_left.shape[1]][self.apples_left[env]]
        goal = int(self.maze.goals[self.goals[env]]) if self.reveal else None
        direction = self.tables.directions[self.headings[env]]
        return rendering.Scene(self.maze, goal, left, self.positions[env], direction)

    def render_ansi(self, env: int, history: Sequence[tuple[int, float]]) -> str:
        """The map: an arrow where the agent is and looks to, `G` the goal, `a` an apple."""
        return rendering.text(self.scene(env), self.episode_length, history)

    def render_rgb(self, env: int, history: Sequence[tuple[int, float]]) -> NDArray[np.uint8]:
        """What the agent sees, beside it the map from above; below, a bar a step."""
        images = np.zeros((self.num_envs, *IMAGE_SHAPE), np.uint8)
        self.draw_images(np.array([env]), images)
        view = rendering.enlarge(images[env])
        return rendering.draw(self, view, self.scene(env), int(self.runs[env]), history)


@lru_cache(maxsize=1)
def make_tables() -> Tables:
    """The tables of actions and headings.

    Sines and cosines are rounded, as their last digit may differ between machines.
    """
    angles = 2 * np.pi * np.arange(HEADINGS) / HEADINGS
    directions = np.round(np.stack([np.cos(angles), np.sin(angles)], axis=1), 12)
    moves = np.stack([TURNS, SPEED * FORWARD, SPEED * RIGHT], axis=1)
    return Tables(moves, directions, np.array([GOAL_REACH, APPLE_REACH]))


def load_kernels() -> Kernels:
    """What is compiled, or an error that says how to install what compiles it.

    Raises:
        DependencyNotInstalled: If Numba is missing.
    """
    try:
        from meta_envs.tasks.mazes import raycaster, walk
    except ModuleNotFoundError as error:
        raise gym.error.DependencyNotInstalled(
            f"MetaIMaze needs Numba: {install_hint('visual')}"
        ) from error
    return Kernels(walk.walk, raycaster.draw)
