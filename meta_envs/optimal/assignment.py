"""The cheapest assignment: the Hungarian method, in whole numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FORBIDDEN = 10**9
"""Price of a pair that must not be; far above the sum of all others."""


def cheapest_assignment(prices: NDArray[np.int64]) -> int:
    """The least sum of prices where every row gets a column of its own.

    The method of shortest augmenting paths (Kuhn 1955; Jonker and Volgenant 1987): rows are
    assigned one by one, with potentials that keep all reduced prices at zero or above.

    Args:
        prices: Shape (rows, columns), at least as many columns as rows.
    """
    rows, columns = prices.shape
    row_potential, column_potential = np.zeros(rows, np.int64), np.zeros(columns, np.int64)
    owner = np.full(columns, -1)
    for row in range(rows):
        distance = prices[row] - row_potential[row] - column_potential
        before = np.full(columns, -1)
        done = np.zeros(columns, np.bool_)
        while True:
            column = int(np.where(done, np.iinfo(np.int64).max, distance).argmin())
            if owner[column] < 0:
                break
            done[column] = True
            through = distance[column] + prices[owner[column]]
            through = through - row_potential[owner[column]] - column_potential
            nearer = ~done & (through < distance)
            distance[nearer], before[nearer] = through[nearer], column
        reached = np.flatnonzero(done)
        slack = distance[column] - distance[reached]
        row_potential[owner[reached]] += slack
        column_potential[reached] -= slack
        row_potential[row] += distance[column]
        while before[column] >= 0:
            owner[column] = owner[before[column]]
            column = int(before[column])
        owner[column] = row
    taken = np.flatnonzero(owner >= 0)
    return int(prices[owner[taken], taken].sum())
