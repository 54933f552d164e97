"""The LSTM: torch's module, how it is initialised, and its arithmetic compiled."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from baselines.networks.cells.gates import (
    add_weight_gradient,
    by_gate,
    by_input,
    enter,
)
from baselines.networks.cells.initial_weights import chrono_biases, draw_recurrent
from baselines.networks.config import InitialWeights, InputSizes, NetworkConfig
from baselines.networks.kernels.maths import sigmoid, tanh
from baselines.networks.kernels.products import (
    BLOCK,
    LANES,
    PANEL,
    Array,
    in_panels,
    multiply,
    padded,
    row_length,
)
from baselines.networks.kernels.vector import load, store
from meta_envs.core.compiled import compiled

GATES = 4
"""Input gate, forget gate, candidate and output gate, in torch's order."""
ONE = np.float32(1)


class CompiledLSTM:
    """An LSTM's steps forward during a rollout and backward after it; see `CompiledCell`.

    Args:
        module: Read at `begin`.
        num_steps: Steps of a rollout.
        num_envs: Environments side by side.
    """

    def __init__(self, module: LSTM, num_steps: int, num_envs: int) -> None:
        self.module, self.width = module, padded(module.hidden_size, LANES)
        size, width = module.input_size, self.width
        steps = num_steps, num_envs
        self.hidden = np.zeros((*steps, row_length(width)), np.float32)
        self.state = np.zeros((2, num_envs, width), np.float32)
        self.inputs = np.zeros((*steps, size + 1 + width), np.float32)
        self.inputs[:, :, size] = 1
        self.gates = np.zeros((*steps, row_length(GATES * width)), np.float32)
        # Of each step, the cell before it and the tanh of the cell after it.
        self.cells, self.tanh_cells = np.zeros((2, *steps, width), np.float32)

    def begin(self, initial: Array) -> None:
        """Takes up the module's weights, and a state for episodes to start from."""
        weight_ih, weight_hh, bias_ih, bias_hh = (
            parameter.detach().numpy() for parameter in self.module.parameters()
        )
        columns = np.concatenate([weight_ih, (bias_ih + bias_hh)[:, None], weight_hh], axis=1)
        matrix = np.zeros((self.inputs.shape[2], GATES * self.width), np.float32)
        matrix[: columns.shape[1]] = by_input(columns, GATES, self.width)
        self.panels = in_panels(matrix)
        self.back_panels = in_panels(matrix[self.module.input_size + 1 :].T)
        self.initial = initial

    def step(self, t: int, observation: Array, starts: NDArray[np.bool_]) -> None:
        """Takes step `t`: writes `hidden[t]` and changes `state`."""
        advance(
            *(t, observation, starts, self.initial, self.panels),
            *(self.inputs, self.gates, self.cells, self.tanh_cells, self.hidden, self.state),
        )

    def backward(
        self, d_heads: Array, head_panels: Array, starts: NDArray[np.bool_]
    ) -> tuple[list[Array], Array]:
        """Goes back through the rollout's steps; see `CompiledCell.backward`."""
        d_weight = np.zeros((self.inputs.shape[2], GATES * self.width), np.float32)
        d_initial = np.zeros_like(self.initial)
        go_back(
            *(d_heads, head_panels, starts, self.back_panels, self.inputs, self.gates),
            *(self.cells, self.tanh_cells, d_weight, d_initial),
        )
        size, units = self.module.input_size, self.module.hidden_size
        weight = by_gate(d_weight[: size + 1 + units], GATES, units)
        bias = weight[:, size]
        return [weight[:, :size], weight[:, size + 1 :], bias, bias], d_initial


@compiled
def advance(
    t: int,
    observation: Array,
    starts: NDArray[np.bool_],
    initial: Array,
    panels: Array,
    inputs: Array,
    gates: Array,
    cells: Array,
    tanh_cells: Array,
    hidden: Array,
    state: Array,
) -> None:
    """The LSTM's equations, for all environments; see `CompiledLSTM` for the arrays."""
    enter(observation, starts, initial[0], state[0], inputs[t])
    before, gate, tanh_cell, output = cells[t], gates[t], tanh_cells[t], hidden[t]
    multiply(inputs[t], panels, gate, False)
    num_envs, width = before.shape
    for env in range(num_envs):
        old, row = (initial, 1) if starts[env] else (state[1], env)
        for unit in range(0, width, 8):
            into = sigmoid(load(8, gate, env, unit))
            keep = sigmoid(load(8, gate, env, width + unit))
            candidate = tanh(load(8, gate, env, 2 * width + unit))
            out = sigmoid(load(8, gate, env, 3 * width + unit))
            cell = load(8, old, row, unit)
            store(before, env, unit, cell)
            store(gate, env, unit, into)
            store(gate, env, width + unit, keep)
            store(gate, env, 2 * width + unit, candidate)
            store(gate, env, 3 * width + unit, out)
            cell = keep * cell + into * candidate
            store(state[1], env, unit, cell)
            cell = tanh(cell)
            store(tanh_cell, env, unit, cell)
            cell = out * cell
            store(output, env, unit, cell)
            store(state[0], env, unit, cell)


@compiled
def go_back(
    d_heads: Array,
    head_panels: Array,
    starts: NDArray[np.bool_],
    back_panels: Array,
    inputs: Array,
    gates: Array,
    cells: Array,
    tanh_cells: Array,
    d_weight: Array,
    d_initial: Array,
) -> None:
    """Backpropagation through time; each step's gates are overwritten by their gradients."""
    num_steps, num_envs, width = cells.shape
    d_hidden = np.zeros((num_envs, PANEL * len(back_panels)), np.float32)
    d_cells = np.zeros((num_envs, width), np.float32)
    chunk = max(1, BLOCK // num_envs)
    last = num_steps
    for t in range(num_steps - 1, -1, -1):
        multiply(d_heads[t], head_panels, d_hidden, True)
        _back_through_gates(d_hidden, d_cells, gates[t], cells[t], tanh_cells[t])
        multiply(gates[t], back_panels, d_hidden, False)
        for env in range(num_envs):
            if starts[t, env]:
                for unit in range(width):
                    d_initial[0, unit] += d_hidden[env, unit]
                    d_initial[1, unit] += d_cells[env, unit]
                    d_hidden[env, unit] = d_cells[env, unit] = 0
        if last - t == chunk or t == 0:
            add_weight_gradient(inputs, 0, gates, 0, t, last, d_weight)
            last = t


@compiled
def _back_through_gates(
    d_hidden: Array, d_cells: Array, gate: Array, before: Array, tanh_cell: Array
) -> None:
    """From the gradients of a step's hidden state and cell to those of its gates and old cell."""
    num_envs, width = before.shape
    for env in range(num_envs):
        for unit in range(0, width, 8):
            into, keep = load(8, gate, env, unit), load(8, gate, env, width + unit)
            candidate = load(8, gate, env, 2 * width + unit)
            out = load(8, gate, env, 3 * width + unit)
            tanh = load(8, tanh_cell, env, unit)
            d_out = load(8, d_hidden, env, unit)
            # hidden = out tanh(cell), and tanh' = 1 - tanh^2.
            d_cell = load(8, d_cells, env, unit) + d_out * out * (ONE - tanh * tanh)
            store(gate, env, unit, d_cell * candidate * into * (ONE - into))
            old = load(8, before, env, unit)
            store(gate, env, width + unit, d_cell * old * keep * (ONE - keep))
            store(gate, env, 2 * width + unit, d_cell * into * (ONE - candidate * candidate))
            store(gate, env, 3 * width + unit, d_out * tanh * out * (ONE - out))
            store(d_cells, env, unit, d_cell * keep)


class LSTM(nn.LSTM):
    """One LSTM of one layer.

    Args:
        input_size: Numbers that it gets at each step.
        hidden_size: Units.
    """

    state_names = ("hidden", "cell")
    compiled_cell = CompiledLSTM

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.state_size = hidden_size

    @classmethod
    def build(cls, inputs: InputSizes, config: NetworkConfig) -> LSTM:
        """One for all inputs alike."""
        return cls(inputs.total, config.hidden_size)

    @torch.no_grad()
    def initialise(
        self, config: NetworkConfig, reward: slice | None, generator: np.random.Generator
    ) -> None:
        """Draws weights, scales those of the inputs and moves biases."""
        draw_recurrent(self, config, reward, generator)
        move_biases(self, config, generator)


def move_biases(module: nn.LSTM, config: InitialWeights, generator: np.random.Generator) -> None:
    """Moves the initial biases of an LSTM's gates, as the settings say.

    Sources: forget bias, Jozefowicz et al. 2015; chrono initialisation, Tallec and Ollivier 2018
    (arXiv 1804.11188).
    """
    # Torch keeps the gates in the order input, forget, cell, output.
    input_bias, forget_bias, *_ = module.get_parameter("bias_ih_l0").chunk(4)
    forget_bias += config.forget_bias
    if config.chrono_steps is not None:
        keeps = chrono_biases(module.hidden_size, config.chrono_steps, generator)
        forget_bias += keeps
        input_bias -= keeps
