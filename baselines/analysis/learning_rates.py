"""The learning rate that an agent's choices show, by the fit of a Rescorla-Wagner model.

Wang et al. 2016, section 3.1.4: episodes of one kind are put together in blocks of ten, all
parameters are fitted to each block by maximum likelihood, and models are compared by BIC. An agent
that adapts its learning rate to the task shows another rate in another kind of episode, and is
described better by a rate of each block's own than by one for all. The models there:

| model | fitted | fixed |
| --- | --- | --- |
| b | beta | alpha = 0.5, no lapses |
| ab | alpha, beta | no lapses |
| be | beta, lapse | alpha = 0.5 |
| abe | alpha, beta, lapse | |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from baselines.analysis.rescorla_wagner import PARAMETERS, Choices, Likelihood, likelihood
from baselines.common.environments import make_vector_env
from baselines.common.errors import InputError
from baselines.evaluation.result import Evaluation

MODELS = {
    "b": ("beta",),
    "ab": ("alpha", "beta"),
    "be": ("beta", "lapse"),
    "abe": PARAMETERS,
}
"""By name, the parameters that a model fits."""
FIXED: Mapping[str, float] = MappingProxyType({"alpha": 0.5, "lapse": 0.0})
"""The values of those that it does not."""
LARGEST_BETA = 100.0
"""Where choices follow from the values for certain, beta would grow without end."""
STARTS = ((0.02, 0.2, 0.4, 0.7, 0.98), (1.0, 4.0, 16.0, 64.0), (0.02, 0.2, 0.4))
"""Values of the parameters to start from: a search for each rate, from the best of the others.

The likelihood can have several hills. Where the choices hardly depend on the rewards, a fit to a
single episode can miss the highest, by about 1 at most where that was tried.
"""
STEPS = 200


@dataclass(frozen=True)
class Fit:
    """A model fitted to blocks of choices; all arrays have shape (blocks,).

    Attributes:
        model: A name of `MODELS`.
        alpha: Learning rates.
        beta: Inverse temperatures, at most `LARGEST_BETA`.
        lapse: Probabilities of each arm that no value takes away.
        log_likelihood: Of all the block's choices.
        num_choices: In a block.
    """

    model: str
    alpha: NDArray[np.float64]
    beta: NDArray[np.float64]
    lapse: NDArray[np.float64]
    log_likelihood: NDArray[np.float64]
    num_choices: int

    @property
    def bic(self) -> NDArray[np.float64]:
        """Bayesian information criterion of each block: less is better."""
        return len(MODELS[self.model]) * np.log(self.num_choices) - 2 * self.log_likelihood


def read_choices(evaluation: Evaluation, block: int | None = 10) -> Choices:
    """Puts the episodes of an evaluation on a bandit together in blocks.

    Args:
        evaluation: What was played.
        block: Episodes in a block; those left over at the end are left out. None makes one block
            of all, 1 a block of each.

    Raises:
        InputError: If there are fewer episodes, or episodes differ in length.
    """
    size = len(evaluation.episodes) if block is None else block
    if not 1 <= size <= len(evaluation.episodes):
        raise InputError(f"block must be in 1..{len(evaluation.episodes)} episodes, got {block}")
    if np.ptp(evaluation.lengths):
        raise InputError(f"{evaluation.env_id} has episodes of different lengths")
    space = make_vector_env(evaluation.env_id, 1, evaluation.env_kwargs).single_action_space
    if not isinstance(space, spaces.Discrete):
        raise InputError(f"{evaluation.env_id} has no choices to fit: its actions are {space}")
    blocks = len(evaluation.episodes) // size
    actions, rewards = (
        array[: blocks * size].reshape(blocks, size, -1)
        for array in (evaluation.actions, evaluation.rewards)
    )
    return Choices(actions.astype(np.int64), rewards, int(space.n))


def compare_models(choices: Choices, fixed: Mapping[str, float] = FIXED) -> dict[str, Fit]:
    """Fits all of `MODELS`. Their `bic` says which describes the choices best."""
    return {model: fit(choices, model, fixed) for model in MODELS}


def fit(choices: Choices, model: str = "abe", fixed: Mapping[str, float] = FIXED) -> Fit:
    """Fits a model to each block of choices by maximum likelihood.

    Values start at `choices.initial_value` in each episode, also inside a block. The search is
    Fisher scoring with Levenberg's damping, for all blocks at once, kept within the bounds: alpha
    in [0, 1], beta in [0, `LARGEST_BETA`], lapse in [0, 1 / K] with K arms.

    Args:
        choices: What was chosen and paid.
        model: A name of `MODELS`.
        fixed: Values of the parameters that the model does not fit.

    Raises:
        InputError: If there is no such model, or a parameter is neither fitted nor fixed.
    """
    if model not in MODELS:
        raise InputError(f"there is no model {model!r}: choose from {', '.join(MODELS)}")
    missing = [name for name in PARAMETERS if name not in MODELS[model] and name not in fixed]
    if missing:
        raise InputError(f"fixed must give {' and '.join(missing)} for model {model}")
    free = [i for i, name in enumerate(PARAMETERS) if name in MODELS[model]]
    bounds = np.array([1.0, LARGEST_BETA, 1 / choices.num_actions])
    rates, *others = (
        values if i in free else (fixed[PARAMETERS[i]],) for i, values in enumerate(STARTS)
    )
    parameters = np.zeros((len(choices.actions), len(PARAMETERS)))
    top = np.full(len(parameters), -np.inf)
    for rate in rates:
        start = _best_start(choices, np.minimum(list(product((rate,), *others)), bounds))
        found, height = _search(choices, start, free, bounds)
        parameters[height > top] = found[height > top]
        top = np.maximum(height, top)
    alpha, beta, lapse = parameters.T
    return Fit(model, alpha, beta, lapse, top, choices.actions[0].size)


def _best_start(choices: Choices, grid: NDArray[np.float64]) -> NDArray[np.float64]:
    blocks = len(choices.actions)
    values = [likelihood(choices, np.tile(point, (blocks, 1))).value for point in grid]
    return grid[np.argmax(values, axis=0)]


def _search(
    choices: Choices, start: NDArray[np.float64], free: list[int], bounds: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Climbs from `start`, shape (blocks, 3), and returns the top and its log-likelihood."""
    top, height, climbing = start.copy(), np.zeros(len(start)), np.arange(len(start))
    now, here = start, likelihood(choices, start)
    damping = np.full(len(start), 1e-3)
    for _ in range(STEPS):
        moved = now.copy()
        moved[:, free] += _step(here.gradient, here.information, now, damping, free, bounds)
        moved = np.clip(moved, 0.0, bounds)
        there = likelihood(choices, moved)
        better = there.value > here.value
        gain = np.where(better, there.value - here.value, 0.0)
        damping = np.where(better, damping / 5, damping * 5)
        # A block is done where a step brings nothing any more, or not even a tiny one does.
        on = ~((better & (gain < 1e-9)) | (damping > 1e9))
        now = np.where(better[:, None], moved, now)
        here = Likelihood(
            np.where(better, there.value, here.value),
            np.where(better[:, None], there.gradient, here.gradient),
            np.where(better[:, None, None], there.information, here.information),
        )
        top[climbing], height[climbing] = now, here.value
        if not on.any():
            break
        now, damping, climbing = now[on], damping[on], climbing[on]
        here = Likelihood(*(values[on] for values in here))
        choices = choices._replace(actions=choices.actions[on], rewards=choices.rewards[on])
    return top, height


def _step(
    gradient: NDArray[np.float64],
    information: NDArray[np.float64],
    now: NDArray[np.float64],
    damping: NDArray[np.float64],
    free: list[int],
    bounds: NDArray[np.float64],
) -> NDArray[np.float64]:
    """A damped scoring step of the free parameters, shape (blocks, free).

    A parameter that stands at a bound and would leave it stays, so that the others can move as if
    it were fixed.
    """
    slope, place = gradient[:, free], now[:, free]
    held = ((place <= 0) & (slope < 0)) | ((place >= bounds[free]) & (slope > 0))
    matrix = information[:, free][:, :, free]
    diagonal = np.einsum("bii->bi", matrix)
    either = held[:, :, None] | held[:, None, :]
    matrix = np.where(either, 0.0, matrix)
    # What is held is clipped afterwards; the added constant is for parameters that do not matter.
    matrix = matrix + np.eye(len(free)) * (damping[:, None] * diagonal + held + 1e-9)[:, None, :]
    return np.asarray(np.linalg.solve(matrix, slope[..., None])[..., 0])
