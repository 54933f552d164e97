"""What single units go with: partial correlations with named variables.

Wang et al. 2018, "Prefrontal cortex as a meta-reinforcement learning system" (Nature Neuroscience
21:860): Fig. 2e correlates each unit at fixation with the last action, the last reward, their
product and the value, each with the others held fixed; Fig. 3b counts the units that code the true
volatility beside what else they may code. Mean absolute partial correlations in 2e: .22, .07, .11,
.21. In 3b 37 +- 1 % of the units coded volatility.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from baselines.common.errors import InputError
from baselines.inside.least_squares import EXACT, least_squares

Array = NDArray[np.float64]
SIGNIFICANCE = 0.05
"""Chance that any unit at all seems to code a variable that none does (Bonferroni)."""
PUBLISHED_2E = (0.22, 0.07, 0.11, 0.21)
"""Mean absolute partial correlations in Fig. 2e, in the order of `last_trial`."""


class Tuning(NamedTuple):
    """Partial correlations of units with variables; nan of a unit that does not vary.

    Attributes:
        names: Of the variables.
        correlations: Shape (units, variables).
        p_values: That a correlation is 0, same shape.
    """

    names: tuple[str, ...]
    correlations: Array
    p_values: Array

    @property
    def mean_absolute(self) -> Array:
        """Over units, shape (variables,); units that do not vary count as 0."""
        return np.nan_to_num(np.abs(self.correlations)).mean(axis=0)

    @property
    def significant(self) -> NDArray[np.bool_]:
        """Which units code which variable, shape (units, variables).

        Corrected for the number of units: where none codes a variable, the chance that one
        seems to is 5 %.
        """
        found: NDArray[np.bool_] = self.p_values < SIGNIFICANCE / len(self.p_values)
        return found

    @property
    def shares(self) -> Array:
        """The share of units that code each variable, shape (variables,)."""
        return self.significant.mean(axis=0)


def unit_tuning(
    activity: NDArray[np.floating],
    variables: Mapping[str, NDArray[np.generic]],
    played: NDArray[np.bool_] | None = None,
) -> Tuning:
    """Correlates each unit with each variable, all the others held fixed.

    What the steps of an episode have in common makes them no independent observations: p-values
    are of errors that allow for it (`least_squares`), with episodes - 1 degrees of freedom, so
    that many steps may be given as well as one.

    Args:
        activity: Shape (episodes, steps, units); those steps that are asked about, such as
            fixation.
        variables: By name, each of shape (episodes, steps).
        played: What of it counts, same shape; None for all.

    Raises:
        InputError: If shapes differ, there are too few episodes, or variables follow from each
            other.
    """
    shape = activity.shape[:2]
    wrong = [name for name, values in variables.items() if values.shape != shape]
    if activity.ndim != 3 or wrong or not variables:
        raise InputError(
            "activity must be of shape (episodes, steps, units), and each variable of its "
            f"(episodes, steps), got {activity.shape} and {', '.join(wrong) or 'no variable'}"
        )
    kept = np.ones(shape, np.bool_) if played is None else played
    episodes = np.repeat(np.arange(shape[0]), kept.sum(axis=1))
    x = np.column_stack([np.asarray(v, np.float64)[kept] for v in variables.values()])
    y = np.asarray(activity[kept], np.float64)
    num_episodes = len(np.unique(episodes))
    if num_episodes <= x.shape[1] + 2:
        raise InputError(
            f"{x.shape[1]} variables need at least {x.shape[1] + 3} episodes, got {num_episodes}"
        )
    design = np.column_stack([np.ones(len(x)), _standardised(x, tuple(variables))])
    if np.linalg.cond(design) > 1e8:
        raise InputError(f"of {', '.join(variables)} one follows from the others: leave it out")
    return _regress(design, y, episodes, tuple(variables))


def _standardised(x: Array, names: tuple[str, ...]) -> Array:
    deviation = x.std(axis=0)
    for name, one in zip(names, deviation, strict=True):
        if not one > 0:
            raise InputError(f"{name!r} does not vary: leave it out")
    standardised: Array = (x - x.mean(axis=0)) / deviation
    return standardised


def _regress(design: Array, y: Array, episodes: NDArray[np.intp], names: tuple[str, ...]) -> Tuning:
    """Least squares of each unit on all variables.

    A partial correlation is b / sqrt(b^2 + v e), with a weight b, its entry v of the inverse of
    X'X, and the squared residuals e: what t / sqrt(t^2 + degrees of freedom) is for the usual t.
    """
    inverse = np.diag(np.linalg.inv(design.T @ design))
    shape = y.shape[1], len(names)
    correlations, p_values = np.full(shape, np.nan), np.full(shape, np.nan)
    deviation = y.std(axis=0)
    for unit in np.flatnonzero(deviation > 1e-9 * np.abs(y.mean(axis=0))):
        column = y[:, unit] / deviation[unit]
        fit = least_squares(design, column, episodes)
        left = max(1 - fit.r2, EXACT) * len(column)
        weights = fit.coefficients
        correlations[unit] = (weights / np.sqrt(weights**2 + inverse * left))[1:]
        errors = np.maximum(fit.errors, EXACT)
        p_values[unit] = 2 * stats.t.sf(np.abs(weights / errors), fit.groups - 1)[1:]
    return Tuning(names, correlations, p_values)


def last_trial(
    actions: NDArray[np.integer], rewards: NDArray[np.floating], values: NDArray[np.floating]
) -> dict[str, Array]:
    """The variables of Fig. 2e: what is known before a choice of what was chosen last.

    Args:
        actions: In each trial, 0 or 1, or -1 where none was chosen; shape (episodes, trials).
        rewards: That each trial brought, same shape.
        values: Of the critic before each choice, same shape.

    Returns:
        "last action" (-1 or 1; 0 for none), "last reward", "action x reward" (the action times the
        reward less its mean, so that it is no other name for the action) and "value", same shape;
        all but the value are 0 in the first trial.
    """
    signed = np.where(actions < 0, 0.0, 2.0 * actions - 1)
    action, reward, product = np.zeros((3, *actions.shape))
    action[:, 1:], reward[:, 1:] = signed[:, :-1], rewards[:, :-1]
    product[:, 1:] = signed[:, :-1] * (rewards[:, :-1] - rewards[:, :-1].mean())
    named = {"last action": action, "last reward": reward, "action x reward": product}
    return named | {"value": values.astype(np.float64)}
