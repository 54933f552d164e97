"""What of the last trials a choice depends on, in the two-step task.

Miller, Botvinick and Brody 2017, "Dorsal hippocampus contributes to model-based planning", Nature
Neuroscience 20:1269; used by Wang et al. 2018, simulation 4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.analysis.logistic import fit_logistic
from baselines.analysis.two_step import KINDS, Trials


class LaggedRegression(NamedTuple):
    """Weights of past trials.

    Attributes:
        coefficients: Shape (4, lags): by kind of trial, as in `KINDS`, and by lag from 1 on.
            Positive is for the same choice as then, negative for the other one.
        errors: Their standard errors, same shape.
        bias: The intercept: for action 0, whatever happened.
        bias_error: Its standard error.
    """

    coefficients: NDArray[np.float64]
    errors: NDArray[np.float64]
    bias: float
    bias_error: float


def lagged_regression(trials: Trials, lags: int = 5) -> LaggedRegression:
    """Fits the choice by what was chosen and what came of it up to `lags` trials ago.

    There are four predictors a lag, one for each of `KINDS`: 1 if the trial was of that kind and
    its choice was action 0 (left), -1 if it was of that kind and its choice was action 1 (right),
    0 if it was of another kind. Counted are choices that have `lags` trials before them in their
    episode, of all episodes together.

    Args:
        trials: What was played.
        lags: How many trials back to look.

    Returns:
        All nan where no finite fit exists, for example if the choices follow from the past for
        certain.

    Raises:
        ValueError: If no episode has more than `lags` trials.
    """
    length = trials.choices.shape[1]
    if not 1 <= lags < length:
        raise ValueError(f"lags must be in 1..{length - 1} with {length} trials, got {lags}")
    signed = np.arange(len(KINDS)) == trials.kinds[..., None]
    signed = signed * (1.0 - 2.0 * trials.choices[..., None])
    past = [signed[:, lags - lag : length - lag] for lag in range(1, lags + 1)]
    predictors = np.stack(past, axis=-1).reshape(-1, len(KINDS) * lags)
    predictors = np.column_stack([predictors, np.ones(len(predictors))])
    counted = trials.chosen[:, lags:].ravel()
    left = trials.choices[:, lags:].ravel() == 0
    fit = fit_logistic(predictors[counted], left[counted])
    coefficients, errors = (row[:-1].reshape(len(KINDS), lags) for row in fit)
    return LaggedRegression(
        coefficients, errors, float(fit.coefficients[-1]), float(fit.errors[-1])
    )
