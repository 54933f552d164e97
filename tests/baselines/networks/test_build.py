"""The networks that settings ask for, and their initial weights."""

from typing import get_args, get_type_hints

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium import spaces

from baselines.a2c_lstm import A2CLSTM, A2CLSTMConfig
from baselines.common.environments import make_vector_env, reward_columns
from baselines.common.errors import InputError
from baselines.networks.actions import DiscreteActions
from baselines.networks.build import initialise, make_network
from baselines.networks.cells import CELLS
from baselines.networks.config import NetworkConfig
from baselines.networks.observation_encoder import ObservationEncoder

ACTIONS, SIZE, REWARD = DiscreteActions(spaces.Discrete(3)), 6, slice(4, 5)
NUMBERS = spaces.Box(-1, 1, (SIZE,), np.float32)
IMAGES = spaces.Dict(
    {
        "image": spaces.Box(0, 255, (20, 20, 3), np.uint8),
        "last_action": spaces.Box(0, 1, (2,), np.float32),
        "last_reward": spaces.Box(0, 1, (1,), np.float32),
    }
)


def make(encoder, **settings):
    """A network with its initial weights."""
    torch.manual_seed(0)
    config = A2CLSTMConfig(**settings)
    network = make_network(encoder, ACTIONS, config, discount=0.9)
    initialise(network, encoder, config, np.random.default_rng(0))
    return network


def initial_weights(encoder=None, **settings):
    """A network's parameters by name, before it has learnt anything."""
    encoder = encoder or ObservationEncoder(NUMBERS, REWARD)
    network = make(encoder, hidden_size=64, **settings)
    return {name: parameter.detach() for name, parameter in network.named_parameters()}


def changed(**settings):
    """What settings change: the difference to the usual initial weights, by name."""
    usual, other = initial_weights(), initial_weights(**settings)
    return {name: other[name] - usual[name] for name in usual if (other[name] != usual[name]).any()}


def test_the_settings_name_every_cell():
    """Broken if a cell has a row and cannot be chosen, or the other way round."""
    assert set(get_args(get_type_hints(NetworkConfig)["cell"])) == set(CELLS)


def test_a_forget_bias_raises_the_forget_gates_only():
    """Broken if it went to another gate; torch keeps them as input, forget, cell, output."""
    (bias,) = (difference := changed(forget_bias=3.0)).values()
    assert list(difference) == ["cell.bias_ih_l0"]
    torch.testing.assert_close(bias, torch.tensor([0.0, 3.0, 0.0, 0.0]).repeat_interleave(64))


def left_of_the_first_input(steps, **settings):
    """What a first input has changed in the cell, so many steps later."""
    network = make(ObservationEncoder(NUMBERS), **settings)
    first = torch.zeros(2, steps, 1, SIZE)
    first[1, 0] = 1
    starts = torch.zeros(steps, 1, dtype=torch.bool)
    cells = [network(x, network.initial_state(1), starts)[1][1] for x in first]
    return (cells[1] - cells[0]).abs().mean()


def test_a_forget_bias_remembers_longer():
    """Broken if torch's gates stood in another order, and it went to another one."""
    assert left_of_the_first_input(7, forget_bias=3.0) > 5 * left_of_the_first_input(7)


def test_chrono_initialisation_takes_in_less_and_keeps_it():
    """Broken if torch's gates stood in another order, or the two had each other's signs."""
    usual, chrono = (
        [left_of_the_first_input(steps, chrono_steps=chrono) for steps in (1, 20)]
        for chrono in (None, 100)
    )
    assert chrono[0] < 0.2 * usual[0]
    assert chrono[1] > 0.15 * chrono[0]
    assert usual[1] < 0.01 * usual[0]


def test_an_input_gain_scales_what_comes_in_and_nothing_else():
    """Broken if recurrent weights or biases grew with it."""
    usual, difference = initial_weights(), changed(input_gain=8.0)
    assert list(difference) == ["cell.weight_ih_l0"]
    torch.testing.assert_close(difference["cell.weight_ih_l0"], 7 * usual["cell.weight_ih_l0"])


def test_a_reward_gain_scales_the_last_reward_and_nothing_else():
    """Broken if another number's weights grew, or if it took the place of the input gain."""
    usual = initial_weights()["cell.weight_ih_l0"]
    weights = initial_weights(input_gain=2.0, reward_gain=8.0)["cell.weight_ih_l0"]
    factors = torch.full((SIZE,), 2.0)
    factors[REWARD] = 16
    torch.testing.assert_close(weights, factors * usual)


@pytest.mark.parametrize(("kind", "name"), [("lstm", "cell"), ("stacked-lstm", "cell.first")])
def test_a_reward_gain_finds_the_reward_behind_an_image(kind, name):
    """Broken if it scaled a feature, or an action: the reward comes right behind the features."""
    usual, large = (
        initial_weights(ObservationEncoder(IMAGES), cell=kind, encoder_size=5, reward_gain=gain)
        for gain in (1.0, 8.0)
    )
    assert [key for key in usual if (usual[key] != large[key]).any()] == [f"{name}.weight_ih_l0"]
    factors = torch.ones(usual[f"{name}.weight_ih_l0"].shape[1])
    factors[5] = 8
    torch.testing.assert_close(
        large[f"{name}.weight_ih_l0"], factors * usual[f"{name}.weight_ih_l0"]
    )


def test_chrono_initialisation_keeps_memories_for_as_long_as_it_says():
    """Broken if signs or gates were mixed up: a unit that keeps for T steps writes 1 / T as much.

    sigmoid(log t) is 1 - 1 / (1 + t), so that a cell decays like exp(-steps / t).
    """
    (bias,) = (difference := changed(chrono_steps=100)).values()
    assert list(difference) == ["cell.bias_ih_l0"]
    write, keep, cell, out = bias.chunk(4)
    assert not cell.any() and not out.any()
    torch.testing.assert_close(write, -keep)
    spans = keep.exp()
    assert 1 <= spans.min() < 15 and 85 < spans.max() <= 99
    assert abs(spans.mean() - 50) < 5 * 98 / 12**0.5 / 8  # Five standard errors: 6e-7 false alarms.


@pytest.mark.parametrize(
    ("env_id", "kwargs"),
    [("MetaBandit-v0", {}), ("MetaDarkKeyToDoor-v0", {"inputs": ["reward", "done"]})],
)
def test_our_environments_tell_where_the_reward_is(env_id, kwargs):
    """Broken if the gain of a reward went to an action or the timestep."""
    env = make_vector_env(env_id, 3, kwargs)
    columns = reward_columns(env)
    env.reset(seed=[0, 1, 2])
    env.action_space.seed(0)
    for _ in range(300):
        observations, rewards, terminated, *_ = env.step(env.action_space.sample())
        if not terminated.any():
            np.testing.assert_allclose(observations[:, columns], rewards[:, None], rtol=1e-6)


def test_where_the_reward_is_may_not_be_known():
    """Other people's environments, changed observations and inputs without the reward."""
    wrapped = gym.vector.VectorWrapper(make_vector_env("MetaBandit-v0", 2))
    wrapped.single_observation_space = spaces.Box(0, 1, (7,))
    cases = [
        make_vector_env("CartPole-v1", 2),
        make_vector_env("MetaBandit-v0", 2, {"inputs": ["action"]}),
        wrapped,
    ]
    for env in cases:
        assert reward_columns(env) is None
    with pytest.raises(InputError, match="`reward_gain` must be 1 where"):
        A2CLSTM(cases[1], A2CLSTMConfig(reward_gain=2.0))


def test_all_lstms_of_a_stack_get_the_initial_weights_asked_for():
    """Broken if the second LSTM kept torch's own."""
    usual, other = (
        initial_weights(ObservationEncoder(IMAGES), cell="stacked-lstm", chrono_steps=steps)
        for steps in (None, 50)
    )
    assert [key for key in usual if (usual[key] != other[key]).any()] == [
        "cell.first.bias_ih_l0",
        "cell.second.bias_ih_l0",
    ]
