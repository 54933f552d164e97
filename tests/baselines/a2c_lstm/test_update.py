"""Advantages and the loss, against sums written out by hand."""

import numpy as np
import pytest
import torch
from gymnasium import spaces
from hypothesis import given
from hypothesis import strategies as st

from baselines.a2c_lstm.config import A2CLSTMConfig, config_from_dict
from baselines.a2c_lstm.optimizer import TorchOptimizer
from baselines.a2c_lstm.rollout import Rollout
from baselines.a2c_lstm.update import advantages, loss_gradients, update
from baselines.common.schedule import Schedule, constant
from baselines.networks.actions import DiscreteActions
from baselines.networks.actor_critic import ActorCritic
from baselines.networks.backends import CompiledBackend
from baselines.networks.cells.lstm import LSTM


def advantage_by_definition(rewards, values, dones, discount, gae_lambda, t):
    """Sum over k of (discount * lambda)^k delta_{t+k}, up to the episode's end."""
    total, weight = 0.0, 1.0
    for k in range(t, len(rewards)):
        following = 0.0 if dones[k] else discount * values[k + 1]
        total += weight * (rewards[k] + following - values[k])
        if dones[k]:
            break
        weight *= discount * gae_lambda
    return total


@given(st.integers(0, 10_000), st.floats(0, 1), st.floats(0, 1))
def test_advantages_are_those_of_the_definition(seed, discount, gae_lambda):
    rng = np.random.default_rng(seed)
    rewards = rng.normal(size=(9, 3)).astype(np.float32)
    values = rng.normal(size=(10, 3)).astype(np.float32)
    dones = rng.random((9, 3)) < 0.3
    result = advantages(rewards, values, dones, discount, gae_lambda)
    for t in range(9):
        for i in range(3):
            expected = advantage_by_definition(
                rewards[:, i], values[:, i], dones[:, i], discount, gae_lambda, t
            )
            assert result[t, i] == pytest.approx(expected, abs=1e-4)


def test_with_lambda_one_the_target_is_the_discounted_return():
    """The paper's advantage: what came, minus what was expected."""
    rewards = np.ones((4, 1), np.float32)
    values = np.full((5, 1), 7, np.float32)
    dones = np.array([[False], [False], [False], [True]])
    target = advantages(rewards, values, dones, 0.5, 1.0) + values[:-1]
    np.testing.assert_allclose(target[:, 0], [1.875, 1.75, 1.5, 1.0])


STEPS, ENVS, SIZE, ACTIONS = 5, 3, 2, 2


def make_rollout(valid=None):
    """What the agent did in a rollout, and a backend that has run its network along."""
    torch.manual_seed(1)
    rng = np.random.default_rng(0)
    network = ActorCritic(LSTM(SIZE, 4), ACTIONS)
    torch.nn.init.normal_(network.heads.weight)
    backend = CompiledBackend(network, STEPS, ENVS)
    observations = rng.normal(size=(STEPS, ENVS, SIZE)).astype(np.float32)
    starts = np.zeros((STEPS, ENVS), np.bool_)
    starts[0] = True
    backend.begin()
    rollout = Rollout.empty(backend.heads, DiscreteActions(spaces.Discrete(ACTIONS)))
    noise = np.zeros((ENVS, ACTIONS), np.float32)
    for t in range(STEPS):
        backend.step(t, observations[t], starts[t], noise, rollout.actions[t])
    rollout.actions[:] = rng.integers(0, ACTIONS, (STEPS, ENVS))
    rollout.rewards[:] = rng.normal(size=(STEPS, ENVS))
    rollout.last_values[:] = rng.normal(size=ENVS)
    if valid is not None:
        rollout.valid[:] = valid
    return rollout, backend, torch.from_numpy(observations), torch.from_numpy(starts)


def gradient(config, rollout, backend):
    """The gradient of one update, from the change a plain step of size 1 makes."""
    parameters = [p for p in backend.network.parameters() if p.requires_grad]
    optimizer = TorchOptimizer(torch.optim.SGD(parameters, lr=1.0))
    before = [p.detach().clone() for p in parameters]
    update(backend, optimizer, rollout, config, 0.0)
    return torch.cat([(b - p.detach()).flatten() for b, p in zip(before, parameters, strict=True)])


def test_gradient_is_that_of_the_paper():
    """Delta grad log pi + beta_v delta grad V + beta_e grad H, averaged over the steps."""
    config = A2CLSTMConfig(
        learning_rate=constant(1.0),
        discount=constant(0.9),
        entropy_coef=constant(0.3),
        value_coef=0.2,
        max_grad_norm=1e9,
        gae_lambda=1.0,
    )
    rollout, backend, observations, starts = make_rollout()
    network = backend.network
    heads, _ = network(observations, network.initial_state(ENVS), starts)
    delta = advantages(rollout.rewards, rollout.values, rollout.dones, 0.9, 1.0)
    target = torch.from_numpy(delta + rollout.values[:-1])
    policy, values = torch.distributions.Categorical(logits=heads[..., :-1]), heads[..., -1]
    surrogate = torch.from_numpy(delta) * policy.log_prob(torch.from_numpy(rollout.actions))
    critic = 0.2 * (target - values.detach()) * values
    (surrogate + critic + 0.3 * policy.entropy()).mean().neg().backward()
    expected = torch.cat([p.grad.flatten() for p in network.parameters() if p.requires_grad])
    got = gradient(config, rollout, backend)
    torch.testing.assert_close(got, expected, atol=1e-5, rtol=1e-4)


def test_what_is_logged_of_the_loss_is_its_parts():
    """Broken if a curve of the policy loss, the value loss or the entropy showed something else."""
    config = A2CLSTMConfig(discount=constant(0.9), gae_lambda=1.0)
    rollout, *_ = make_rollout()
    _, metrics = loss_gradients(rollout, config, 0.0)
    delta = advantages(rollout.rewards, rollout.values, rollout.dones, 0.9, 1.0)
    heads = torch.from_numpy(rollout.heads.copy())
    policy = torch.distributions.Categorical(logits=heads[..., :-1])
    log_policy = policy.log_prob(torch.from_numpy(rollout.actions)).numpy()
    assert metrics["policy_loss"] == pytest.approx(-(delta * log_policy).mean(), rel=1e-4)
    assert metrics["value_loss"] == pytest.approx(0.5 * (delta**2).mean(), rel=1e-4)
    assert metrics["entropy"] == pytest.approx(policy.entropy().mean().item(), rel=1e-4)


def test_steps_that_were_never_taken_teach_nothing():
    """In NEXT_STEP autoreset the action after an episode's end is ignored by the environment."""
    config = A2CLSTMConfig(learning_rate=constant(1.0), max_grad_norm=1e9, gae_lambda=0.0)
    valid = np.ones((STEPS, ENVS), bool)
    valid[2, 1] = False
    results = []
    for action, reward in ((0, 0.0), (1, 9.0)):
        rollout, backend, *_ = make_rollout(valid)
        rollout.actions[2, 1], rollout.rewards[2, 1] = action, reward
        results.append(gradient(config, rollout, backend))
    torch.testing.assert_close(*results)


def test_a_normalized_advantage_has_mean_0_and_deviation_1():
    """Then the policy's part of the gradient does not change with the rewards' scale."""
    config = A2CLSTMConfig(normalize_advantage=True, value_coef=0.0, entropy_coef=constant(0.0))
    rollout, *_ = make_rollout()
    rollout.heads[:, :, -1] = 0
    rollout.last_values[:] = 0
    small, _ = loss_gradients(rollout, config, 0.0)
    rollout.rewards[:] = 100 * rollout.rewards
    large, _ = loss_gradients(rollout, config, 0.0)
    np.testing.assert_allclose(small.heads, large.heads, atol=1e-5)
    assert np.abs(small.heads).sum() > 0


def test_settings_survive_json():
    """A run's config.json must give back the settings it was trained with."""
    import json
    from dataclasses import asdict

    config = A2CLSTMConfig(num_envs=3, discount=Schedule(0.1, 0.2, 0.3))
    assert config_from_dict(json.loads(json.dumps(asdict(config)))) == config
