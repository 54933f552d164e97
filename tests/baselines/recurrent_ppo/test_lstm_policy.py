"""The policy computes what sb3-contrib's computes."""

import numpy as np
import pytest
import torch
from sb3_contrib import RecurrentPPO
from sb3_contrib.common.recurrent.policies import RecurrentActorCriticPolicy
from torch.distributions import Categorical

from baselines.common.vec_env import GymnasiumVecEnv
from baselines.recurrent_ppo import WholeSequencePolicy
from baselines.recurrent_ppo.lstm_policy import LeanCategorical

CRITICS = {
    "shared": {"shared_lstm": True, "enable_critic_lstm": False},
    "separate": {},
    "none": {"enable_critic_lstm": False},
    "two layers": {"n_lstm_layers": 2},
}


@pytest.mark.parametrize("kind", ["equal", "ragged"])
@pytest.mark.parametrize("critic", CRITICS)
def test_an_update_gives_the_parameters_of_the_stock_policy(kind, critic, make_ragged):
    """Same seed, same rollout, one train() each: a difference means that we learn otherwise.

    The equal episodes are a rollout long; the ragged ones have 1 to 7 steps, are padded, and go
    on from one rollout into the next.
    """
    models = []
    for policy in ("MlpLstmPolicy", WholeSequencePolicy):
        vec_env = GymnasiumVecEnv(make_ragged(4, 12 if kind == "equal" else None))
        models.append(
            RecurrentPPO(
                policy,
                vec_env,
                n_steps=12,
                batch_size=20,
                n_epochs=2,
                learning_rate=1e-2,
                ent_coef=0.01,
                policy_kwargs={"lstm_hidden_size": 8, "net_arch": [], **CRITICS[critic]},
                seed=3,
                device="cpu",
            ).learn(12 * 4)
        )
    stock, ours = models
    np.testing.assert_array_equal(stock.rollout_buffer.actions, ours.rollout_buffer.actions)
    np.testing.assert_allclose(
        stock.rollout_buffer.log_probs, ours.rollout_buffer.log_probs, atol=1e-6
    )
    start = RecurrentPPO(
        "MlpLstmPolicy", stock.env, policy_kwargs=stock.policy_kwargs, seed=3, device="cpu"
    ).policy.state_dict()
    for name, expected in stock.policy.state_dict().items():
        torch.testing.assert_close(
            ours.policy.state_dict()[name], expected, rtol=0, atol=1e-6, msg=name
        )
        assert not torch.equal(start[name], expected), f"{name} was not trained"


@pytest.mark.parametrize("starts", [(), (0,), (0, 4), (3,)])
def test_starts_anywhere_in_a_sequence_reset_the_state(starts):
    """Wherever an episode starts, nothing of the one before it may be remembered."""
    torch.manual_seed(0)
    lstm = torch.nn.LSTM(3, 5)
    features = torch.randn(2 * 6, 3)
    states = (torch.randn(1, 2, 5), torch.randn(1, 2, 5))
    episode_starts = torch.zeros(2, 6)
    episode_starts[1, list(starts)] = 1
    arguments = (features, states, episode_starts.flatten(), lstm)
    outputs, last = WholeSequencePolicy._process_sequence(*arguments)
    expected, expected_last = RecurrentActorCriticPolicy._process_sequence(*arguments)
    torch.testing.assert_close(outputs, expected)
    torch.testing.assert_close(last, expected_last)


def test_the_distribution_is_torchs():
    """Also the same actions from the same seed, so that runs compare with sb3-contrib's."""
    logits = torch.randn(500, 5, generator=torch.Generator().manual_seed(0))
    ours, theirs = LeanCategorical(logits), Categorical(logits=logits)
    torch.manual_seed(1)
    actions = ours.sample()
    torch.manual_seed(1)
    assert torch.equal(actions, theirs.sample())
    torch.testing.assert_close(ours.log_prob(actions), theirs.log_prob(actions))
    torch.testing.assert_close(ours.entropy(), theirs.entropy())
    torch.testing.assert_close(ours.probs, theirs.probs)
    assert ours.sample(torch.Size([3])).shape == (3, 500)


def test_the_entropy_of_a_decided_policy_is_zero_not_nan():
    """A policy that has learned its task gets there, and one nan would end the training."""
    logits = torch.tensor([[200.0, 0.0]], requires_grad=True)
    entropy = LeanCategorical(logits).entropy()
    entropy.sum().backward()
    assert entropy.item() == 0
    assert torch.isfinite(logits.grad).all()
