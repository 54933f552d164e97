"""The network's arithmetic in NumPy: one step at a time, and back through all steps at the end.

A small LSTM leaves a processor idle while torch looks up what to do next. Here a step is a dozen
NumPy calls on arrays that stay in the processor's cache, and what the backward pass needs of a
step is kept from the rollout instead of being computed again.

Arrays are feature-major, (features, num_envs), so that each gate is one contiguous block.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from baselines.networks.actor_critic import RecurrentActorCritic

Array = NDArray[np.float32]

ONE, HALF = np.float32(1), np.float32(0.5)


class NumpyBackend:
    """Runs a network forward during a rollout and backward after it, on the CPU.

    Rows of gates stand in the order input, forget, output, candidate, so that the three sigmoid
    gates are one block. All four come from one `tanh`, as sigmoid(x) = 0.5 tanh(0.5 x) + 0.5.

    Args:
        network: Read at `begin`, and given gradients by `backward`.
        num_steps: Steps of a rollout.
        num_envs: Environments side by side.
    """

    def __init__(self, network: RecurrentActorCritic, num_steps: int, num_envs: int) -> None:
        self.network = network
        size, self.num_inputs = network.lstm.hidden_size, network.lstm.input_size
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
        self.heads = buffer(num_steps, network.num_actions + 1)
        self.starts = np.zeros((num_steps, num_envs), np.bool_)
        self.state = self.initial(num_envs)
        self._product = buffer(size)

    def initial(self, num_envs: int) -> tuple[Array, Array]:
        """Hidden state and cell at an episode's start, each of shape (hidden_size, num_envs)."""
        hidden, cell = self.network.initial.detach().numpy()[:, :, None].repeat(num_envs, axis=2)
        return hidden, cell

    def begin(self) -> None:
        """Takes up the network's weights as they are now, for the rollout to come."""
        with torch.no_grad():
            weight_ih, weight_hh, bias_ih, bias_hh = self.network.lstm.parameters()
            columns = [weight_ih, (bias_ih + bias_hh)[:, None], weight_hh]
            self.weight = torch.cat(columns, dim=1).numpy()[self.order]
        self.recurrent_weight = self.weight[:, self.num_inputs + 1 :].T.copy()
        self.weight[: 3 * self.hidden_size] *= 0.5  # Inside the sigmoids' tanh.
        self.head_weight = self.network.heads.weight.detach().numpy().copy()
        self.head_bias = self.network.heads.bias.detach().numpy()[:, None].copy()

    def step(self, t: int, observation: Array, starts: NDArray[np.bool_]) -> Array:
        """Takes step `t` of the rollout.

        Args:
            t: Which.
            observation: Shape (num_envs, observation_size).
            starts: Where it is an episode's first.

        Returns:
            Logits and, in the last row, the value, shape (num_actions + 1, num_envs).
        """
        self.starts[t] = starts
        inputs, cell, next_cell, hidden = (
            self.inputs[t],
            self.cells[t],
            self.cells[t + 1],
            self.hidden[t],
        )
        inputs[: self.num_inputs] = observation.T
        inputs[self.num_inputs + 1 :], cell[...] = self.state
        if np.count_nonzero(starts):
            self._restart(inputs[self.num_inputs + 1 :], cell, starts)
        self._advance(inputs, self.gates[t], cell, next_cell, self.tanh_cells[t], hidden)
        self.state = hidden, next_cell
        heads = np.matmul(self.head_weight, hidden, out=self.heads[t])
        heads += self.head_bias
        return heads

    def _restart(self, hidden: Array, cell: Array, starts: NDArray[np.bool_]) -> None:
        hidden[:, starts], cell[:, starts] = self.initial(int(starts.sum()))

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

    def values(self, observation: Array, starts: NDArray[np.bool_]) -> Array:
        """Values of observations that the rollout ends or breaks off with, shape (num_envs,).

        Leaves the state as it is: no step is taken.
        """
        hidden, cell = (part.copy() for part in self.state)
        self._restart(hidden, cell, starts)
        inputs = np.concatenate([observation.T, np.ones_like(observation[:, :1].T), hidden])
        gates = np.empty_like(self.gates[0])
        self._advance(inputs, gates, cell, cell, np.empty_like(cell), hidden)
        return (self.head_weight[-1:] @ hidden + self.head_bias[-1])[0]

    def backward(self, head_gradients: Array) -> None:
        """Sets the gradients of the network's parameters, through the rollout's steps.

        Args:
            head_gradients: Gradient of the loss with respect to what `step` returned, shape
                (num_steps, num_actions + 1, num_envs).
        """
        size, product = self.hidden_size, self._product
        weight, one_step = np.zeros_like(self.weight), np.empty_like(self.weight)
        initial = np.zeros((2, size), np.float32)
        d_hidden, d_cell = np.zeros_like(product), np.zeros_like(product)
        d_gates, slope = np.empty_like(self.gates[0]), np.empty_like(self.gates[0])
        d_input, d_forget, d_output, d_candidate = d_gates.reshape(4, size, -1)
        back_to_hidden = self.head_weight.T.copy()
        for t in range(len(head_gradients) - 1, -1, -1):
            gates, tanh_cell = self.gates[t], self.tanh_cells[t]
            input_gate, forget_gate, output_gate, candidate = gates.reshape(4, size, -1)
            d_hidden += np.matmul(back_to_hidden, head_gradients[t], out=product)
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
            d_gates *= self._slope(gates, slope)
            weight += np.matmul(d_gates, self.inputs[t].T, out=one_step)
            np.matmul(self.recurrent_weight, d_gates, out=d_hidden)
            d_cell *= forget_gate
            starts = self.starts[t]
            if np.count_nonzero(starts):
                initial += d_hidden[:, starts].sum(axis=1), d_cell[:, starts].sum(axis=1)
                d_hidden[:, starts] = d_cell[:, starts] = 0
        self._set_gradients(weight, initial, head_gradients)

    def _slope(self, gates: Array, out: Array) -> Array:
        """Each gate's derivative: gate - gate^2 of a sigmoid, 1 - gate^2 of the candidate."""
        first = 3 * self.hidden_size
        np.multiply(gates, gates, out=out)
        np.subtract(gates[:first], out[:first], out=out[:first])
        np.subtract(ONE, out[first:], out=out[first:])
        return out

    def _set_gradients(self, weight: Array, initial: Array, head_gradients: Array) -> None:
        weight[self.order] = weight.copy()
        bias = weight[:, self.num_inputs]
        gradients = [
            weight[:, : self.num_inputs],
            weight[:, self.num_inputs + 1 :],
            bias,
            bias,
            np.matmul(head_gradients, self.hidden.transpose(0, 2, 1)).sum(axis=0),
            head_gradients.sum(axis=(0, 2)),
        ]
        network = self.network
        parameters = [*network.lstm.parameters(), network.heads.weight, network.heads.bias]
        if network.initial.requires_grad:
            parameters.append(network.initial)
            gradients.append(initial)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = torch.from_numpy(np.array(gradient, np.float32))
