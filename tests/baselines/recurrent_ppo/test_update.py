"""The update is sb3-contrib's own `train`: its class, its policy, its optimiser."""

from copy import deepcopy
from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from hypothesis import given, settings
from hypothesis import strategies as st
from sb3_contrib import RecurrentPPO
from sb3_contrib.common.recurrent.type_aliases import RNNStates
from stable_baselines3.common.logger import Logger

from baselines.common.schedule import constant
from baselines.recurrent_ppo import RecurrentPPOConfig, WholeEpisodeBuffer, make_model
from baselines.recurrent_ppo.update import moments

STEPS, ENVS, ACTIONS, INPUTS = 12, 7, 3, 4
"""Seven environments in two minibatches: one of four and one of three."""


class Still(gym.Env):
    """Never played: the tests write rollouts themselves."""

    observation_space = spaces.Box(-np.inf, np.inf, (INPUTS,))
    action_space = spaces.Discrete(ACTIONS)


CONFIG = RecurrentPPOConfig(num_envs=ENVS, num_minibatches=2, num_steps=STEPS, hidden_size=8)


def rollout(seed, start_chance=0.2, surprise=0.2):
    """A buffer of noise, with episodes that start anywhere.

    Its log-probabilities are from a policy as far from an even one as `surprise` says.
    """
    buffer = WholeEpisodeBuffer(
        STEPS, Still.observation_space, Still.action_space, (STEPS, 1, ENVS, 8), "cpu", n_envs=ENVS
    )
    rng, shape = np.random.default_rng(seed), (STEPS, ENVS)
    buffer.observations[:] = rng.normal(size=(*shape, INPUTS))
    buffer.actions[:] = rng.integers(ACTIONS, size=(*shape, 1))
    buffer.episode_starts[:] = rng.random(shape) < start_chance
    buffer.advantages[:], buffer.returns[:] = rng.normal(size=(2, *shape))
    states = torch.from_numpy(rng.normal(0, 0.5, (2, 1, ENVS, 8)).astype(np.float32))
    log_probs = -np.log(ACTIONS) + surprise * rng.normal(size=shape)
    values = rng.normal(size=shape)
    buffer.complete(values, log_probs, RNNStates(tuple(states), tuple(states)))
    return buffer


def pair(seed=0, **changes):
    """Our model and sb3-contrib's own, with the same weights and settings."""
    env = SyncVectorEnv([Still] * ENVS, autoreset_mode=AutoresetMode.SAME_STEP)
    ours = make_model(env, replace(CONFIG, critic_lstm="shared"), seed)
    # Heads as long as after some training.
    for head in (ours.policy.action_net, ours.policy.value_net):
        torch.nn.init.normal_(head.weight)
    arguments = {
        name: getattr(ours, name)
        for name in ("learning_rate", "n_steps", "batch_size", "n_epochs", "ent_coef", "vf_coef")
    }
    arguments |= {"clip_range": 0.2, "max_grad_norm": 0.5, "normalize_advantage": False} | changes
    policy_kwargs = {name: ours.policy_kwargs[name] for name in ours.policy_kwargs}
    del policy_kwargs["optimizer_kwargs"]  # Stable-Baselines3's own.
    stock = RecurrentPPO(
        "MlpLstmPolicy", ours.env, policy_kwargs=policy_kwargs, seed=seed, device="cpu", **arguments
    )
    stock.policy.load_state_dict(ours.policy.state_dict())
    for name in (*arguments, "lr_schedule"):
        setattr(ours, name, getattr(stock, name))
    stock.set_logger(Logger(folder=None, output_formats=[]))
    return ours, stock


def update(model, seed, **kwargs):
    """One update on a rollout that follows from the seed; what was logged."""
    model.rollout_buffer = rollout(seed, **kwargs)
    np.random.seed(seed)  # noqa: NPY002 - the generator that shuffles minibatches
    model.train()
    return dict(model.logger.name_to_value)


def assert_same_weights(ours, stock, atol=1e-6):
    for name, expected in stock.policy.state_dict().items():
        torch.testing.assert_close(
            ours.policy.state_dict()[name], expected, rtol=0, atol=atol, msg=name
        )


@pytest.mark.parametrize("compiled", [True, False])
def test_the_value_trains_the_lstm_only_if_asked_to(compiled, monkeypatch):
    """Where there is nothing to learn for the policy, the LSTM moves by the value's error alone."""
    moved = {}
    for critic_lstm in ("joint", "shared"):
        env = SyncVectorEnv([Still] * ENVS, autoreset_mode=AutoresetMode.SAME_STEP)
        config = replace(CONFIG, critic_lstm=critic_lstm, entropy_coef=constant(0.0))
        model = make_model(env, config, 0)
        if not compiled:
            monkeypatch.setattr(model, "_compiled_policy", lambda: None)
        before = {name: weight.clone() for name, weight in model.policy.state_dict().items()}
        model.rollout_buffer = rollout(0)
        model.rollout_buffer.advantages[:] = 0
        model.train()
        after = model.policy.state_dict()
        moved[critic_lstm] = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved["shared"] == {"value_net.weight", "value_net.bias"}
    assert moved["joint"] == moved["shared"] | {n for n in before if n.startswith("lstm_actor")}


CASES = {
    "as it comes": {},
    "normalised advantages": {"normalize_advantage": True},
    "clipped values": {"clip_range_vf": 0.3},
    "a narrow range": {"clip_range": 0.02},
    "no entropy": {"ent_coef": 0.0},
    "an unclipped gradient": {"max_grad_norm": 1e9},
    "a gradient clipped hard": {"max_grad_norm": 1e-3},
    "one minibatch": {"batch_size": STEPS * ENVS},
    "minibatches of one environment": {"batch_size": STEPS},
}


@pytest.mark.parametrize("case", CASES)
def test_an_update_gives_stock_sb3_contribs_parameters(case):
    """Same weights, same rollout, one `train` each, and the same log under the same names."""
    ours, stock = pair(**CASES[case])
    before = {name: weight.clone() for name, weight in stock.policy.state_dict().items()}
    logged, expected = update(ours, 1), update(stock, 1)
    assert ours._compiled_policy() is not None
    assert_same_weights(ours, stock)
    assert not any(torch.equal(before[n], w) for n, w in stock.policy.state_dict().items())
    assert logged.keys() == expected.keys()
    for name in logged:
        assert logged[name] == pytest.approx(expected[name], rel=1e-4, abs=1e-6), name


@settings(deadline=None, max_examples=20)
@given(
    seed=st.integers(0, 2**16),
    start_chance=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    surprise=st.sampled_from([0.0, 0.1, 0.5]),
    normalize_advantage=st.booleans(),
    clip_range=st.floats(0.01, 0.9),
)
def test_wherever_episodes_start(seed, start_chance, surprise, **changes):
    """Broken if a state passed an episode's start, or one of a share came from another's.

    One step per rollout: from then on a ratio at the very edge of the range may fall either way.
    """
    ours, stock = pair(seed, n_epochs=1, batch_size=STEPS * ENVS, max_grad_norm=1e9, **changes)
    for model in (ours, stock):
        update(model, seed, start_chance=start_chance, surprise=surprise)
    for mine, theirs in zip(ours.policy.parameters(), stock.policy.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, theirs.grad, rtol=1e-4, atol=1e-6)


def test_several_updates_stay_together():
    """Broken if a part of Adam's state got lost between two updates."""
    ours, stock = pair()
    for seed in range(10):
        for model in (ours, stock):
            update(model, seed)
    assert_same_weights(ours, stock, atol=1e-5)


def test_an_update_stops_where_the_policy_has_moved_too_far():
    """Before the step that would come next, in the middle of a pass."""
    ours, stock = pair(learning_rate=0.05, target_kl=0.06)
    logged, expected = update(ours, 1, surprise=0), update(stock, 1, surprise=0)
    assert ours.policy.optimizer.state_dict()["state"][0]["step"] == 3
    assert_same_weights(ours, stock, atol=1e-5)
    assert logged["train/n_updates"] == expected["train/n_updates"]
    assert logged["train/approx_kl"] == pytest.approx(expected["train/approx_kl"], rel=1e-4)


def test_each_goes_on_from_the_others_optimiser():
    """A zip of ours is trained on with sb3-contrib's class, and the other way round."""
    ours, stock = pair()
    update(ours, 0)
    update(stock, 1)  # So that what it takes over is not what it has.
    stock.policy.load_state_dict(ours.policy.state_dict())
    stock.policy.optimizer.load_state_dict(deepcopy(ours.policy.optimizer.state_dict()))
    for seed in (2, 3):
        for model in (ours, stock):
            update(model, seed)
    assert_same_weights(ours, stock, atol=2e-6)
    ours.policy.load_state_dict(stock.policy.state_dict())
    ours.policy.optimizer.load_state_dict(deepcopy(stock.policy.optimizer.state_dict()))
    for model in (ours, stock):
        update(model, 4)
    assert_same_weights(ours, stock)


@pytest.mark.parametrize("change", [{"weight_decay": 0.1}, {"betas": (0.5, 0.999)}])
def test_another_optimiser_is_torchs_own(change):
    """Settings of Adam that the compiled one does not know would be passed over in silence."""
    ours, stock = pair()
    for model in (ours, stock):
        model.policy.optimizer.param_groups[0].update(change)
        update(model, 1)
    assert ours._compiled_policy() is None
    assert_same_weights(ours, stock)


def test_moments_are_numpys():
    """Of the minibatch's columns alone."""
    numbers = np.random.default_rng(0).normal(5, 2, (STEPS, ENVS)).astype(np.float32)
    envs = np.array([5, 0, 2])
    mean, deviation = moments(numbers, envs)
    assert mean == pytest.approx(numbers[:, envs].mean(dtype=np.float64))
    assert deviation == pytest.approx(numbers[:, envs].std(ddof=1, dtype=np.float64))
