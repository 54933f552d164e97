"""The network: one LSTM, with the policy and the value read off its output."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from baselines.networks.stacked_lstm import StackedLSTM, State


class RecurrentActorCritic(nn.Module):
    """LSTM, then a softmax policy and a linear value that share it (Wang et al. 2016, Fig. 1a).

    Args:
        observation_size: Numbers in an observation.
        num_actions: Number of discrete actions.
        hidden_size: Units of the LSTM.
        initial_state: "zero", or "learned" for a trained state at the start of an episode.
        stack: Takes the place of the single LSTM.
    """

    def __init__(
        self,
        observation_size: int,
        num_actions: int,
        hidden_size: int,
        initial_state: Literal["zero", "learned"] = "zero",
        stack: StackedLSTM | None = None,
    ) -> None:
        super().__init__()
        self.num_actions = num_actions
        self.lstm = stack or nn.LSTM(observation_size, hidden_size)
        # One matrix for the policy's logits and, in the last row, the value.
        self.heads = nn.Linear(hidden_size, num_actions + 1)
        nn.init.orthogonal_(self.heads.weight, 0.01)
        nn.init.zeros_(self.heads.bias)
        self.initial = nn.Parameter(
            torch.zeros(2, stack.state_size if stack else hidden_size),
            requires_grad=initial_state == "learned",
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

    def forward(self, observations: Tensor, state: State, starts: Tensor) -> tuple[Tensor, State]:
        """Runs over whole sequences.

        The LSTM runs once from each step at which some episode starts to the next such step;
        where all episodes start together, that is once over the whole sequence.

        Args:
            observations: Shape (steps, num_envs, observation_size).
            state: Before the first step.
            starts: Where an observation is an episode's first, shape (steps, num_envs).

        Returns:
            Logits and, last, the value, shape (steps, num_envs, num_actions + 1), and the state
            after the last step.
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
        return self.heads(torch.cat(outputs) if len(outputs) > 1 else outputs[0]), state
