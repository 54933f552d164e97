"""Observations that Stable-Baselines3's policies do not take: codes, numbers of things, text."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from baselines import A2CLSTM, RecurrentPPO, evaluate, load
from baselines.a2c_lstm import A2CLSTMConfig
from baselines.common.environments import make_vector_env
from baselines.common.schedule import constant
from baselines.recurrent_ppo import RecurrentPPOConfig
from baselines.recurrent_ppo.numbers import NumbersEnv, as_numbers
from tests.baselines.pixel_cue import ID

SETTINGS = {"num_envs": 8, "num_steps": 10, "hidden_size": 16}
AGENTS = {
    "a2c-lstm": lambda env: A2CLSTM(env, A2CLSTMConfig(**SETTINGS)),
    "recurrent-ppo": lambda env: RecurrentPPO(env, RecurrentPPOConfig(**SETTINGS)),
}


class Codes(gym.Env):
    """Pays for choosing the code that the image shows: 5 or 6, which a key and a ball are."""

    observation_space = spaces.Dict(
        {
            "direction": spaces.Discrete(4),
            "image": spaces.Box(0, 255, (3, 3, 2), np.uint8),
            "mission": spaces.Text(60),
        }
    )
    action_space = spaces.Discrete(2)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        return self.observation(), {}

    def observation(self):
        self.code = int(self.np_random.integers(5, 7))
        image = np.full((3, 3, 2), 2, np.uint8)
        image[1, 1, 0] = self.code
        direction = int(self.np_random.integers(4))
        return {"direction": direction, "image": image, "mission": "choosethecode"}

    def step(self, action):
        reward = float(action == self.code - 5)
        return self.observation(), reward, bool(self.np_random.random() < 0.2), False, {}


@pytest.fixture(autouse=True)
def codes():
    gym.register("Codes-v0", entry_point=Codes)
    yield
    del gym.registry["Codes-v0"]


@pytest.mark.parametrize("agent", AGENTS)
def test_both_agents_learn_what_a_code_means(agent, tmp_path):
    """An empty NotImplementedError used to come, or that a Box or a Dict of them is needed."""
    trained = AGENTS[agent]("Codes-v0").learn(12_000)
    trained.save(path := tmp_path / f"agent{trained.suffix}")
    score, random = (evaluate(policy, "Codes-v0", 500) for policy in (path, "random"))
    assert score.mean_return > 1.6 * random.mean_return
    # One observation or a batch, from the agent and from its file.
    observation, _ = make_vector_env("Codes-v0", 3).reset(seed=[0, 1, 2])
    single, _ = gym.make("Codes-v0").reset(seed=0)
    for policy in (trained, load(path, "Codes-v0")):
        actions = policy.predict(observation, deterministic=True)[0]
        assert actions.tolist() == [code - 5 for code in observation["image"][:, 1, 1, 0]]
        assert policy.predict(single, deterministic=True)[0] == actions[0]


def test_what_ends_an_episode_is_numbers_too():
    """Broken if a truncated episode's last observation went to the critic as it was."""
    envs = SyncVectorEnv([Codes] * 3, autoreset_mode=AutoresetMode.SAME_STEP)
    env = NumbersEnv(envs, numbers := as_numbers(envs.single_observation_space))
    observation, _ = env.reset(seed=0)
    assert env.observation_space.contains(observation)
    ended = 0
    for _ in range(30):
        observation, *_, infos = env.step(np.zeros(3, np.int64))
        assert env.observation_space.contains(observation)
        for i in np.flatnonzero(infos.get("_final_obs", [])):
            assert numbers.space.contains(infos["final_obs"][i])
            ended += 1
    assert ended > 5


def test_an_image_stays_an_image():
    """Broken if pixels beside a number of things were flattened, past the convolutions."""
    space = spaces.Dict(image=spaces.Box(0, 255, (40, 40, 3), np.uint8), place=spaces.Discrete(3))
    numbers = as_numbers(space)
    space.seed(0)
    one = numbers(observation := space.sample())
    np.testing.assert_array_equal(one["image"], observation["image"])
    assert one["numbers"].tolist() == np.eye(3)[observation["place"]].tolist()
    assert numbers.space.contains(one)
    assert as_numbers(space["image"]) is as_numbers(spaces.Dict(image=space["image"])) is None


def test_our_own_images_of_codes_resume(tmp_path):
    """Broken if what `restore` shows had not been made numbers."""
    config = RecurrentPPOConfig(learning_rate=constant(2e-3), **SETTINGS)
    whole = RecurrentPPO(ID, config, env_kwargs={"size": 6}).learn(160)
    half = RecurrentPPO(ID, config, env_kwargs={"size": 6}).learn(80)
    half.save(tmp_path / "half.zip")
    resumed = RecurrentPPO.load(tmp_path / "half.zip")
    assert resumed.num_timesteps < whole.num_timesteps
    resumed.learn(160)
    assert resumed.weights_digest() == whole.weights_digest()
