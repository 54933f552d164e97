"""Walking through a maze as a disc that slides along walls; compiled with Numba."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.compiled import compiled

RADIUS = 0.2
"""Of the agent, in cells; longer than a step, so that no step leads into or past a wall."""


@compiled
def walk(
    actions: NDArray[np.int64],
    moves: NDArray[np.float64],
    repeat: int,
    walls: NDArray[np.uint8],
    table: NDArray[np.float64],
    goals: NDArray[np.float64],
    apples: NDArray[np.float64],
    reach: NDArray[np.float64],
    positions: NDArray[np.float64],
    headings: NDArray[np.int64],
    apples_left: NDArray[np.bool_],
    found: NDArray[np.int64],
    hits: NDArray[np.bool_],
) -> None:
    """Plays an action in every episode, `repeat` times over or until the goal is reached.

    Args:
        actions: Shape (num_envs,).
        moves: Of each action: headings to turn, cells forward and cells to the right, (8, 3).
        repeat: Frames that the action is held for.
        walls: See `maze_map.Maze`.
        table: Unit vector (x, y) of each heading, shape (headings, 2).
        goals: Where each episode's goal is, (x, y), shape (num_envs, 2).
        apples: Where the apples are, shape (apples, 2).
        reach: From how far the goal and an apple are taken.
        positions: Where the agents are, changed in place, shape (num_envs, 2).
        headings: Where they look, as rows of `table`, changed in place.
        apples_left: Which apples are there, changed in place, shape (num_envs, apples).
        found: To be written: apples taken.
        hits: To be written: whether the goal was reached.
    """
    for env in range(len(actions)):
        turn, forward, right = moves[actions[env]]
        found[env], hits[env] = 0, False
        for _ in range(repeat):
            headings[env] = (headings[env] + int(turn)) % len(table)
            ahead_x, ahead_y = table[headings[env]]
            x = positions[env, 0] + forward * ahead_x - right * ahead_y
            y = positions[env, 1] + forward * ahead_y + right * ahead_x
            x, y = keep_clear(x, y, walls)
            positions[env] = x, y
            for apple in range(len(apples)):
                if apples_left[env, apple] and near(x, y, apples[apple], reach[1]):
                    apples_left[env, apple] = False
                    found[env] += 1
            if near(x, y, goals[env], reach[0]):
                hits[env] = True
                break


@compiled
def near(x: float, y: float, place: NDArray[np.float64], reach: float) -> bool:
    """Whether a place is within reach."""
    return (x - place[0]) ** 2 + (y - place[1]) ** 2 < reach**2


@compiled
def keep_clear(x: float, y: float, walls: NDArray[np.uint8]) -> tuple[float, float]:
    """The nearest place where the disc touches walls and does not overlap them.

    What is left of a step into a wall leads along it, which is how the agent slides.
    """
    column, row = int(x), int(y)
    if walls[row, column - 1]:
        x = max(x, column + RADIUS)
    if walls[row, column + 1]:
        x = min(x, column + 1 - RADIUS)
    if walls[row - 1, column]:
        y = max(y, row + RADIUS)
    if walls[row + 1, column]:
        y = min(y, row + 1 - RADIUS)
    for across in (-1, 1):
        for down in (-1, 1):
            # A wall that is met at its corner alone: the two beside it are open.
            if (
                walls[row + down, column + across]
                and not walls[row, column + across]
                and not walls[row + down, column]
            ):
                dx, dy = x - (column + (across + 1) // 2), y - (row + (down + 1) // 2)
                distance = np.sqrt(dx * dx + dy * dy)
                if distance < RADIUS:
                    x += dx / distance * (RADIUS - distance)
                    y += dy / distance * (RADIUS - distance)
    return x, y
