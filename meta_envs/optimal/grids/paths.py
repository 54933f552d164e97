"""Paths through a room: the shortest between two cells, and a Hamiltonian cycle."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from meta_envs.optimal.numerics.limits import check_size
from meta_envs.tasks.grids.grid import NUM_ACTIONS, distances, next_cells


@lru_cache(maxsize=8)
def first_moves(size: int) -> NDArray[np.intp]:
    """The first action on a shortest path between two cells, shape (cells, cells)."""
    # Of every move, and of every cell beside it.
    numbers = (1 + NUM_ACTIONS) * size**4
    check_size("size", size, numbers=numbers, memory=8 * numbers)
    # No-op stands first: where one is already there nothing is nearer.
    return np.asarray(distances(size)[next_cells(size)].argmin(axis=1))


@lru_cache(maxsize=8)
def hamiltonian_cycle(size: int) -> NDArray[np.intp]:
    """A cycle through the room: where to go from each cell, and where it was come from.

    Where the number of cells is odd there is no cycle of all: one in a corner is left out, and
    visited from the cell next to it.

    Args:
        size: Cells a side, at least 2.

    Returns:
        Shape (3, cells): the detour from each cell, the cell itself where there is none; the
        next cell; the last one.
    """
    order = np.array(_cells_of_cycle(size))
    cells = np.arange(size * size)
    detour, after, before = cells.copy(), cells.copy(), cells.copy()
    after[order], before[order] = np.roll(order, -1), np.roll(order, 1)
    for corner in np.setdiff1d(cells, order):
        beside = corner - size
        detour[beside] = corner
        after[corner] = before[corner] = beside
    return np.stack([detour, after, before])


def _cells_of_cycle(size: int) -> list[int]:
    """The cells of the cycle in order: rows to and fro, and back along the left wall.

    With an odd side the last two rows are taken together, column by column, which leaves out
    the corner at the end of the left wall.
    """
    odd = size % 2
    order = []
    for y in range(size - 2 * odd):
        row = range(1, size) if y % 2 == 0 else range(size - 1, 0, -1)
        order += [(x, y) for x in row]
    if odd:
        for x in range(size - 1, 0, -1):
            pair = (size - 2, size - 1) if x % 2 == 0 else (size - 1, size - 2)
            order += [(x, y) for y in pair]
    order += [(0, y) for y in range(size - 1 - odd, -1, -1)]
    return [y * size + x for x, y in order]
