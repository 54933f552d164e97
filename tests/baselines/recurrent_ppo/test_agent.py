"""RecurrentPPO with the interface that the A2C-LSTM has."""

import gymnasium as gym
import numpy as np
import sb3_contrib
import torch

from baselines.common.schedule import Schedule, constant
from baselines.evaluation.evaluate import evaluate
from baselines.recurrent_ppo import RecurrentPPO, RecurrentPPOConfig

ENV_ID = "MetaBanditDependentEasy-v0"
KWARGS = {"num_trials": 20}
QUICK = RecurrentPPOConfig(
    num_envs=16,
    num_epochs=4,
    num_minibatches=2,
    hidden_size=16,
    learning_rate=Schedule(5e-3, 0.0),
    discount=constant(0.8),
)


def make(seed=0, config=QUICK):
    return RecurrentPPO(gym.make_vec(ENV_ID, config.num_envs, **KWARGS), config, seed, KWARGS)


def test_learns_to_learn():
    """Random has regret 8 here, and an agent without memory cannot get below it."""
    agent = make().learn(100 * 16 * 20)
    assert evaluate(agent, ENV_ID, 500, seed=1, env_kwargs=KWARGS).mean_regret < 4


def test_metrics_come_after_every_update_and_false_stops():
    seen = []

    def note(metrics):
        seen.append(metrics)
        return len(seen) < 3

    agent = make()
    agent.learn(10_000, note)
    assert [f["num_timesteps"] for f in seen] == [320, 640, 960]
    assert agent.num_timesteps == 960
    assert {"mean_return", "mean_regret", "value_loss"} <= set(seen[-1])


def test_the_total_counts_steps_from_before(tmp_path):
    """A stopped training goes on with the same call, on tasks it has not seen yet."""
    first = make().learn(640)
    first.save(tmp_path / "a.zip")
    again = make()
    again.restore(tmp_path / "a.zip")
    assert again.num_timesteps == 640
    again.learn(1_280)
    assert again.num_timesteps == 1_280
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_its_zip_is_one_of_stable_baselines3(tmp_path):
    """Users of sb3-contrib must be able to go on with what was trained here."""
    agent = make().learn(320)
    agent.save(tmp_path / "a.zip")
    stock = sb3_contrib.RecurrentPPO.load(tmp_path / "a.zip")
    observation = np.random.default_rng(0).random((5, 4)).astype(np.float32)
    for deterministic in (True, False):
        agent.set_random_seed(0)
        ours = agent.predict(observation, deterministic=deterministic)
        torch.manual_seed(0)
        theirs = stock.predict(observation, deterministic=deterministic)
        np.testing.assert_array_equal(ours[0], theirs[0])
        np.testing.assert_allclose(ours[1][0], theirs[1][0], atol=1e-6)


def test_the_same_seed_gives_the_same_agent():
    weights = [
        torch.cat([p.detach().flatten() for p in make(seed).learn(640).model.policy.parameters()])
        for seed in (1, 1, 2)
    ]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
