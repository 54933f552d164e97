"""Initial weights, from NumPy's generator: the same on every machine, as torch's are not."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn

from baselines.networks.config import InitialWeights, NetworkConfig


def uniform(generator: np.random.Generator, shape: tuple[int, ...], bound: float) -> Tensor:
    """Numbers between minus a bound and the bound."""
    drawn = generator.random(shape, np.float32)
    return torch.from_numpy((2 * drawn - 1) * np.float32(bound))


def orthogonal(generator: np.random.Generator, rows: int, columns: int, gain: float) -> Tensor:
    """Rows, or columns where there are fewer of them, of length `gain` at right angles.

    By Gram-Schmidt, with sums that NumPy takes in the same order everywhere, which LAPACK's QR
    does not.
    """
    count, size = sorted((rows, columns))
    basis: list[np.ndarray] = []
    while len(basis) < count:
        vector = 2 * generator.random(size) - 1
        for _ in range(2):  # Once more for what rounding has left.
            for other in basis:
                vector = vector - (vector * other).sum() * other
        length = math.sqrt((vector * vector).sum())
        if length > 1e-6:  # Else it was all but in the others' span.
            basis.append(vector / length)
    matrix = np.stack(basis) * gain
    return torch.from_numpy((matrix if rows <= columns else matrix.T).astype(np.float32))


def draw_recurrent(
    module: nn.RNNBase,
    config: NetworkConfig,
    reward: slice | None,
    generator: np.random.Generator,
) -> None:
    """Draws a cell's weights and biases as torch does, uniform within 1 / sqrt(units).

    Args:
        module: The cell, of one layer; changed in place.
        config: Settings: what the inputs' weights are multiplied by.
        reward: Which inputs are the last reward; None if that is not known.
        generator: To draw with.
    """
    for parameter in module.parameters():
        bound = 1 / math.sqrt(module.hidden_size)
        parameter.copy_(uniform(generator, tuple(parameter.shape), bound))
    scale_inputs(module, config, reward)


def scale_inputs(module: nn.RNNBase, config: InitialWeights, reward: slice | None) -> None:
    """Multiplies a cell's input weights; see `draw_recurrent`."""
    weights = module.get_parameter("weight_ih_l0")
    weights.mul_(config.input_gain)
    if reward is not None:
        weights[:, reward] *= config.reward_gain


def chrono_biases(units: int, steps: int, generator: np.random.Generator) -> Tensor:
    """Logs of numbers between 1 and `steps - 1`, of chrono initialisation.

    Drawn aside, so that with or without them all else is the same.
    """
    drawn = (1 + (steps - 2) * generator.spawn(1)[0].random(units)).tolist()
    return torch.tensor([math.log(number) for number in drawn], dtype=torch.float32)
