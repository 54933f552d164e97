"""The network: one LSTM, with the policy and the value read off its output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn

State = tuple[Tensor, Tensor]
"""Hidden and cell state, each of shape (num_envs, hidden_size)."""


class RecurrentActorCritic(nn.Module):
    """LSTM, then a softmax policy and a linear value that share it (Wang et al. 2016, Fig. 1a).

    Args:
        observation_size: Numbers in an observation.
        num_actions: Number of discrete actions.
        hidden_size: Units of the LSTM.
        initial_state: "zero", or "learned" for a trained state at the start of an episode.
    """

    def __init__(
        self,
        observation_size: int,
        num_actions: int,
        hidden_size: int,
        initial_state: Literal["zero", "learned"] = "zero",
    ) -> None:
        super().__init__()
        self.num_actions = num_actions
        self.lstm = nn.LSTM(observation_size, hidden_size)
        # One matrix for the policy's logits and, in the last row, the value.
        self.heads = nn.Linear(hidden_size, num_actions + 1)
        nn.init.orthogonal_(self.heads.weight, 0.01)
        nn.init.zeros_(self.heads.bias)
        self.initial = nn.Parameter(
            torch.zeros(2, hidden_size), requires_grad=initial_state == "learned"
        )

    def initial_state(self, num_envs: int) -> State:
        """The state at the start of an episode."""
        hidden, cell = self.initial
        return hidden.expand(num_envs, -1), cell.expand(num_envs, -1)

    def restart(self, state: State, starts: Tensor) -> State:
        """The state with the initial one where `starts`, shape (num_envs,), is true."""
        fresh = self.initial_state(len(starts))
        hidden, cell = (
            torch.where(starts[:, None], f, s) for f, s in zip(fresh, state, strict=True)
        )
        return hidden, cell

    def forward(self, observations: Tensor, state: State, starts: Tensor) -> tuple[Tensor, Tensor]:
        """Runs over whole sequences.

        The LSTM runs once from each step at which some episode starts to the next such step;
        where all episodes start together, that is once over the whole sequence.

        Args:
            observations: Shape (steps, num_envs, observation_size).
            state: Before the first step.
            starts: Where an observation is an episode's first, shape (steps, num_envs).

        Returns:
            Logits, shape (steps, num_envs, num_actions), and values, shape (steps, num_envs).
        """
        cuts = starts[1:].any(dim=1).nonzero()[:, 0].add(1).tolist()
        outputs = []
        for first, last in zip([0, *cuts], [*cuts, len(observations)], strict=True):
            hidden, cell = self.restart(state, starts[first])
            output, (hidden, cell) = self.lstm(
                observations[first:last], (hidden[None].contiguous(), cell[None].contiguous())
            )
            state = hidden[0], cell[0]
            outputs.append(output)
        heads = self.heads(torch.cat(outputs) if len(outputs) > 1 else outputs[0])
        return heads[..., :-1], heads[..., -1]

    @torch.no_grad()
    def stepper(self, num_envs: int) -> Callable[[Tensor, State], tuple[Tensor, State]]:
        """A function that takes one step with the present weights, without gradients.

        It fuses the LSTM's two matrix products into one and keeps its buffers, which makes
        it several times faster than `nn.LSTM` on a sequence of one. It maps observations of
        shape (num_envs, observation_size) and a state to the heads' output, logits then value,
        shape (num_envs, num_actions + 1), and the next state.
        """
        lstm, size = self.lstm, self.lstm.hidden_size
        # Rows in the order input, forget, output, candidate: one sigmoid then does for three.
        weight_ih, weight_hh, bias_ih, bias_hh = lstm.parameters()
        order = torch.arange(4 * size).view(4, size)[[0, 1, 3, 2]].flatten()
        weight = torch.cat([weight_ih, weight_hh], dim=1)[order].t().contiguous()
        bias = (bias_ih + bias_hh)[order]
        head_weight, head_bias = self.heads.weight.t().contiguous(), self.heads.bias
        joint = torch.empty(num_envs, lstm.input_size + size)
        joint_observation, joint_hidden = joint[:, : lstm.input_size], joint[:, lstm.input_size :]
        gates = torch.empty(num_envs, 4 * size)
        sigmoids, candidate = gates[:, : 3 * size], gates[:, 3 * size :]
        input_gate, forget_gate, output_gate = torch.split(sigmoids, size, dim=1)

        @torch.no_grad()
        def step(observation: Tensor, state: State) -> tuple[Tensor, State]:
            hidden, cell = state
            joint_observation.copy_(observation)
            joint_hidden.copy_(hidden)
            torch.addmm(bias, joint, weight, out=gates)
            sigmoids.sigmoid_()
            candidate.tanh_()
            cell = torch.addcmul(input_gate * candidate, forget_gate, cell)
            hidden = output_gate * cell.tanh()
            return torch.addmm(head_bias, hidden, head_weight), (hidden, cell)

        return step
