"""Actor-critics of two LSTMs, in which the actor learns of rewards by the critic's error alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor
from torch.nn.functional import linear

from baselines.common.errors import InputError
from baselines.networks.actor_critic import ActorCritic, run
from baselines.networks.cells import State
from baselines.networks.cells.actor_critic_lstm import ActorCriticLSTM
from baselines.networks.config import NetworkConfig

Change = Callable[[NDArray[np.float32]], ArrayLike]
"""From what is observed, shape (num_envs, size), to what is added to the prediction error, shape
(num_envs,) or a single number."""


class PredictionErrorActorCritic(ActorCritic):
    """A critic's LSTM that says the value, and an actor's LSTM that says the policy.

    Wang et al. 2018, simulation 6. The critic gets the whole observation: state, last action, last
    reward. The actor gets it with the last reward replaced by the critic's reward prediction error
    r + discount V(o) - V(o before), where r is that reward. At an episode's first step, with
    nothing before it, the error is 0. What the paper does not say and is a choice: the discount is
    that of the returns, and no gradient flows from the actor through the error into the critic.

    Args:
        cell: The two LSTMs.
        discount: Of the prediction error.
        num_actions: See `ActorCritic`; likewise the others.
        initial_state: "zero" or "learned".
        initial_log_std: None for discrete actions.

    Attributes:
        reward_column: Which of the inputs is the last reward, shape (1,); in checkpoints.
        change: What is added to the prediction error; None for nothing.
    """

    reward_column: Tensor

    def __init__(self, cell: ActorCriticLSTM, discount: float, *heads: Any) -> None:
        super().__init__(cell, *heads)
        self.discount = discount
        self.register_buffer("reward_column", torch.zeros(1, dtype=torch.int64))
        self.change: Change | None = None

    @torch.no_grad()
    def initialise(
        self, config: NetworkConfig, reward: slice | None, generator: np.random.Generator
    ) -> None:
        """Draws the weights, and notes which input is the last reward.

        Raises:
            InputError: If that is not known, or the reward is not a single number.
        """
        if reward is None or reward.stop - reward.start != 1:
            raise InputError(
                "`cell` must not be actor-critic-lstm where the observations do not tell which "
                "number is the last reward, or show it as several"
            )
        self.reward_column.fill_(reward.start)
        super().initialise(config, reward, generator)

    def forward(self, observations: Tensor, state: State, starts: Tensor) -> tuple[Tensor, State]:
        """Runs over whole sequences; see `ActorCritic.forward`."""
        critic, actor = zip(*(part.chunk(2, dim=1) for part in state), strict=True)
        critic_initial, actor_initial = self.initial.chunk(2, dim=1)
        judged, critic_after = run(self.cell.critic, observations, critic, critic_initial, starts)
        values = self._values(judged)
        # The value before the first step is read off the state: it needs no place of its own.
        before = self._values(torch.cat([critic[0][None], judged[:-1]]))
        errors = self._errors(observations, values.detach(), before.detach(), starts)
        inputs = observations.index_copy(2, self.reward_column, errors[..., None])
        acting, actor_after = run(self.cell.actor, inputs, actor, actor_initial, starts)
        policy = linear(acting, self.heads.weight[:-1], self.heads.bias[:-1])
        after = zip(critic_after, actor_after, strict=True)
        heads = torch.cat([policy, values[..., None]], dim=2)
        return heads, tuple(torch.cat(parts, dim=1) for parts in after)

    def _values(self, hidden: Tensor) -> Tensor:
        """What the critic's output, shape (steps, num_envs, units), says of the return."""
        return linear(hidden, self.heads.weight[-1:], self.heads.bias[-1:])[..., 0]

    def _errors(
        self, observations: Tensor, values: Tensor, before: Tensor, starts: Tensor
    ) -> Tensor:
        """The prediction error of each step, as it is changed, shape (steps, num_envs)."""
        rewards = observations.index_select(2, self.reward_column)[..., 0]
        errors = rewards + self.discount * values - before
        if self.change is not None:
            errors = errors + self._added(self.change, observations)
        return torch.where(starts, torch.zeros_like(errors), errors)

    def _added(self, change: Change, observations: Tensor) -> Tensor:
        seen = observations.flatten(0, 1).cpu().numpy()
        added = np.asarray(change(seen), np.float32)
        if added.shape not in ((), (len(seen),)):
            raise InputError(
                "what is added to the prediction error must be one number, or one for each of "
                f"{len(seen)} observations, got {added.shape}"
            )
        added = np.broadcast_to(added, len(seen)).reshape(observations.shape[:2])
        return torch.from_numpy(added.copy()).to(observations)
