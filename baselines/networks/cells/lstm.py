"""The LSTM: torch's module, how it is initialised, and its arithmetic in NumPy.

A small LSTM leaves a processor idle while torch looks up what to do next. In NumPy a step is a
dozen calls on arrays that stay in the processor's cache, and what the backward pass needs of a step
is kept from the rollout instead of being computed again.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from baselines.networks.config import InputSizes, NetworkConfig

Array = NDArray[np.float32]

ONE, HALF = np.float32(1), np.float32(0.5)


class NumpyLSTM:
    """An LSTM's steps forward during a rollout and backward after it, on the CPU.

    Rows of gates stand in the order input, forget, output, candidate, so that the three sigmoid
    gates are one block. All four come from one `tanh`, as sigmoid(x) = 0.5 tanh(0.5 x) + 0.5.

    Args:
        module: Read at `begin`.
        num_steps: Steps of a rollout.
        num_envs: Environments side by side.
    """

    def __init__(self, module: LSTM, num_steps: int, num_envs: int) -> None:
        self.module = module
        size, self.num_inputs = module.hidden_size, module.input_size
        self.hidden_size = size
        # torch has the candidate third and the output gate last.
        self.order = np.arange(4 * size).reshape(4, size)[[0, 1, 3, 2]].flatten()

        def buffer(*shape: int) -> Array:
            return np.zeros((*shape, num_envs), np.float32)

        # Of each step: observation, a one for the bias and the hidden state before; the gates;
        # the cell before; and what came of them.
        self.inputs = buffer(num_steps, self.num_inputs + 1 + size)
        self.inputs[:, self.num_inputs] = 1
        self.gates = buffer(num_steps, 4 * size)
        self.cells = buffer(num_steps + 1, size)
        self.tanh_cells = buffer(num_steps, size)
        self.hidden = buffer(num_steps, size)
        self._product = buffer(size)
        self._d_gates, self._slopes = np.zeros((2, 4 * size, num_envs), np.float32)

    def begin(self) -> None:
        """Takes up the module's weights as they are now, for the rollout to come."""
        with torch.no_grad():
            weight_ih, weight_hh, bias_ih, bias_hh = self.module.parameters()
            columns = [weight_ih, (bias_ih + bias_hh)[:, None], weight_hh]
            self.weight = torch.cat(columns, dim=1).numpy()[self.order]
        self.recurrent_weight = self.weight[:, self.num_inputs + 1 :].T.copy()
        self.weight[: 3 * self.hidden_size] *= 0.5  # Inside the sigmoids' tanh.

    def enter(self, t: int, observation: Array, state: tuple[Array, ...]) -> tuple[Array, ...]:
        """Notes what step `t` starts from; returns the state, to be changed where episodes start.

        Args:
            t: The step.
            observation: Shape (num_envs, input_size).
            state: Hidden state and cell after the step before, (hidden_size, num_envs) each.
        """
        inputs, cell = self.inputs[t], self.cells[t]
        inputs[: self.num_inputs] = observation.T
        inputs[self.num_inputs + 1 :], cell[...] = state
        return inputs[self.num_inputs + 1 :], cell

    def advance(self, t: int) -> tuple[Array, ...]:
        """Takes step `t` from what `enter` has noted; returns the state after it."""
        hidden, cell = self.hidden[t], self.cells[t + 1]
        self._advance(
            self.inputs[t], self.gates[t], self.cells[t], cell, self.tanh_cells[t], hidden
        )
        return hidden, cell

    def peek(self, observation: Array, state: tuple[Array, ...]) -> Array:
        """The output of a step that is not taken; `state` may be overwritten."""
        hidden, cell = state
        inputs = np.concatenate([observation.T, np.ones_like(observation[:, :1].T), hidden])
        gates = np.empty_like(self.gates[0])
        self._advance(inputs, gates, cell, cell, np.empty_like(cell), hidden)
        return hidden

    def _advance(
        self, inputs: Array, gates: Array, cell: Array, next_cell: Array, tanh: Array, hidden: Array
    ) -> None:
        """The LSTM's equations; the last three arrays and `gates` are written to."""
        size = self.hidden_size
        np.matmul(self.weight, inputs, out=gates)
        np.tanh(gates, out=gates)
        sigmoids = gates[: 3 * size]
        sigmoids *= HALF
        sigmoids += HALF
        np.multiply(gates[size : 2 * size], cell, out=next_cell)
        next_cell += np.multiply(gates[:size], gates[3 * size :], out=self._product)
        np.tanh(next_cell, out=tanh)
        np.multiply(gates[2 * size : 3 * size], tanh, out=hidden)

    def begin_backward(self) -> None:
        """Clears the gradient of the weights."""
        self._d_weight, self._one_step = np.zeros_like(self.weight), np.empty_like(self.weight)

    def backward(self, t: int, gradients: tuple[Array, ...]) -> None:
        """Goes back through step `t`; changes the gradients of the state in place."""
        d_hidden, d_cell = gradients
        size, product, d_gates = self.hidden_size, self._product, self._d_gates
        d_input, d_forget, d_output, d_candidate = d_gates.reshape(4, size, -1)
        gates, tanh_cell = self.gates[t], self.tanh_cells[t]
        input_gate, forget_gate, output_gate, candidate = gates.reshape(4, size, -1)
        # hidden = output_gate tanh(cell), and tanh' = 1 - tanh^2.
        np.multiply(tanh_cell, tanh_cell, out=product)
        np.subtract(ONE, product, out=product)
        product *= output_gate
        product *= d_hidden
        d_cell += product
        np.multiply(candidate, d_cell, out=d_input)
        np.multiply(self.cells[t], d_cell, out=d_forget)
        np.multiply(tanh_cell, d_hidden, out=d_output)
        np.multiply(input_gate, d_cell, out=d_candidate)
        d_gates *= self._slope(gates)
        self._d_weight += np.matmul(d_gates, self.inputs[t].T, out=self._one_step)
        np.matmul(self.recurrent_weight, d_gates, out=d_hidden)
        d_cell *= forget_gate

    def _slope(self, gates: Array) -> Array:
        """Each gate's derivative: gate - gate^2 of a sigmoid, 1 - gate^2 of the candidate."""
        first, out = 3 * self.hidden_size, self._slopes
        np.multiply(gates, gates, out=out)
        np.subtract(gates[:first], out[:first], out=out[:first])
        np.subtract(ONE, out[first:], out=out[first:])
        return out

    def gradients(self) -> list[Array]:
        """Gradients of the module's parameters, in the order of `parameters()`."""
        weight = np.empty_like(self._d_weight)
        weight[self.order] = self._d_weight
        bias = weight[:, self.num_inputs]
        return [weight[:, : self.num_inputs], weight[:, self.num_inputs + 1 :], bias, bias]


class LSTM(nn.LSTM):
    """One LSTM of one layer.

    Args:
        input_size: Numbers that it gets at each step.
        hidden_size: Units.
    """

    state_names = ("hidden", "cell")
    numpy_cell = NumpyLSTM

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.state_size = hidden_size

    @classmethod
    def build(cls, inputs: InputSizes, config: NetworkConfig) -> LSTM:
        """One for all inputs alike."""
        return cls(inputs.total, config.hidden_size)

    @torch.no_grad()
    def initialise(self, config: NetworkConfig, reward: slice | None) -> None:
        """Scales input weights and moves biases.

        Sources: forget bias, Jozefowicz et al. 2015; chrono initialisation, Tallec and Ollivier
        2018 (arXiv 1804.11188).
        """
        weights = self.get_parameter("weight_ih_l0")
        weights.mul_(config.input_gain)
        # Torch keeps the gates in the order input, forget, cell, output.
        input_bias, forget_bias, *_ = self.get_parameter("bias_ih_l0").chunk(4)
        forget_bias += config.forget_bias
        if config.chrono_steps is not None:
            keeps = torch.empty_like(forget_bias).uniform_(1, config.chrono_steps - 1).log()
            forget_bias += keeps
            input_bias -= keeps
        if reward is not None:
            weights[:, reward] *= config.reward_gain
