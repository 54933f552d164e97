"""sb3-contrib's LSTM policy, computing the same with fewer calls."""

from __future__ import annotations

from typing import Any

import torch
from sb3_contrib.common.recurrent.policies import (
    RecurrentActorCriticCnnPolicy,
    RecurrentActorCriticPolicy,
    RecurrentMultiInputActorCriticPolicy,
)
from sb3_contrib.common.recurrent.type_aliases import RNNStates
from stable_baselines3.common.distributions import (
    CategoricalDistribution,
    DiagGaussianDistribution,
)
from torch.distributions import Categorical, Distribution

LstmStates = tuple[torch.Tensor, torch.Tensor]
"""Hidden and cell state, each of shape (layers, sequences, hidden)."""


NO_SHAPE = torch.Size()


class LeanCategorical(Categorical):
    """torch's categorical distribution without its checks and its broadcasting.

    Same seed, same actions: `sample` does what `torch.multinomial` does behind its checks.

    Args:
        logits: Shape (batch, actions).
    """

    def __init__(self, logits: torch.Tensor) -> None:
        self.logits = self._param = logits.log_softmax(-1)
        self._num_events = logits.shape[-1]
        Distribution.__init__(self, logits.shape[:-1], validate_args=False)

    def sample(self, sample_shape: Any = NO_SHAPE) -> torch.Tensor:
        """One action a row, shape (batch,)."""
        if sample_shape != NO_SHAPE:
            actions: torch.Tensor = super().sample(sample_shape)  # type: ignore[no-untyped-call]
            return actions
        with torch.no_grad():
            probs = self.logits.exp()
            return (probs / torch.empty_like(probs).exponential_()).argmax(-1)

    def log_prob(self, value: torch.Tensor) -> torch.Tensor:
        """The log-probability of each action, both of shape (batch,)."""
        return self.logits.gather(-1, value.unsqueeze(-1)).squeeze(-1)

    def entropy(self) -> torch.Tensor:
        """The entropy in nats, shape (batch,)."""
        return -(self.logits * self.logits.exp()).sum(-1)


class LeanCategoricalDistribution(CategoricalDistribution):
    """Stable-Baselines3's handle on a `LeanCategorical`."""

    def proba_distribution(self, action_logits: torch.Tensor) -> LeanCategoricalDistribution:
        """Holds the distribution with these logits, shape (batch, actions)."""
        self.distribution = LeanCategorical(action_logits)
        return self


class WholeSequencePolicy(RecurrentActorCriticPolicy):
    """`MlpLstmPolicy` that runs the LSTM over a sequence in one call.

    The stock policy goes through a sequence step by step as soon as one episode starts in it,
    even if it starts at the very first step, where a reset of the initial state is enough.
    The parameters, their names and the results are those of the stock policy.

    Args:
        *args: Of the stock policy.
        critic_trains_lstm: Whether the value's error changes the LSTM that actor and critic share;
            the stock policy keeps it from doing so.
        **kwargs: Of the stock policy.
    """

    def __init__(self, *args: Any, critic_trains_lstm: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.critic_trains_lstm = critic_trains_lstm
        if isinstance(self.action_dist, CategoricalDistribution):
            self.action_dist = LeanCategoricalDistribution(self.action_dist.action_dim)

    def evaluate_actions(  # type: ignore[override]  # as the stock one differs from its own base
        self,
        obs: torch.Tensor,
        actions: torch.Tensor,
        lstm_states: RNNStates,
        episode_starts: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Values, log-probabilities and entropies of a minibatch, each of shape (batch, ...)."""
        if not self.critic_trains_lstm:
            return super().evaluate_actions(obs, actions, lstm_states, episode_starts)
        features: Any = self.extract_features(obs)
        states: Any = lstm_states.pi
        latent, _ = self._process_sequence(features, states, episode_starts, self.lstm_actor)
        values = self.value_net(self.mlp_extractor.forward_critic(latent))
        said: Any = [self.action_net(self.mlp_extractor.forward_actor(latent))]
        if isinstance(self.action_dist, DiagGaussianDistribution):
            said.append(self.log_std)
        chosen: Any = self.action_dist.proba_distribution(*said)
        return values, chosen.log_prob(actions), chosen.entropy()

    @staticmethod
    def _process_sequence(  # type: ignore[override]  # the stock one's type is a slip
        features: torch.Tensor,
        lstm_states: LstmStates,
        episode_starts: torch.Tensor,
        lstm: torch.nn.LSTM,
    ) -> tuple[torch.Tensor, LstmStates]:
        """Runs the LSTM over a batch of padded sequences.

        Args:
            features: Shape (sequences * length, features), sequence by sequence.
            lstm_states: The states before the first step.
            episode_starts: 1 where an episode starts, else 0, shape (sequences * length,).
            lstm: The network.

        Returns:
            The outputs, shape (sequences * length, hidden), and the states after the last step.
        """
        num_sequences = lstm_states[0].shape[1]
        starts = episode_starts.view(num_sequences, -1)
        if starts.shape[1] > 1 and bool(starts[:, 1:].any()):
            stock: Any = super(WholeSequencePolicy, WholeSequencePolicy)
            outputs, last = stock._process_sequence(features, lstm_states, episode_starts, lstm)
            return outputs, last
        hidden, cell = lstm_states
        if bool(starts[:, 0].any()):
            keep = 1.0 - starts[:, :1]
            hidden, cell = keep * hidden, keep * cell
        if starts.shape[1] == 1 and lstm.num_layers == 1:
            # One step, as in a rollout: the cell alone takes half the time.
            weights: Any = lstm.all_weights[0]
            hidden, cell = torch.lstm_cell(features, (hidden[0], cell[0]), *weights)
            return hidden, (hidden.unsqueeze(0), cell.unsqueeze(0))
        inputs = features.view(num_sequences, -1, lstm.input_size).transpose(0, 1)
        outputs, last = lstm(inputs, (hidden, cell))
        return outputs.transpose(0, 1).flatten(end_dim=1), last


class WholeSequenceCnnPolicy(WholeSequencePolicy, RecurrentActorCriticCnnPolicy):
    """`CnnLstmPolicy`, for images, likewise."""


class WholeSequenceMultiInputPolicy(WholeSequencePolicy, RecurrentMultiInputActorCriticPolicy):
    """`MultiInputLstmPolicy`, for a Dict of images and vectors, likewise."""
