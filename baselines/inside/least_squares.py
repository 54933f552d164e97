"""Least squares on observations that depend on each other within an episode."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

EXACT = 1e-10
"""A share of the variance below which what is left of it is rounding."""


class LeastSquares(NamedTuple):
    """A fit.

    Attributes:
        coefficients: Shape (predictors,).
        covariance: Of them, shape (predictors, predictors); see `least_squares`.
        r2: Share of the outcomes' variance explained; nan where they do not vary.
        groups: How many groups there were.
    """

    coefficients: NDArray[np.float64]
    covariance: NDArray[np.float64]
    r2: float
    groups: int

    @property
    def errors(self) -> NDArray[np.float64]:
        """Standard errors of the coefficients."""
        return np.sqrt(np.diag(self.covariance))


def least_squares(
    predictors: NDArray[np.float64], outcomes: NDArray[np.float64], groups: NDArray[np.int64]
) -> LeastSquares:
    """Fits outcomes as a weighted sum of predictors.

    The covariance is the jackknife's, leaving out a group at a time: it allows for any dependence
    within a group. (The usual sandwich is too small where few groups have much weight.)

    Args:
        predictors: Shape (observations, predictors), with a column of ones for an intercept.
        outcomes: Shape (observations,).
        groups: Which group each belongs to, shape (observations,).
    """
    coefficients = np.asarray(np.linalg.lstsq(predictors, outcomes)[0], np.float64)
    left = outcomes - predictors @ coefficients
    # Sums over the rows of each group, of which all stand together.
    order = np.argsort(groups, kind="stable")
    x, e = predictors[order], left[order]
    firsts = np.unique(groups[order], return_index=True)[1]
    count = len(firsts)
    squares = np.add.reduceat(x[:, :, None] * x[:, None, :], firsts)
    products = np.add.reduceat(x * e[:, None], firsts)
    # How the coefficients move when a group is left out.
    inverses = np.linalg.pinv(squares.sum(axis=0) - squares, hermitian=True)
    moves = np.einsum("gij,gj->gi", inverses, products.sum(axis=0) - products)
    moves -= moves.mean(axis=0)
    covariance: NDArray[np.float64] = (count - 1) / count * moves.T @ moves
    total = float(np.square(outcomes - outcomes.mean()).sum())
    r2 = 1 - float(left @ left) / total if total > 0 else float("nan")
    return LeastSquares(coefficients, covariance, r2, count)


def chance_of_none(fit: LeastSquares, which: slice) -> float:
    """The p-value of some coefficients being all zero: Hotelling's T^2, with F's distribution.

    1 where the fit is exact and what is left of the variance is rounding, and with too few groups.

    Args:
        fit: By `least_squares`.
        which: The coefficients.
    """
    from scipy.stats import f

    if not fit.r2 < 1 - EXACT:
        return 1.0
    chosen = fit.coefficients[which]
    block = fit.covariance[which, which]
    rank = int(np.linalg.matrix_rank(block, hermitian=True))
    if not 0 < rank < fit.groups:
        return 1.0
    squared = chosen @ np.linalg.pinv(block, hermitian=True) @ chosen
    freedom = fit.groups - rank
    return float(f.sf(squared * freedom / (rank * (fit.groups - 1)), rank, freedom))
