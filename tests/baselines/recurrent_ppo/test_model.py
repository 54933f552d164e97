"""The settings, and the model made from them."""

import ast
import inspect
from dataclasses import fields
from itertools import pairwise

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium.vector import AutoresetMode
from sb3_contrib import RecurrentPPO
from stable_baselines3.common.evaluation import evaluate_policy

from baselines.common.environments import reward_columns
from baselines.common.errors import InputError
from baselines.common.schedule import Schedule, constant
from baselines.common.vec_env import GymnasiumVecEnv
from baselines.recurrent_ppo import RecurrentPPOConfig, make_model
from baselines.recurrent_ppo import config as config_module

SMALL = {"num_envs": 8, "num_minibatches": 2, "hidden_size": 8}
TRIALS = 6
SAME = {"autoreset_mode": AutoresetMode.SAME_STEP}


def make(seed=0, **changes):
    env = gym.make_vec("MetaBandit-v0", 8, num_trials=TRIALS)
    return make_model(env, RecurrentPPOConfig(**(SMALL | changes)), seed)


def test_learns_to_learn():
    """The best arm pays 18 here, and an agent without memory gets 10 on average."""
    kwargs = {"num_trials": 20}
    env = gym.make_vec("MetaBanditDependentEasy-v0", 32, **kwargs)
    config = RecurrentPPOConfig(num_envs=32, num_minibatches=2, learning_rate=Schedule(5e-3, 0.0))
    model = make_model(env, config, seed=0).learn(60 * 32 * 20)
    fresh = GymnasiumVecEnv(gym.make_vec("MetaBanditDependentEasy-v0", 400, **kwargs))
    fresh.seed(10_000)
    returns, _ = evaluate_policy(
        model, fresh, 400, deterministic=False, return_episode_rewards=True
    )
    assert np.mean(returns) > 14


@pytest.mark.parametrize("critic_lstm", ["joint", "shared", "separate"])
def test_same_seed_same_weights(critic_lstm):
    """Otherwise no result could be repeated. Another seed must give other weights."""
    models = [make(seed, critic_lstm=critic_lstm).learn(3 * 8 * TRIALS) for seed in (0, 0, 1)]
    first, again, other = (model.policy.state_dict() for model in models)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not any(torch.equal(first[name], other[name]) for name in first if "lstm" in name)


def test_a_rollout_is_one_episode_unless_told_otherwise():
    assert make().n_steps == TRIALS
    assert make(num_steps=3 * TRIALS).n_steps == 3 * TRIALS


def test_the_network_is_what_the_settings_say():
    """No layers between the LSTM and the heads, and a critic LSTM only where one is asked for."""
    shared, separate = make().policy, make(critic_lstm="separate").policy
    assert shared.lstm_actor.hidden_size == 8
    assert shared.action_net.in_features == shared.value_net.in_features == 8
    assert shared.lstm_critic is None
    assert separate.lstm_critic is not None


def test_the_initial_weights_are_changed_as_asked_to():
    """Broken if a gain went to other inputs, a bias to another gate, or either by default."""
    settings = {"input_gain": 2.0, "reward_gain": 3.0, "forget_bias": 5.0}
    usual, changed = (make(**some).policy.lstm_actor for some in ({}, settings))
    stock = torch.nn.LSTM(usual.input_size, 8)
    bound = 1 / 8**0.5
    assert all(p.abs().max() <= bound for p in [*stock.parameters(), *usual.parameters()])
    gains = torch.full((usual.input_size,), 2.0)
    gains[reward_columns(gym.make_vec("MetaBandit-v0", 1))] *= 3
    torch.testing.assert_close(changed.weight_ih_l0, usual.weight_ih_l0 * gains)
    gates = torch.tensor([0.0, 5.0, 0.0, 0.0]).repeat_interleave(8)
    torch.testing.assert_close(changed.bias_ih_l0, usual.bias_ih_l0 + gates)
    torch.testing.assert_close(changed.weight_hh_l0, usual.weight_hh_l0)
    critic = make(critic_lstm="separate", **settings).policy.lstm_critic
    assert critic.bias_ih_l0[8:16].min() > 5 - bound
    with pytest.raises(InputError, match="`reward_gain` must be 1 where"):
        make_model(gym.make_vec("CartPole-v1", 2, vectorization_mode="sync", vector_kwargs=SAME),
                   RecurrentPPOConfig(num_envs=2, num_steps=8, reward_gain=2.0))  # fmt: skip


def test_the_learning_rate_falls_as_far_as_asked_to():
    """Without the fall, the agent is still jumping about when training ends."""
    rates = {}
    for end in (0.0, 4e-3, 1e-2):
        model = make(learning_rate=Schedule(1e-2, end))
        model.learn(10 * 8 * TRIALS)
        rates[end] = model.policy.optimizer.param_groups[0]["lr"]
    assert rates == pytest.approx({end: end for end in rates}, abs=1e-9)


def test_plain_sb3_contrib_loads_what_was_saved(tmp_path):
    """Users keep the tools they have: the zip must not need this package's own loader."""
    model = make().learn(8 * TRIALS)
    model.save(tmp_path / "model")
    loaded = RecurrentPPO.load(tmp_path / "model.zip", device="cpu")
    observation = np.random.default_rng(0).random((5, *model.observation_space.shape))
    observation = observation.astype(np.float32)
    expected, state = model.predict(observation, deterministic=True)
    actions, loaded_state = loaded.predict(observation, deterministic=True)
    np.testing.assert_array_equal(actions, expected)
    np.testing.assert_array_equal(loaded_state, state)
    loaded.set_env(GymnasiumVecEnv(gym.make_vec("MetaBandit-v0", 8, num_trials=TRIALS)))
    assert loaded.learn(8 * TRIALS, reset_num_timesteps=False).num_timesteps == 2 * 8 * TRIALS


def test_finished_episodes_are_in_the_log():
    """Progress is read from there: return and regret of each episode."""
    model = make().learn(2 * 8 * TRIALS)
    assert len(model.ep_info_buffer) == 16
    assert all(set(episode) == {"r", "l", "t", "regret"} for episode in model.ep_info_buffer)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"num_envs": 0}, "`num_envs` must be a whole number of at least 1, got 0"),
        ({"num_steps": 0}, "`num_steps` must be a whole number of at least 1, got 0"),
        ({"num_epochs": -1}, "`num_epochs` must be"),
        (
            {"learning_rate": constant(-1.0)},
            "`learning_rate` must be a finite number of at least 0",
        ),
        ({"discount": constant(1.5)}, "`discount` must be between 0 and 1, got 1.5"),
        ({"discount": constant(float("nan"))}, "`discount` must be between 0 and 1, got nan"),
        (
            {"critic_lstm": "both"},
            "`critic_lstm` must be one of joint, shared, separate, got 'both'",
        ),
        ({"chrono_steps": 1}, "`chrono_steps` must be a whole number of at least 2, got 1"),
    ],
)
def test_settings_out_of_range_are_named(changes, message):
    with pytest.raises(InputError) as error:
        RecurrentPPOConfig(**changes)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_an_environment_of_others_needs_steps_of_a_rollout(make_ragged):
    """How long an episode is is not known there, so somebody must say how long a rollout is."""
    with pytest.raises(InputError, match="`num_steps` must be given"):
        make_model(make_ragged(8), RecurrentPPOConfig(**SMALL))
    ours = make_model(make_ragged(8), RecurrentPPOConfig(**SMALL, num_steps=10))
    assert ours.learn(80).num_timesteps == 80


@pytest.mark.parametrize("num_envs", [1, 3, 8])
def test_any_number_of_environments_is_learnt_from(num_envs):
    """Every one of them in each pass, the last share smaller where they do not divide evenly."""
    model = make_model(gym.make_vec("MetaBandit-v0", num_envs), RecurrentPPOConfig(**SMALL))
    model.learn(num_envs * 100)
    batches = list(model.rollout_buffer.get(model.batch_size))
    assert sum(batch.mask.sum() for batch in batches) == num_envs * 100
    assert len(batches) == min(num_envs, 2)


def test_every_setting_is_explained():
    """The command line's help is made of these lines."""
    (body,) = (
        node.body
        for node in ast.parse(inspect.getsource(config_module)).body
        if isinstance(node, ast.ClassDef)
    )
    explained = [
        line.target.id
        for line, following in pairwise(body)
        if isinstance(line, ast.AnnAssign)
        and isinstance(following, ast.Expr)
        and isinstance(following.value, ast.Constant)
    ]
    assert explained == [field.name for field in fields(RecurrentPPOConfig)]
