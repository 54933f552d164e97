"""The GRU: torch's module, how it is initialised, and its arithmetic compiled."""

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
from baselines.networks.cells.hidden_only import HiddenOnly
from baselines.networks.cells.initial_weights import chrono_biases, draw_recurrent
from baselines.networks.config import InputSizes, NetworkConfig
from baselines.networks.kernels.maths import sigmoid, tanh
from baselines.networks.kernels.products import (
    BLOCK,
    PANEL,
    Array,
    in_panels,
    multiply,
    padded,
    row_length,
)
from baselines.networks.kernels.vector import load, store
from meta_envs.core.compiled import compiled

GATES = 3
"""Reset gate, update gate and candidate, in torch's order."""
ONE = np.float32(1)


class CompiledGRU:
    """A GRU's steps forward during a rollout and backward after it; see `CompiledCell`.

    The candidate is tanh(a + reset b), where a comes from the observation alone and b from the
    hidden state alone. Columns stand in the order a, reset, update, b, so that one product fills
    the first three from the observation and another adds to the last three from the hidden state.

    Args:
        module: Read at `begin`.
        num_steps: Steps of a rollout.
        num_envs: Environments side by side.
    """

    def __init__(self, module: GRU, num_steps: int, num_envs: int) -> None:
        # By whole panels, as one product ends where the other's begin.
        self.module, self.width = module, padded(module.hidden_size, PANEL)
        size, width = module.input_size, self.width
        steps = num_steps, num_envs
        self.hidden = np.zeros((*steps, row_length(width)), np.float32)
        self.state = np.zeros((1, num_envs, width), np.float32)
        # The one is the bias's in both products.
        self.inputs = np.zeros((*steps, size + 1 + width), np.float32)
        self.inputs[:, :, size] = 1
        self.gates = np.zeros((*steps, row_length(4 * width)), np.float32)

    def begin(self, initial: Array) -> None:
        """Takes up the module's weights, and a state for episodes to start from."""
        weight_ih, weight_hh, bias_ih, bias_hh = (
            parameter.detach().numpy() for parameter in self.module.parameters()
        )
        observed = np.concatenate([weight_ih, bias_ih[:, None]], axis=1)
        self.panels = in_panels(self._candidate_first(by_input(observed, GATES, self.width)))
        remembered = np.concatenate([bias_hh[:, None], weight_hh], axis=1)
        matrix = np.zeros((1 + self.width, GATES * self.width), np.float32)
        matrix[: remembered.shape[1]] = by_input(remembered, GATES, self.width)
        self.hidden_panels, self.back_panels = in_panels(matrix), in_panels(matrix[1:].T)
        self.initial = initial

    def _candidate_first(self, matrix: Array, shift: int = 1) -> Array:
        """Columns of reset gate, update gate, candidate, turned round."""
        return np.roll(matrix, shift * self.width, axis=1)

    def step(self, t: int, observation: Array, starts: NDArray[np.bool_]) -> None:
        """Takes step `t`: writes `hidden[t]` and changes `state`."""
        advance(
            *(t, observation, starts, self.initial, self.panels, self.hidden_panels),
            *(self.inputs, self.gates, self.hidden, self.state),
        )

    def backward(
        self, d_heads: Array, head_panels: Array, starts: NDArray[np.bool_]
    ) -> tuple[list[Array], Array]:
        """Goes back through the rollout's steps; see `CompiledCell.backward`."""
        size, units, width = self.module.input_size, self.module.hidden_size, self.width
        d_observed = np.zeros((size + 1, GATES * width), np.float32)
        d_remembered = np.zeros((1 + width, GATES * width), np.float32)
        d_initial = np.zeros_like(self.initial)
        go_back(
            *(d_heads, head_panels, starts, self.back_panels, self.inputs, self.gates),
            *(d_observed, d_remembered, d_initial),
        )
        observed = by_gate(self._candidate_first(d_observed, -1), GATES, units)
        remembered = by_gate(d_remembered[: 1 + units], GATES, units)
        gradients = [observed[:, :size], remembered[:, 1:], observed[:, size], remembered[:, 0]]
        return gradients, d_initial


@compiled
def advance(
    t: int,
    observation: Array,
    starts: NDArray[np.bool_],
    initial: Array,
    panels: Array,
    hidden_panels: Array,
    inputs: Array,
    gates: Array,
    hidden: Array,
    state: Array,
) -> None:
    """The GRU's equations, for all environments; see `CompiledGRU` for the arrays."""
    size = observation.shape[1]
    num_envs, width = state[0].shape
    enter(observation, starts, initial[0], state[0], inputs[t])
    entered, gate, output = inputs[t], gates[t], hidden[t]
    multiply(entered, panels, gate, False)
    for env in range(num_envs):
        for unit in range(3 * width, 4 * width):
            gate[env, unit] = 0
    multiply(entered[:, size:], hidden_panels, gate[:, width:], True)
    for env in range(num_envs):
        for unit in range(0, width, 8):
            reset = sigmoid(load(8, gate, env, width + unit))
            update = sigmoid(load(8, gate, env, 2 * width + unit))
            remembered = load(8, gate, env, 3 * width + unit)
            candidate = tanh(load(8, gate, env, unit) + reset * remembered)
            store(gate, env, unit, candidate)
            store(gate, env, width + unit, reset)
            store(gate, env, 2 * width + unit, update)
            before = load(8, entered, env, size + 1 + unit)
            after = candidate + update * (before - candidate)
            store(output, env, unit, after)
            store(state[0], env, unit, after)


@compiled
def go_back(
    d_heads: Array,
    head_panels: Array,
    starts: NDArray[np.bool_],
    back_panels: Array,
    inputs: Array,
    gates: Array,
    d_observed: Array,
    d_remembered: Array,
    d_initial: Array,
) -> None:
    """Backpropagation through time; each step's gates are overwritten by their gradients."""
    num_steps, num_envs, _ = inputs.shape
    width, size = d_initial.shape[1], len(d_observed) - 1
    d_hidden = np.zeros((num_envs, width), np.float32)
    chunk = max(1, BLOCK // num_envs)
    last = num_steps
    for t in range(num_steps - 1, -1, -1):
        multiply(d_heads[t], head_panels, d_hidden, True)
        _back_through_gates(d_hidden, gates[t], inputs[t][:, size + 1 :])
        multiply(gates[t][:, width:], back_panels, d_hidden, True)
        for env in range(num_envs):
            if starts[t, env]:
                for unit in range(width):
                    d_initial[0, unit] += d_hidden[env, unit]
                    d_hidden[env, unit] = 0
        if last - t == chunk or t == 0:
            add_weight_gradient(inputs, 0, gates, 0, t, last, d_observed)
            add_weight_gradient(inputs, size, gates, width, t, last, d_remembered)
            last = t


@compiled
def _back_through_gates(d_hidden: Array, gate: Array, before: Array) -> None:
    """From the gradient of the hidden state after a step to those of gates and direct memory."""
    num_envs, width = d_hidden.shape
    for env in range(num_envs):
        for unit in range(0, width, 8):
            d_after = load(8, d_hidden, env, unit)
            candidate, reset = load(8, gate, env, unit), load(8, gate, env, width + unit)
            update = load(8, gate, env, 2 * width + unit)
            remembered = load(8, gate, env, 3 * width + unit)
            d_candidate = d_after * (ONE - update) * (ONE - candidate * candidate)
            d_reset = d_candidate * remembered * reset * (ONE - reset)
            kept = load(8, before, env, unit) - candidate
            store(gate, env, unit, d_candidate)
            store(gate, env, width + unit, d_reset)
            store(gate, env, 2 * width + unit, d_after * kept * update * (ONE - update))
            store(gate, env, 3 * width + unit, d_candidate * reset)
            store(d_hidden, env, unit, d_after * update)


class GRU(HiddenOnly, nn.GRU):  # type: ignore[misc]  # called as all cells are
    """One GRU of one layer, as RL² has it (Duan et al. 2016).

    Args:
        input_size: Numbers that it gets at each step.
        hidden_size: Units.
    """

    compiled_cell = CompiledGRU

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.state_size = hidden_size

    @classmethod
    def build(cls, inputs: InputSizes, config: NetworkConfig) -> GRU:
        """One for all inputs alike."""
        return cls(inputs.total, config.hidden_size)

    @torch.no_grad()
    def initialise(
        self, config: NetworkConfig, reward: slice | None, generator: np.random.Generator
    ) -> None:
        """Draws weights, scales those of the inputs and moves biases.

        An open update gate keeps what is there, as an LSTM's forget gate does.
        """
        draw_recurrent(self, config, reward, generator)
        _, update_bias, _ = self.get_parameter("bias_ih_l0").chunk(3)
        update_bias += config.forget_bias
        if config.chrono_steps is not None:
            update_bias += chrono_biases(self.hidden_size, config.chrono_steps, generator)
