"""The learning rate that choices show trial by trial, where magnitudes are cued.

Wang et al. 2018, simulation 2, after Behrens et al. 2007: a Rescorla-Wagner rule is fitted by
maximum likelihood to the choices of 10 trials in a row, over all episodes of one schedule, and
this window moves on by a trial at a time. Earlier trials feed the value. The model is that of
`baselines.classic.cued_rescorla_wagner`; its learning rate and its inverse temperature are fitted
to each window alone, and the value at the window's beginning is what this rate would have made of
all trials before. The paper does not say how that value comes about, or how choices depend on
values: both are choices here.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.common.errors import InputError
from baselines.common.intervals import Z95
from baselines.evaluation.replay import played_family, replay
from baselines.evaluation.result import Evaluation
from meta_envs.optimal.bandits.volatility import Filter
from meta_envs.tasks.bandits.volatility import Volatility

WINDOW = 10
ALPHAS = np.geomspace(0.01, 1.0, 47)
BETAS = np.geomspace(0.5, 200.0, 25)
"""Grids of learning rates and inverse temperatures. The highest points lie between the grid's
where a parabola through the highest of them and its neighbours has its top."""
GROUPS = 20
"""Parts of the episodes, each of which is left out once for the standard error."""


class CuedChoices(NamedTuple):
    """Choices between two arms of cued magnitude.

    Attributes:
        actions: Shape (episodes, trials).
        first_paid: Whether the first arm was the one that paid, same shape.
        magnitudes: What was on offer, shape (episodes, trials, 2).
    """

    actions: NDArray[np.int64]
    first_paid: NDArray[np.bool_]
    magnitudes: NDArray[np.float64]


class LearningRates(NamedTuple):
    """Fits to windows of trials.

    Attributes:
        alpha: Learning rate of each window, shape (windows,), the first of which begins with the
            first trial.
        beta: Inverse temperatures, same shape.
        first: Mean of `alpha` over the windows inside the first half of the episode.
        second: The same for the second half.
        first_half: Half the width of the 95 % interval of `first`, by leaving out groups of
            episodes (the jackknife); that of `second` is `second_half`.
    """

    alpha: NDArray[np.float64]
    beta: NDArray[np.float64]
    first: float
    second: float
    first_half: float
    second_half: float


def read_cued_choices(evaluation: Evaluation) -> CuedChoices:
    """Reads choices out of an evaluation, by playing it again.

    Raises:
        InputError: If it is of another task.
    """
    played_family(evaluation, "not the volatility task", Volatility)

    def offers(env: Any, observation: Any, _: Any) -> NDArray[np.float64]:
        return np.asarray(env.unwrapped.meta_observation.own(observation), np.float64)

    magnitudes = replay(evaluation, offers)
    actions = evaluation.actions.astype(np.int64)
    first_paid = (actions == 0) == (evaluation.rewards > 0)
    return CuedChoices(actions, first_paid, magnitudes)


def estimated_volatility(first_paid: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What the optimum holds the volatility v to be at each trial, same shape.

    It is the mean of its belief, which holds schedules to be drawn as in training.
    """
    belief_filter, found = Filter(), np.empty(first_paid.shape)
    belief = belief_filter.initial(len(first_paid))
    for trial, outcomes in enumerate(first_paid.T):
        found[:, trial] = belief_filter.estimates(belief).volatility
        belief = belief_filter.observe(belief, outcomes)
    return found


def learned_chances(first_paid: NDArray[np.bool_], alpha: float) -> NDArray[np.float64]:
    """What the rule holds the first arm's chance to be before each trial, same shape."""
    chances = np.full(first_paid.shape, 0.5)
    for t in range(first_paid.shape[1] - 1):
        chances[:, t + 1] = chances[:, t] + alpha * (first_paid[:, t] - chances[:, t])
    return chances


def learning_rates(choices: CuedChoices, window: int = WINDOW) -> LearningRates:
    """Fits the rule to each window of trials, over all episodes together.

    Args:
        choices: Of episodes that have the same schedule.
        window: Trials in a window.

    Raises:
        InputError: If a window does not fit into half an episode, or there are too few episodes.
    """
    episodes, trials = choices.actions.shape
    if not 1 <= window <= trials // 2:
        raise InputError(f"window must be in 1..{trials // 2} trials, got {window}")
    if episodes < GROUPS:
        raise InputError(f"learning rates need at least {GROUPS} episodes, got {episodes}")
    summed = _log_likelihoods(choices).cumsum(axis=-1)
    # (groups, alphas, betas, windows): from the first trial of each window to its last.
    heights = summed[..., window - 1 :].copy()
    heights[..., 1:] -= summed[..., :-window]
    total = heights.sum(axis=0)
    alpha, beta = _tops(total)
    halves = slice(0, trials // 2 - window + 1), slice(trials // 2, None)
    left_out = np.array([_tops(total - group)[0] for group in heights])
    means, errors = [], []
    for half in halves:
        means.append(float(alpha[half].mean()))
        others = left_out[:, half].mean(axis=1)
        errors.append(float(Z95 * np.sqrt((GROUPS - 1) * others.var())))
    return LearningRates(alpha, beta, *means, *errors)


def _log_likelihoods(choices: CuedChoices) -> NDArray[np.float64]:
    """Of each trial's choices, summed over a group; shape (GROUPS, alphas, betas, trials)."""
    episodes, trials = choices.actions.shape
    starts = np.linspace(0, episodes, GROUPS, endpoint=False).astype(int)
    found = np.empty((GROUPS, len(ALPHAS), len(BETAS), trials))
    sign = np.where(choices.actions == 0, 1.0, -1.0)
    for i, alpha in enumerate(ALPHAS):
        p = learned_chances(choices.first_paid, alpha)
        m1, m2 = np.moveaxis(choices.magnitudes, -1, 0)
        # In single precision all this takes half the time; rates agree to three digits.
        gain = (sign * (p * m1 - (1 - p) * m2)).astype(np.float32)
        for j, beta in enumerate(BETAS.astype(np.float32)):
            # log(1 / (1 + exp(-x))), whatever the size of x.
            x = beta * gain
            logs = np.minimum(x, 0) - np.log(1 + np.exp(-np.abs(x)))
            found[:, i, j] = np.add.reduceat(logs, starts, axis=0)
    return found


def _tops(heights: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The most likely learning rate and inverse temperature of each window.

    Args:
        heights: Log-likelihoods, shape (alphas, betas, windows).
    """
    places, ridge = _top(heights.swapaxes(0, 1))
    place, _ = _top(ridge)
    logs = np.log(ALPHAS), np.log(BETAS)
    alpha = np.exp(np.interp(place, np.arange(len(ALPHAS)), logs[0]))
    at_top = np.take_along_axis(places, np.rint(place).astype(np.intp)[None], axis=0)[0]
    return alpha, np.exp(np.interp(at_top, np.arange(len(BETAS)), logs[1]))


def _top(heights: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where along the first axis a curve is highest, in steps of the grid, and how high."""
    last = len(heights) - 1
    best = heights.argmax(axis=0)
    below, here, above = (
        np.take_along_axis(heights, np.clip(best + step, 0, last)[None], axis=0)[0]
        for step in (-1, 0, 1)
    )
    inside = (best > 0) & (best < last)
    bend = np.where(inside, below - 2 * here + above, -1.0)
    shift = np.where(inside & (bend < 0), (below - above) / (2 * np.minimum(bend, -1e-300)), 0.0)
    return best + shift, here - shift * (below - above) / 4 * inside
