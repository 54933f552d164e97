"""Memory cells: one file each, a row in `CELLS`, and the name in `NetworkConfig.cell`.

A cell is a torch module, called as `nn.LSTM` is over a sequence, that says what its state is made
of, how it is built from the settings and how it is initialised. One whose arithmetic is compiled
as well (`compiled_cell`, as in `lstm.py` and `gru.py`) runs several times faster, and the same on
every machine; without (as in `rnn.py`), torch runs it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from baselines.networks.cells.actor_critic_lstm import ActorCriticLSTM
from baselines.networks.cells.gru import GRU
from baselines.networks.cells.lstm import LSTM
from baselines.networks.cells.rnn import RNN
from baselines.networks.cells.stacked_lstm import StackedLSTM
from baselines.networks.config import InputSizes, NetworkConfig

__all__ = ["CELLS", "Array", "Cell", "CompiledCell", "State"]

Array = NDArray[np.float32]
State = tuple[Tensor, ...]
"""The parts of a cell's state, each of shape (num_envs, state_size); the first is its output."""


class CompiledCell(Protocol):
    """A cell's arithmetic, compiled; its arrays' rows are as long as the arithmetic needs.

    What is behind the cell's units in a row stays zero.

    Attributes:
        hidden: The output of every step, shape (num_steps, num_envs, row_length(width)).
        state: The parts of the state after the latest step, shape (parts, num_envs, width).
    """

    hidden: Array
    state: Array

    def begin(self, initial: Array) -> None:
        """Takes up the module's weights as they are now, for the rollout to come.

        Args:
            initial: The state of an episode's start, shape (parts, width).
        """

    def step(self, t: int, observation: Array, starts: NDArray[np.bool_]) -> None:
        """Takes step `t`: writes `hidden[t]` and changes `state`.

        Args:
            t: The step.
            observation: Shape (num_envs, input_size).
            starts: Where it is an episode's first, shape (num_envs,).
        """

    def backward(
        self, d_heads: Array, head_panels: Array, starts: NDArray[np.bool_]
    ) -> tuple[list[Array], Array]:
        """Goes back through the rollout's steps.

        Args:
            d_heads: Gradients of the loss with respect to the heads, shape (num_steps, num_envs,
                num_heads).
            head_panels: The heads' weights, (num_heads, width) in panels.
            starts: Where episodes started, shape (num_steps, num_envs).

        Returns:
            Gradients of the module's parameters, in the order of `parameters()`, and of the
            state of an episode's start, shape (parts, width).
        """


class Cell(Protocol):
    """A memory cell; a torch module with these on top.

    Attributes:
        input_size: Numbers that it gets at each step.
        hidden_size: Numbers that it gives out.
        state_size: Numbers in each part of its state.
        state_names: What the parts of its state are called; the first is its output.
        compiled_cell: Its arithmetic compiled, made for (module, num_steps, num_envs); None if
            torch is to run it.
    """

    input_size: int
    hidden_size: int
    state_size: int
    state_names: tuple[str, ...]
    compiled_cell: Callable[[Any, int, int], CompiledCell] | None

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

    def initialise(
        self, config: NetworkConfig, reward: slice | None, generator: np.random.Generator
    ) -> None:
        """Draws its weights, as the settings say.

        Args:
            config: Settings.
            reward: Which inputs are the last reward; None if that is not known.
            generator: To draw with.
        """


CELLS: dict[str, type[Any]] = {
    "lstm": LSTM,
    "gru": GRU,
    "rnn": RNN,
    "stacked-lstm": StackedLSTM,
    "actor-critic-lstm": ActorCriticLSTM,
}
"""By name: a setting's `cell`."""
