"""What compiled cells with gates have in common: how their weights and sequences are laid out.

A cell's inputs of a step stand in one row: observation, a one for the bias, and the hidden state
before the step. Its gates come from one product of these rows with a matrix whose columns are the
gates, unit by unit, each gate's filled up with zeros to a multiple of `LANES` units. A unit of
zero weights stays at zero.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.networks.kernels.products import Array, add_gradient
from meta_envs.core.compiled import compiled


def by_input(weight: Array, gates: int, width: int) -> Array:
    """Weights as torch has them, (gates * units, inputs), as (inputs, gates * width)."""
    units = len(weight) // gates
    matrix = np.zeros((weight.shape[1], gates, width), np.float32)
    matrix[:, :, :units] = weight.reshape(gates, units, -1).transpose(2, 0, 1)
    return matrix.reshape(-1, gates * width)


def by_gate(matrix: Array, gates: int, units: int) -> Array:
    """The reverse of `by_input`: (gates * units, inputs) from (inputs, gates * width or more)."""
    width = matrix.shape[1] // gates
    parts = matrix.reshape(len(matrix), gates, width)[:, :, :units]
    return np.ascontiguousarray(parts.transpose(1, 2, 0).reshape(gates * units, -1))


@compiled
def enter(
    observation: Array, starts: NDArray[np.bool_], initial: Array, hidden: Array, inputs: Array
) -> None:
    """Writes a step's inputs.

    Args:
        observation: Shape (num_envs, input_size).
        starts: Where an episode starts, shape (num_envs,).
        initial: The hidden state of an episode's start, shape (width,).
        hidden: After the step before, shape (num_envs, width).
        inputs: To be written, shape (num_envs, input_size + 1 + width); its ones stand.
    """
    size = observation.shape[1]
    for env in range(len(observation)):
        for column in range(size):
            inputs[env, column] = observation[env, column]
        before = initial if starts[env] else hidden[env]
        for unit in range(len(initial)):
            inputs[env, size + 1 + unit] = before[unit]


@compiled
def add_weight_gradient(
    inputs: Array, row: int, d_gates: Array, column: int, first: int, last: int, out: Array
) -> None:
    """Adds the gradient of a chunk of steps to that of a matrix of weights.

    Args:
        inputs: Of all steps, shape (num_steps, num_envs, inputs).
        row: The input that the matrix begins with.
        d_gates: Gradients of the gates, shape (num_steps, num_envs, row_length(gates)).
        column: The gate that it begins with, a multiple of `PANEL`.
        first: Step of the chunk.
        last: The step after it.
        out: To be added to, shape (inputs of the matrix, its gates).
    """
    rows = (last - first) * inputs.shape[1]
    left = inputs[first:last].reshape(rows, inputs.shape[2])
    right = d_gates[first:last].reshape(rows, d_gates.shape[2])
    add_gradient(left[:, row:], right, column, out)
