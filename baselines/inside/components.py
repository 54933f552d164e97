"""Principal components of a network's activity, and how many dimensions it uses."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.common.errors import InputError

Array = NDArray[np.float64]


class Components(NamedTuple):
    """Directions in which activity varies, the widest first.

    The sign of a direction is a convention: its largest weight is positive.

    Attributes:
        mean: Of each unit, shape (units,).
        directions: Of length 1, one a row, shape (units, units).
        variances: Along them, shape (units,).
    """

    mean: Array
    directions: Array
    variances: Array

    @property
    def explained(self) -> Array:
        """Share of the variance along each direction, shape (units,)."""
        shares: Array = self.variances / self.variances.sum()
        return shares

    @property
    def participation_ratio(self) -> float:
        """(sum of variances)^2 / sum of their squares: the number of dimensions used.

        1 if all is along one line, the number of units if it varies as much in all directions.
        """
        return float(self.variances.sum() ** 2 / (self.variances**2).sum())

    def project(self, activity: NDArray[np.floating], count: int = 2) -> Array:
        """Where activity, shape (..., units), stands along the first `count` directions."""
        projected: Array = (activity - self.mean) @ self.directions[:count].T
        return projected


def principal_components(
    activity: NDArray[np.floating], played: NDArray[np.bool_] | None = None
) -> Components:
    """The principal components over all steps of all episodes.

    To see how activity differs between tasks at one moment, give that of one step.

    Args:
        activity: Shape (..., units).
        played: What of it counts, shape (...); None for all.

    Raises:
        InputError: If the activity does not vary.
    """
    kept = np.ones(activity.shape[:-1], np.bool_) if played is None else played
    rows = np.asarray(activity[kept], np.float64)
    if len(rows) < 2 or np.ptp(rows, axis=0).max() == 0:
        raise InputError("activity must vary for it to have principal components")
    mean = rows.mean(axis=0)
    variances, vectors = np.linalg.eigh(np.cov(rows.T).reshape(rows.shape[1], -1))
    directions = vectors.T[::-1]
    largest = np.abs(directions).argmax(axis=1)
    signs = np.sign(directions[np.arange(len(directions)), largest])
    return Components(mean, directions * signs[:, None], np.maximum(variances[::-1], 0))
