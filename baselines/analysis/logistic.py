"""Logistic regression by maximum likelihood."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

STEPS = 30
"""Newton's method takes about ten; where it takes more, it is on its way to infinity."""


class LogisticFit(NamedTuple):
    """Coefficients and their standard errors, each of shape (predictors,)."""

    coefficients: NDArray[np.float64]
    errors: NDArray[np.float64]


def fit_logistic(predictors: NDArray[np.float64], outcomes: NDArray[np.bool_]) -> LogisticFit:
    """Fits the log-odds of an outcome as a weighted sum of predictors.

    Newton's method; the standard errors are from the inverse of the Hessian at the maximum, and
    hold if the model does. There is no intercept unless a column of ones is given.

    Args:
        predictors: Shape (observations, predictors).
        outcomes: Shape (observations,).

    Returns:
        All nan where the likelihood has no single finite maximum: where predictors depend on
        each other, or tell some outcomes for certain.
    """
    weights = np.zeros(predictors.shape[1])
    for _ in range(STEPS):
        logits = predictors @ weights
        chances = (1 + np.tanh(logits / 2)) / 2  # The logistic function, without overflow.
        gradient = predictors.T @ (outcomes - chances)
        hessian = (predictors.T * (chances * (1 - chances))) @ predictors
        if np.linalg.cond(hessian) > 1e12:
            break
        step = np.linalg.solve(hessian, gradient)
        if np.abs(step).max() < 1e-8:
            return LogisticFit(weights, np.sqrt(np.diag(np.linalg.inv(hessian))))
        weights = weights + step
    return LogisticFit(np.full(len(weights), np.nan), np.full(len(weights), np.nan))
