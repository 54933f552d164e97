"""Sampling actions from logits by the Gumbel-max trick.

The largest of logits + Gumbel noise is a draw from their softmax, and Gumbel noise is minus the
log of an exponential number, which is minus the log of a uniform one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.networks.kernels.maths import log
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


@compiled
def sample(logits: Any, noise: Any, actions: NDArray[np.int64]) -> None:
    """Draws from softmax(logits).

    Args:
        logits: Shape (batch, at least num_actions); what stands behind the logits is left alone.
        noise: From `minus_gumbel`, shape (batch, num_actions); zeros give the most probable action.
        actions: To be written, shape (batch,).
    """
    for row in range(noise.shape[0]):
        best, most = 0, logits[row, 0] - noise[row, 0]
        for action in range(1, noise.shape[1]):
            score = logits[row, action] - noise[row, action]
            if score > most:
                best, most = action, score
        actions[row] = best
