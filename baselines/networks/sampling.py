"""Sampling actions: noise, drawn for a whole rollout at once, and what it makes of the heads.

The largest of logits + Gumbel noise is a draw from their softmax, and Gumbel noise is minus the
log of an exponential number, which is minus the log of a uniform one. A mean + Gaussian noise is a
draw from a Gaussian.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.networks.kernels.maths import exp, log, normal_quantile
from meta_envs.core.compiled import compiled

Array = NDArray[np.float32]

SMALL = np.float32(1e-30)
"""Keeps an exponential number of 0 away from the log's pole; too little to change any other."""
ONE = np.float32(1)


def minus_gumbel(generator: np.random.Generator, out: Array) -> Array:
    """Fills an array, of any shape, with the negative of Gumbel noise, and returns it."""
    numbers = generator.random(out=out, dtype=np.float32).reshape(-1)
    _exponential(numbers)
    log_of_exponential(numbers)
    return out


@compiled
def _exponential(uniform: Array) -> None:
    """Turns uniform numbers in [0, 1), in place, into exponential ones."""
    for i in range(len(uniform)):
        uniform[i] = -log(ONE - uniform[i])


@compiled
def log_of_exponential(numbers: Array) -> None:
    """Turns exponential numbers, in place, into the negative of Gumbel noise."""
    for i in range(len(numbers)):
        numbers[i] = log(SMALL + numbers[i])


def gaussian(generator: np.random.Generator, log_std: Array, out: Array) -> Array:
    """Fills an array with Gaussian noise of mean 0, and returns it.

    Args:
        generator: To draw with.
        log_std: Logs of the standard deviations, shape (size,).
        out: To be written, shape (..., size).
    """
    numbers = generator.random(out=out, dtype=np.float32)
    _gaussian(log_std, numbers.reshape(-1, len(log_std)))
    return out


@compiled
def _gaussian(log_std: Array, numbers: Array) -> None:
    """Turns uniform numbers in [0, 1), in place, into Gaussian ones."""
    for column in range(len(log_std)):
        std = exp(log_std[column])
        for row in range(len(numbers)):
            numbers[row, column] = std * normal_quantile(numbers[row, column])


@compiled
def sample(heads: Any, noise: Any, actions: NDArray[Any]) -> None:
    """Draws actions.

    Args:
        heads: Logits or means, shape (batch, at least noise.shape[1]); what stands behind them is
            left alone.
        noise: From `minus_gumbel` or `gaussian`, shape (batch, num_actions); zeros give the most
            probable action.
        actions: To be written, shape (batch,), or (batch, num_actions) where heads are means.
    """
    # Known when this is compiled, for which the other branch is left out.
    if actions.ndim == 1:
        _choose(heads, noise, actions)
    else:
        _add(heads, noise, actions)


@compiled
def _choose(logits: Any, noise: Any, actions: NDArray[np.int64]) -> None:
    """Draws from softmax(logits)."""
    for row in range(noise.shape[0]):
        best, most = 0, logits[row, 0] - noise[row, 0]
        for action in range(1, noise.shape[1]):
            score = logits[row, action] - noise[row, action]
            if score > most:
                best, most = action, score
        actions[row] = best


@compiled
def _add(means: Any, noise: Any, actions: Array) -> None:
    """Draws from a Gaussian about each mean."""
    for row in range(noise.shape[0]):
        for column in range(noise.shape[1]):
            actions[row, column] = means[row, column] + noise[row, column]
