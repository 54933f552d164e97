"""Memory cells: one file each, a row in `CELLS`, and the name in `NetworkConfig.cell`.

A cell is a torch module, called as `nn.LSTM` is over a sequence, that says what its state is made
of, how it is built from the settings and how it is initialised. One that also computes in NumPy
(`numpy_cell`, as in `lstm.py`) runs several times faster; without (as in `stacked_lstm.py`), torch
runs it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from baselines.networks.cells.lstm import LSTM
from baselines.networks.cells.stacked_lstm import StackedLSTM
from baselines.networks.config import InputSizes, NetworkConfig

__all__ = ["CELLS", "Array", "Cell", "NumpyCell", "State"]

Array = NDArray[np.float32]
State = tuple[Tensor, ...]
"""The parts of a cell's state, each of shape (num_envs, state_size); the first is its output."""


class NumpyCell(Protocol):
    """A cell's arithmetic in NumPy; arrays are feature-major, (features, num_envs).

    Attributes:
        hidden: The output of every step, shape (num_steps, hidden_size, num_envs).
    """

    hidden: Array

    def begin(self) -> None:
        """Takes up the module's weights as they are now, for the rollout to come."""

    def enter(self, t: int, observation: Array, state: tuple[Array, ...]) -> tuple[Array, ...]:
        """Notes what step `t` starts from; returns the state, to be changed where episodes start.

        Args:
            t: The step.
            observation: Shape (num_envs, input_size).
            state: After the step before.
        """

    def advance(self, t: int) -> tuple[Array, ...]:
        """Takes step `t` from what `enter` has noted; returns the state after it."""

    def peek(self, observation: Array, state: tuple[Array, ...]) -> Array:
        """The output of a step that is not taken, shape (hidden_size, num_envs)."""

    def begin_backward(self) -> None:
        """Clears the gradients of the weights."""

    def backward(self, t: int, gradients: tuple[Array, ...]) -> None:
        """Goes back through step `t`.

        Args:
            t: The step.
            gradients: Of the loss with respect to the state after the step; changed in place into
                those with respect to the state before it.
        """

    def gradients(self) -> list[Array]:
        """Gradients of the module's parameters, in the order of `parameters()`."""


class Cell(Protocol):
    """A memory cell; a torch module with these on top.

    Attributes:
        input_size: Numbers that it gets at each step.
        hidden_size: Numbers that it gives out.
        state_size: Numbers in each part of its state.
        state_names: What the parts of its state are called; the first is its output.
        numpy_cell: Its arithmetic in NumPy, made for (module, num_steps, num_envs); None if torch
            is to run it.
    """

    input_size: int
    hidden_size: int
    state_size: int
    state_names: tuple[str, ...]
    numpy_cell: Callable[[Any, int, int], NumpyCell] | None

    @classmethod
    def build(cls, inputs: InputSizes, config: NetworkConfig) -> Cell:
        """Makes one for what a network gets and is set to; InputError if it cannot be."""

    def __call__(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """Runs over a sequence, as `nn.LSTM` does.

        Args:
            inputs: Shape (steps, batch, input_size).
            state: Before the first step: a tuple, even of one part, each of shape (1, batch,
                state_size).
        """

    def initialise(self, config: NetworkConfig, reward: slice | None) -> None:
        """Changes the weights that torch gave it, as the settings say.

        Args:
            config: Settings.
            reward: Which inputs are the last reward; None if that is not known.
        """


CELLS: dict[str, type[Any]] = {"lstm": LSTM, "stacked-lstm": StackedLSTM}
"""By name: a setting's `cell`."""
