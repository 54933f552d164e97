"""Mazes as text: reading and checking them, and what can be seen from where."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from meta_envs.core.checks import shown

WALLS = "#123456"
"""Walls, alike to walk against and each of another colour to look at."""
FLOOR, START, GOAL, APPLE = " SGA"
MOST_CELLS = 10_000

I_MAZE = """\
11111#22222
1         2
1         2
1         2
1 1#SAS#2 2
1G1#SSS#2G2
####SSS####
3G3#SSS#4G4
3 3#SAS#4 4
3         4
3         4
3         4
33333#44444
"""
"""The I of 77 cells: a corridor, four arms, and at the end of each an alcove around the corner."""


class Maze(NamedTuple):
    """A maze. Cells are numbered row by row from the top left.

    Attributes:
        text: The map, its rows of one length and without blank ones around it.
        walls: 0 where a cell is open, else one more than the wall's place in `WALLS`, uint8 of
            shape (rows, columns).
        starts: Cells where a run can start, in increasing order.
        goals: Cells where the goal can be, in increasing order.
        apples: Cells with an apple, in increasing order.
    """

    text: str
    walls: NDArray[np.uint8]
    starts: NDArray[np.intp]
    goals: NDArray[np.intp]
    apples: NDArray[np.intp]

    @property
    def open(self) -> NDArray[np.bool_]:
        """Where one can be, shape (rows, columns)."""
        return self.walls == 0

    def centres(self, cells: NDArray[np.intp]) -> NDArray[np.float64]:
        """The middle of cells as (x, y) in cells from the top left, shape (cells, 2)."""
        rows, columns = np.divmod(cells, self.walls.shape[1])
        return np.stack([columns + 0.5, rows + 0.5], axis=-1)


def read_maze(text: Any) -> Maze:
    """Reads a map.

    Args:
        text: A line for each row of the maze; blank lines around it do not count, and a shorter
            row is filled up with wall.

    Raises:
        ValueError: If the map is not text, has an unknown character, is not closed, lacks a
            start or a goal, has more than `MOST_CELLS`, or has something that cannot be
            reached from every start.
    """
    if not isinstance(text, str):
        raise ValueError(f"map must be text with a line for each row, got {shown(text)}")
    return _read(text)


@lru_cache(maxsize=64)
def _read(text: str) -> Maze:
    rows = text.strip("\n").split("\n")
    width = max(map(len, rows))
    if len(rows) * width > MOST_CELLS:
        raise ValueError(
            f"map must be a maze of at most {MOST_CELLS} cells, got {len(rows)} rows of {width}"
        )
    letters = np.array([list(row.ljust(width, WALLS[0])) for row in rows])
    known = WALLS + FLOOR + START + GOAL + APPLE
    for row, column in np.argwhere(~np.isin(letters, list(known))).tolist():
        raise ValueError(
            f"map must be made of {known!r}, got {str(letters[row, column])!r} in row {row}, "
            f"column {column}"
        )
    walls = np.zeros(letters.shape, np.uint8)
    for kind, letter in enumerate(WALLS):
        walls[letters == letter] = kind + 1
    edge = np.ones(walls.shape, np.bool_)
    edge[1:-1, 1:-1] = False
    for row, column in np.argwhere(edge & (walls == 0)).tolist():
        raise ValueError(
            f"map must be closed by walls, but row {row}, column {column} on its edge is open"
        )
    cells = {letter: np.flatnonzero(letters == letter) for letter in (START, GOAL, APPLE)}
    for letter, name in ((START, "start"), (GOAL, "goal")):
        if not len(cells[letter]):
            raise ValueError(f"map must be a maze with at least one {name} ({letter}), got none")
    maze = Maze("\n".join("".join(row) for row in letters.tolist()) + "\n", walls, *cells.values())
    _check_reachable(maze)
    for array in (maze.walls, maze.starts, maze.goals, maze.apples):
        array.setflags(write=False)  # They are shared.
    return maze


def _check_reachable(maze: Maze) -> None:
    start = np.arange(maze.walls.size).reshape(maze.walls.shape) == maze.starts[0]
    reached = spread(start, maze.open)
    for name, cells in (("start", maze.starts), ("goal", maze.goals), ("apple", maze.apples)):
        for cell in cells[~reached.ravel()[cells]].tolist():
            row, column = divmod(cell, maze.walls.shape[1])
            raise ValueError(
                f"map must be a maze in one piece, but the {name} in row {row}, column {column} "
                "cannot be reached from the first start"
            )


def in_sight(maze: Maze, reach: int) -> NDArray[np.bool_]:
    """What can be seen from each cell, shape (cells, 2 * reach + 1, 2 * reach + 1).

    An open cell is seen if it can be walked to without leaving what is within reach, so that
    nothing is seen through a wall. Walls themselves are not seen.

    Args:
        maze: The maze.
        reach: How many cells away the farthest that is seen is, along rows and columns.
    """
    side = 2 * reach + 1
    windows = sliding_window_view(np.pad(maze.open, reach), (side, side)).reshape(-1, side, side)
    seen = np.zeros_like(windows)
    seen[:, reach, reach] = maze.open.ravel()
    return spread(seen, windows)


def spread(reached: NDArray[np.bool_], open_cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The cells that can be walked to from those reached; both of shape (..., rows, columns)."""
    while True:
        around = np.pad(reached, [(0, 0)] * (reached.ndim - 2) + [(1, 1), (1, 1)])
        wider = reached | around[..., :-2, 1:-1] | around[..., 2:, 1:-1]
        wider |= around[..., 1:-1, :-2] | around[..., 1:-1, 2:]
        wider &= open_cells
        if (wider == reached).all():
            return reached
        reached = wider
