"""Matrix products whose sums are taken in a fixed order.

The right factor is cut into panels, columns that stand together, so that a vector of columns is
read at once and nothing is ever summed across a vector. Each number of a product is one sum, from
the first term to the last, whatever the processor and however many rows there are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.networks.kernels.vector import fill, load, store
from meta_envs.core.compiled import compiled

Array = NDArray[np.float32]

PANEL = 16
"""Columns of a panel: a vector's width, as a number in `load` and `fill`."""
LANES = 8
"""Width of a vector where the arithmetic goes number by number."""
BLOCK = 128
"""Rows of a gradient that are summed before they are added to the others: one long sum would lose
digits, and short ones cost time."""
WIDE = 512
"""Columns from which on the rows of a gradient's factor are on too many pages of memory to be read
over and over: each panel is copied first."""
ZERO = np.float32(0)


def padded(size: int, multiple: int = PANEL) -> int:
    """The least multiple of some number that is no less than a size."""
    return -(-size // multiple) * multiple


def row_length(columns: int) -> int:
    """Numbers to keep for a row of so many columns, which are more than it needs.

    An odd number of panels: with a power of two, the same column of many rows would compete for
    the same few places of the processor's cache.
    """
    panels = padded(columns) // PANEL
    return PANEL * (panels + 1 - panels % 2)


def in_panels(matrix: Array) -> Array:
    """A matrix as panels, shape (panels, rows, PANEL), filled up with zeros on the right."""
    rows, columns = matrix.shape
    wide = np.zeros((rows, padded(columns)), np.float32)
    wide[:, :columns] = matrix
    return np.ascontiguousarray(wide.reshape(rows, -1, PANEL).transpose(1, 0, 2))


@compiled
def multiply(left: Array, panels: Array, out: Array, add: bool) -> None:
    """Computes `left @ right` into `out`, or adds it to what is there.

    Args:
        left: Shape (rows, terms or more).
        panels: The right factor, shape (panels, terms, PANEL): from `in_panels`.
        out: Shape (rows, at least panels * PANEL).
        add: Whether to add.
    """
    for panel in range(len(panels)):
        _multiply(left, panels[panel], 0, out, panel * PANEL, add)


@compiled
def add_gradient(left: Array, right: Array, column: int, out: Array) -> None:
    """Adds `left.T @ right` to `out`: the sum over the rows of both, block after block.

    Args:
        left: Shape (rows, n or more).
        right: Shape (rows, row_length(columns)).
        column: Of `right`, to begin with.
        out: Shape (n, columns), these a multiple of `PANEL`.
    """
    size, columns = out.shape
    copy = np.empty((BLOCK, PANEL), np.float32)
    for first in range(0, len(left), BLOCK):
        turned, block = left[first : first + BLOCK].T[:size], right[first : first + BLOCK]
        for start in range(0, columns, PANEL):
            if columns <= WIDE:
                _multiply(turned, block, column + start, out, start, True)
            else:
                for row in range(len(block)):
                    store(copy, row, 0, load(16, block, row, column + start))
                _multiply(turned, copy[: len(block)], 0, out, start, True)


@compiled
def _multiply(left: Array, right: Array, start: int, out: Array, column: int, add: bool) -> None:
    """One panel of a product, of the columns from `start` on, into those from `column` on."""
    rows, terms = len(left), len(right)
    tiled = rows - rows % 4
    for row in range(0, tiled, 4):  # Each vector of the right factor is read once for four rows.
        first = second = third = fourth = fill(16, ZERO)
        for term in range(terms):
            factor = load(16, right, term, start)
            first += left[row, term] * factor
            second += left[row + 1, term] * factor
            third += left[row + 2, term] * factor
            fourth += left[row + 3, term] * factor
        if add:
            first += load(16, out, row, column)
            second += load(16, out, row + 1, column)
            third += load(16, out, row + 2, column)
            fourth += load(16, out, row + 3, column)
        store(out, row, column, first)
        store(out, row + 1, column, second)
        store(out, row + 2, column, third)
        store(out, row + 3, column, fourth)
    for row in range(tiled, rows):
        total = fill(16, ZERO)
        for term in range(terms):
            total += left[row, term] * load(16, right, term, start)
        store(out, row, column, total + load(16, out, row, column) if add else total)
