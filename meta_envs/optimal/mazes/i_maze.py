"""A bound on what any policy can get in the maze in first person; the best policy is not known.

The bound is what an informed agent would get that turns in no time and is no wider than a point.
Such an agent walks along straight lines from corner to corner, so that the
shortest path between two places is one through a graph of them and of the walls' corners. For each
run it chooses which apples are worth the detour.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from meta_envs.optimal.numerics.limits import check_size
from meta_envs.tasks.mazes.graph import APPLE_REWARD, GOAL_REWARD
from meta_envs.tasks.mazes.i_maze import APPLE_REACH, GOAL_REACH, SPEED, IMaze
from meta_envs.tasks.mazes.maze_map import Maze, read_maze
from meta_envs.tasks.mazes.walk import RADIUS

MAX_APPLES = 8
"""The most apples for which the sets of them are planned over."""
FASTEST = 2 * RADIUS * math.sin(math.asin(SPEED / RADIUS) / 2)
"""Cells that a frame can lead at most: a little more than `SPEED` for a disc at a corner."""
SLACK = 1e-9
"""Walls are taken to be this much thinner, and paths this much shorter, than they are."""


def optimal_bound(family: IMaze) -> float:
    """A mean return that no policy can reach: that of an informed agent, and more.

    Raises:
        ValueError: If there are too many apples.
    """
    to_goals, to_apples = _run_steps(family)
    length = family.episode_length
    taken = _counts(to_apples.shape[-1]) * APPLE_REWARD
    values = np.zeros((length + 1, len(to_goals)))
    for left in range(1, length + 1):
        # Paths to the goal, shape (goals, starts, sets of apples); then paths to apples alone.
        goal = np.arange(len(to_goals))[:, None, None]
        after = values[np.maximum(left - to_goals, 0), goal]
        best = np.where(to_goals <= left, GOAL_REWARD + taken + after, 0.0).max(axis=2)
        at_last = np.where(to_apples <= left, taken, 0.0).max(axis=1)
        values[left] = np.maximum(best, at_last).mean(axis=1)
    return float(values[length].mean())


def least_steps(family: IMaze) -> float:
    """Steps that a path straight to the goal takes at least, the mean over starts and goals."""
    return float(_run_steps(family)[0][..., 0].mean())


def _run_steps(family: IMaze) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Steps that a run takes at least.

    Returns:
        To each goal, by start and by the set of apples taken on the way, a bit each, shape (goals,
        starts, sets); and without going on to a goal, shape (starts, sets).

    Raises:
        ValueError: If there are too many apples.
    """
    apples = family.apples_left.shape[1]
    if apples > MAX_APPLES:
        raise ValueError(f"the bound is known for at most {MAX_APPLES} apples, got {apples}")
    to_goals, to_apples = _run_lengths(family.maze.text, apples)
    frames = [np.ceil(np.maximum(path - SLACK, 0) / FASTEST) for path in (to_goals, to_apples)]
    # A run takes a step, even if the goal is in reach at its start.
    steps = [np.maximum(np.ceil(f / family.action_repeat), 1).astype(np.intp) for f in frames]
    return steps[0], steps[1]


@lru_cache(maxsize=8)
def _run_lengths(text: str, apples: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lengths of the shortest paths of a run in cells, as in `_run_steps`."""
    maze = read_maze(text)
    cells = np.concatenate([maze.apples[:apples], maze.starts, maze.goals])
    far = shortest_paths(maze, maze.centres(cells))
    starts, goals = (
        slice(apples, apples + len(maze.starts)),
        slice(apples + len(maze.starts), None),
    )
    # paths[start, taken, last]: through all apples of a set, `last` at the end.
    paths = np.full((len(maze.starts), 1 << apples, apples), np.inf)
    to_goals = np.empty((len(maze.goals), len(maze.starts), 1 << apples))
    to_apples = np.zeros((len(maze.starts), 1 << apples))
    to_goals[:, :, 0] = far[goals, starts] - GOAL_REACH
    for taken in range(1, 1 << apples):
        members = [apple for apple in range(apples) if taken >> apple & 1]
        for last in members:
            before = taken & ~(1 << last)
            if before:
                # An apple is taken at the edge of its reach at best, which may be on the way.
                path = (paths[:, before] + far[:apples, last]).min(axis=1) - 2 * APPLE_REACH
            else:
                path = far[starts, last] - APPLE_REACH
            paths[:, taken, last] = path
        # No path gets shorter by having to lead past one more apple.
        fewer = [taken & ~(1 << apple) for apple in members]
        to_apples[:, taken] = paths[:, taken].min(axis=1)
        to_apples[:, taken] = to_apples[:, [taken, *fewer]].max(axis=1)
        on = paths[:, taken, None] + far[goals, :apples] - APPLE_REACH - GOAL_REACH
        to_goals[:, :, taken] = on.min(axis=2).T
        to_goals[:, :, taken] = to_goals[:, :, [taken, *fewer]].max(axis=2)
    return to_goals, to_apples


def shortest_paths(maze: Maze, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lengths of the shortest paths of a point between places, shape (places, places).

    Args:
        maze: The maze.
        places: (x, y) in cells, shape (places, 2).
    """
    corners = np.argwhere(np.ones(np.add(maze.walls.shape, 1)))[:, ::-1]
    solid = np.pad(~maze.open, 1, constant_values=True).astype(np.intp)
    around = solid[:-1, :-1] + solid[:-1, 1:] + solid[1:, :-1] + solid[1:, 1:]
    # A shortest path bends only around a wall that sticks out; two may meet at their corners.
    sticks_out = (around == 1) | ((around == 2) & (solid[:-1, :-1] == solid[1:, 1:]))
    nodes = np.concatenate([places, corners[sticks_out.ravel()]])
    cells = maze.walls.size
    blocked = len(nodes) * cells
    check_size("map", f"{cells} cells", numbers=len(nodes) * blocked, memory=150 * blocked)
    far = np.linalg.norm(nodes[:, None] - nodes, axis=-1)
    for i, node in enumerate(nodes):
        far[i, _blocked(node, nodes, maze)] = np.inf
    for middle in range(len(nodes)):
        far = np.minimum(far, far[:, middle, None] + far[middle])
    return far[: len(places), : len(places)]


def _blocked(
    start: NDArray[np.float64], ends: NDArray[np.float64], maze: Maze
) -> NDArray[np.bool_]:
    """Whether the straight line from one place to each of others leads through a wall."""
    low = np.argwhere(maze.walls)[:, ::-1] + SLACK
    along = (ends - start)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = (low - start) / along, (low + 1 - 2 * SLACK - start) / along
    # Along an axis on which nothing changes one is between the sides all the way, or never.
    inside = (start > low) & (start < low + 1 - 2 * SLACK)
    enter = np.where(along == 0, np.where(inside, -np.inf, np.inf), np.minimum(first, second))
    leave = np.where(along == 0, np.where(inside, np.inf, -np.inf), np.maximum(first, second))
    return (np.maximum(enter.max(axis=2), 0) < np.minimum(leave.min(axis=2), 1)).any(axis=1)


def _counts(sets: int) -> NDArray[np.intp]:
    """How many members each set has."""
    return np.array([number.bit_count() for number in range(sets)])
