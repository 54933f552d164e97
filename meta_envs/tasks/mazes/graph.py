"""A maze as a grid: where each move leads, what can be seen there, and what it is worth."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meta_envs.tasks.grids.grid import MOVES, NUM_ACTIONS
from meta_envs.tasks.mazes.maze_map import Maze, in_sight, read_maze

GOAL_REWARD, APPLE_REWARD = 10.0, 1.0
MAX_APPLES = 4
"""The most apples of a grid: every set of apples left is a copy of all its cells."""


class MazeGraph(NamedTuple):
    """The places of a maze and the moves between them.

    A place is a cell together with the apples left: cell * 2 ** apples + apples left, a bit each.

    Attributes:
        maze: The maze.
        num_apples: Apples that there are at a run's start, the first of `maze.apples`.
        next_places: Where each action leads, shape (places, actions); a wall stops.
        pickups: What the apple that it finds pays, same shape.
        starts: Places in which a run can start, shape (starts,).
        goal_at: The number of the goal that can be in a place's cell, -1 elsewhere, (places,).
        in_sight: What can be seen from each cell, see `maze_map.in_sight`.
        views: What the agent sees, float32 of shape (goals, places, channels * side * side).
    """

    maze: Maze
    num_apples: int
    next_places: NDArray[np.intp]
    pickups: NDArray[np.float64]
    starts: NDArray[np.intp]
    goal_at: NDArray[np.intp]
    in_sight: NDArray[np.bool_]
    views: NDArray[np.float32]

    @property
    def sets(self) -> int:
        """Sets of apples that can be left: places a cell."""
        return 1 << self.num_apples

    @property
    def goals_in_sight(self) -> NDArray[np.bool_]:
        """Which goal cells can be seen from each place, shape (places, goals)."""
        goals = self.maze.goals
        seen = np.stack([spot(self.maze, self.in_sight, cell) for cell in goals.tolist()], axis=1)
        return seen.any(axis=(2, 3)).repeat(self.sets, axis=0)


@lru_cache(maxsize=16)
def make_graph(text: str, with_apples: bool, view_size: int) -> MazeGraph:
    """The graph of a map with views of `view_size` cells a side."""
    maze = read_maze(text)
    num_apples = len(maze.apples) if with_apples else 0
    sets = 1 << num_apples
    next_places, pickups = _moves(maze, num_apples)
    goal_at = np.full(maze.walls.size, -1)
    goal_at[maze.goals] = np.arange(len(maze.goals))
    seen = in_sight(maze, view_size // 2)
    return MazeGraph(
        maze=maze,
        num_apples=num_apples,
        next_places=next_places,
        pickups=pickups,
        starts=maze.starts * sets + sets - 1,
        goal_at=goal_at.repeat(sets),
        in_sight=seen,
        views=_views(maze, seen, num_apples),
    )


def _moves(maze: Maze, num_apples: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    rows, columns = maze.walls.shape
    row, column = np.divmod(np.arange(rows * columns)[:, None], columns)
    # Rows of a map grow downwards.
    to_row = np.clip(row - MOVES[:, 1], 0, rows - 1)
    to_column = np.clip(column + MOVES[:, 0], 0, columns - 1)
    cells = to_row * columns + to_column
    cells = np.where(maze.open.ravel()[cells], cells, row * columns + column)
    bit_at = np.zeros(rows * columns, np.intp)
    bit_at[maze.apples[:num_apples]] = 1 << np.arange(num_apples)
    left = np.arange(1 << num_apples)[None, :, None]
    found = bit_at[cells][:, None] & left
    places = cells[:, None] * (1 << num_apples) + (left - found)
    pickups = np.where(found > 0, APPLE_REWARD, 0.0)
    return places.reshape(-1, NUM_ACTIONS), pickups.reshape(-1, NUM_ACTIONS)


def spot(maze: Maze, seen: NDArray[np.bool_], cell: int) -> NDArray[np.bool_]:
    """Where in the view from each cell one cell is seen, shape (cells, side, side)."""
    side = seen.shape[-1]
    row, column = np.divmod(np.arange(maze.walls.size), maze.walls.shape[1])
    i = cell // maze.walls.shape[1] - row[:, None, None] + side // 2
    j = cell % maze.walls.shape[1] - column[:, None, None] + side // 2
    return seen & (np.arange(side)[:, None] == i) & (np.arange(side) == j)


def _views(maze: Maze, seen: NDArray[np.bool_], num_apples: int) -> NDArray[np.float32]:
    sets = np.arange(1 << num_apples)
    shape = (len(maze.goals), len(seen), len(sets), *seen.shape[1:])
    floor = np.broadcast_to(seen[None, :, None], shape)
    goal = np.stack([spot(maze, seen, cell) for cell in maze.goals.tolist()])
    channels = [floor, np.broadcast_to(goal[:, :, None], shape)]
    if num_apples:
        apples = np.zeros(shape[1:], np.bool_)
        for bit, cell in enumerate(maze.apples[:num_apples].tolist()):
            there = (sets >> bit & 1).astype(np.bool_)[None, :, None, None]
            apples |= spot(maze, seen, cell)[:, None] & there
        channels.append(np.broadcast_to(apples, shape))
    views = np.stack(channels, axis=3).astype(np.float32)
    return views.reshape(len(maze.goals), len(seen) * len(sets), -1)


@lru_cache(maxsize=16)
def informed_values(
    text: str, with_apples: bool, view_size: int, num_steps: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What the rest of an episode is worth to an informed agent, by backward induction.

    It knows the goal and its place, and does not know before where the next run starts.

    Returns:
        Values, shape (steps left, goals, places), the first axis from 0 to `num_steps`; and what
        reaching the goal is worth with that many steps left after it, (steps left, goals).
    """
    graph = make_graph(text, with_apples, view_size)
    goals = len(graph.maze.goals)
    values = np.zeros((num_steps + 1, goals, len(graph.next_places)))
    reached = np.full((num_steps + 1, goals), GOAL_REWARD)
    hit = graph.goal_at[graph.next_places] == np.arange(goals)[:, None, None]
    for left in range(1, num_steps + 1):
        later = np.where(
            hit, reached[left - 1, :, None, None], values[left - 1][:, graph.next_places]
        )
        values[left] = (graph.pickups + later).max(axis=-1)
        reached[left] += values[left][:, graph.starts].mean(axis=-1)
    return values, reached
