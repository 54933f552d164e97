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

    The covariance is the sandwich that allows for any dependence within a group (Liang and Zeger
    1986), times G / (G - 1) for G groups.

    Args:
        predictors: Shape (observations, predictors), with a column of ones for an intercept.
        outcomes: Shape (observations,).
        groups: Which group each belongs to, shape (observations,).
    """
    inverse = np.linalg.pinv(predictors.T @ predictors, hermitian=True)
    coefficients = np.linalg.lstsq(predictors, outcomes, rcond=None)[0]
    left = outcomes - predictors @ coefficients
    names, index = np.unique(groups, return_inverse=True)
    scores = np.zeros((len(names), predictors.shape[1]))
    np.add.at(scores, index, predictors * left[:, None])
    factor = len(names) / max(len(names) - 1, 1)
    covariance = factor * inverse @ (scores.T @ scores) @ inverse
    total = float(np.square(outcomes - outcomes.mean()).sum())
    r2 = 1 - float(left @ left) / total if total > 0 else float("nan")
    return LeastSquares(coefficients, covariance, r2, len(names))


def chance_of_none(fit: LeastSquares, which: slice) -> float:
    """The p-value of some coefficients being all zero: Wald's test, with F's distribution.

    1 where the fit is exact and what is left of the variance is rounding.

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
    if not rank:
        return 1.0
    statistic = chosen @ np.linalg.pinv(block, hermitian=True) @ chosen / rank
    return float(f.sf(statistic, rank, max(fit.groups - 1, 1)))
