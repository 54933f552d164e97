"""RecurrentPPO on images: sb3-contrib's policies for them, on our buffers."""

import gymnasium as gym
import numpy as np
import pytest
import sb3_contrib
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from sb3_contrib.common.recurrent.buffers import RecurrentDictRolloutBuffer
from sb3_contrib.common.recurrent.type_aliases import RNNStates
from stable_baselines3.common.utils import set_random_seed

from baselines.common.environments import make_vector_env
from baselines.common.errors import InputError
from baselines.common.schedule import Schedule, constant
from baselines.evaluation.evaluate import evaluate
from baselines.recurrent_ppo import RecurrentPPO, RecurrentPPOConfig, make_model
from baselines.recurrent_ppo.buffer import WholeEpisodeDictBuffer
from tests.baselines.pixel_cue import ID

KWARGS = {"size": 36}
STEPS, ENVS = 6, 4


def make(num_envs, **changes):
    settings = {"num_envs": num_envs, "num_minibatches": 2, "hidden_size": 16}
    settings |= {"entropy_coef": constant(0.01), "discount": constant(0.8)}
    settings |= {"num_epochs": 4, "learning_rate": Schedule(2e-3, 0.0)}
    settings |= {"critic_lstm": "shared", "value_coef": 0.5}
    config = RecurrentPPOConfig(**(settings | changes))
    return RecurrentPPO(make_vector_env(ID, num_envs, KWARGS), config, 0, KWARGS)


def test_learns_what_takes_eyes_and_memory(tmp_path):
    """5 is possible, 2.5 chance; saved and loaded, by us and by sb3-contrib, it acts alike."""
    agent = make(32).learn(5_000)
    assert evaluate(agent, ID, 200, env_kwargs=KWARGS).mean_return > 4.5
    path = tmp_path / "agent.zip"
    agent.save(path)
    assert evaluate(path, ID, 200, env_kwargs=KWARGS).mean_return > 4.5
    again = make(32)
    again.restore(path)
    envs = make_vector_env(ID, 50, KWARGS)
    observation, _ = envs.reset(seed=0)
    expected, (hidden, _) = agent.predict(observation, deterministic=True)
    for other in (again, sb3_contrib.RecurrentPPO.load(path)):
        actions, state = other.predict(observation, deterministic=True)
        np.testing.assert_array_equal(actions, expected)
        np.testing.assert_allclose(state[0], hidden, atol=1e-5)


def fill(buffer_class):
    """A full buffer of ragged episodes; each image is one number, another one at every step."""
    rng = np.random.default_rng(0)
    space = spaces.Dict(
        {"image": spaces.Box(0, 255, (3, 2, 2), np.uint8), "reward": spaces.Box(-1, 1, (1,))}
    )
    shape = (STEPS, 1, ENVS, 2)
    buffer = buffer_class(STEPS, space, spaces.Discrete(3), shape, "cpu", n_envs=ENVS)
    for t in range(STEPS):
        pi, vf = (tuple(torch.zeros(2, 1, ENVS, 2)) for _ in range(2))
        numbers = (np.arange(ENVS) * STEPS + t).astype(np.uint8)
        image = np.broadcast_to(numbers[:, None, None, None], (ENVS, 3, 2, 2))
        buffer.add(
            {"image": image, "reward": rng.normal(size=(ENVS, 1))},
            rng.integers(3, size=(ENVS, 1)),
            rng.normal(size=ENVS),
            rng.random(ENVS) < 0.4,
            torch.tensor(rng.normal(size=ENVS)),
            torch.tensor(rng.normal(size=ENVS)),
            lstm_states=RNNStates(pi, vf),
        )
    return buffer


def test_a_minibatch_equals_the_stock_one_of_the_same_steps():
    """Every part of the Dict is sorted and padded alike, and images stay bytes."""
    stock, ours = fill(RecurrentDictRolloutBuffer), fill(WholeEpisodeDictBuffer)
    assert ours.observations["image"].dtype == np.uint8
    next(stock.get())  # lays the steps out environment by environment
    env_change = np.zeros((ENVS, STEPS))
    env_change[:, 0] = 1
    set_random_seed(0)
    seen = []
    for sample in ours.get(2 * STEPS):
        numbers = sample.observations["image"][sample.mask > 0][:, 0, 0, 0].numpy()
        seen += numbers.tolist()
        expected = stock._get_samples(numbers.astype(int), env_change.reshape(-1, 1))
        for name in ("image", "reward"):
            assert torch.equal(sample.observations[name].float(), expected.observations[name])
        assert sample.observations["image"].dtype == torch.uint8
        assert torch.equal(sample.actions, expected.actions)
    assert sorted(seen) == list(range(STEPS * ENVS))


def test_images_alone_are_seen_too():
    """Of an environment that is not ours, channels last, without anything beside them."""

    class Other(gym.Env):
        observation_space = spaces.Box(0, 255, (36, 40, 3), np.uint8)
        action_space = spaces.Discrete(2)

        def reset(self, seed=None, options=None):
            super().reset(seed=seed)
            return self.observation_space.sample(), {}

        def step(self, action):
            return self.observation_space.sample(), 0.0, self.np_random.random() < 0.3, False, {}

    envs = SyncVectorEnv([Other] * 2, autoreset_mode=AutoresetMode.SAME_STEP)
    config = RecurrentPPOConfig(num_envs=2, num_minibatches=1, num_steps=5, hidden_size=4)
    assert make_model(envs, config).learn(10).num_timesteps == 10


def test_images_that_are_too_small_are_refused():
    with pytest.raises(InputError, match="at least 36 pixels a side, got \\(35, 35, 3\\)"):
        make_model(make_vector_env(ID, 4, {"size": 35}), RecurrentPPOConfig(num_envs=4))
