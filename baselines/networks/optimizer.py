"""Parts of gradient descent with compiled arithmetic, on flat arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.compiled import compiled

Array = NDArray[np.float32]

MEAN_DECAY, SQUARE_DECAY = 0.9, 0.999
"""Adam's, of the mean gradient and of the mean squared gradient."""


def flat(*tensors: Any) -> list[Array]:
    """The numbers of each tensor in one row, in place."""
    return [tensor.detach().numpy().reshape(-1) for tensor in tensors]


def norm_of(gradients: list[Array]) -> float:
    """The norm of all of them together."""
    return math.sqrt(sum(sum_of_squares(gradient) for gradient in gradients))


def adam_factors(rate: float, steps: int) -> tuple[np.float32, np.float32]:
    """What `adam` multiplies its two means with, for its `steps`th step of size `rate`.

    Both means start from zero, which is made up for.
    """
    root = np.float32(1 / math.sqrt(1 - _power(SQUARE_DECAY, steps)))
    return np.float32(rate / (1 - _power(MEAN_DECAY, steps))), root


def _power(base: float, exponent: int) -> float:
    """A power by products alone: the C library's differs between processors in its last bit."""
    result = 1.0
    while exponent:
        if exponent & 1:
            result *= base
        base *= base
        exponent >>= 1
    return result


@compiled
def adam(
    weights: Array,
    gradient: Array,
    mean: Array,
    square: Array,
    rate: np.float32,
    root: np.float32,
    epsilon: np.float32,
) -> None:
    """One step of Adam; see `adam_factors` for `rate` and `root`. All arrays are flat."""
    rest, square_rest = np.float32(1 - MEAN_DECAY), np.float32(1 - SQUARE_DECAY)
    for i in range(len(weights)):
        mean[i] += rest * (gradient[i] - mean[i])
        square[i] += square_rest * (gradient[i] * gradient[i] - square[i])
        weights[i] -= rate * mean[i] / (np.sqrt(square[i]) * root + epsilon)


@compiled
def sum_of_squares(numbers: Array) -> float:
    """Of a flat array, in double precision and in order."""
    total = 0.0
    for number in numbers:
        total += np.float64(number) * np.float64(number)
    return total


@compiled
def scale(numbers: Array, factor: np.float32) -> None:
    """Multiplies a flat array, in place."""
    for i in range(len(numbers)):
        numbers[i] *= factor
