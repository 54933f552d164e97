"""Agents, ours and other people's, in wrapped environments."""

import json

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.wrappers import TimeLimit
from stable_baselines3 import PPO
from stable_baselines3.common.env_checker import check_env
from stable_baselines3.common.env_util import make_vec_env

from baselines import A2CLSTM, RecurrentPPO, evaluate
from baselines.a2c_lstm.config import A2CLSTMConfig
from baselines.a2c_lstm.update import advantages
from baselines.cli.main import main
from baselines.common.schedule import constant
from baselines.evaluation.episodes import has_tasks, read_episodes, save_episodes
from baselines.recurrent_ppo.config import RecurrentPPOConfig
from meta_envs.wrappers import MetaEpisode
from tests.meta_envs.cases import SAME_STEP
from tests.meta_envs.wrappers.environments import HERE, Chain, sync

META_CHAIN = f"{HERE}:MetaChain-v0"
SETTINGS = {"num_envs": 2, "num_steps": 4, "hidden_size": 4}


def rollout(make, discount=0.9):
    """The first four steps of an agent, and their advantages."""
    config = A2CLSTMConfig(**SETTINGS, discount=constant(discount), gae_lambda=1.0)
    agent = A2CLSTM(sync(make, 2, SAME_STEP["autoreset_mode"]), config)
    agent.collector.reset(0)
    taken = agent.collector.collect(discount)
    rewards = taken.rewards + taken.bootstraps
    return taken, advantages(rewards, taken.values, taken.dones, discount, 1.0)


def test_nothing_is_bootstrapped_at_a_boundary():
    """Two trials of two steps that are truncated: the return runs on through the first end.

    Broken if the inner truncation were passed on: its value would be that of another state, and
    the second trial's rewards would be no reason for what was done in the first.
    """
    taken, advantage = rollout(lambda: MetaEpisode(TimeLimit(Chain(size=9), 2), 2))
    assert taken.dones.tolist() == [[False] * 2] * 3 + [[True] * 2]
    assert not taken.bootstraps.any()
    by_hand = [-0.25 * sum(0.9**k for k in range(left)) for left in (4, 3, 2, 1)]
    assert advantage == pytest.approx(np.array(by_hand)[:, None] - taken.values[:-1], abs=1e-5)

    taken, _ = rollout(lambda: TimeLimit(Chain(size=9), 2))
    assert taken.dones.tolist() == [[False] * 2, [True] * 2] * 2
    assert taken.bootstraps[[1, 3]].all()


def test_an_agent_learns_to_learn():
    """Guess once, then know: 4.5 of 5 where no agent without a memory of its own has over 2.5.

    Broken if an inner reset drew another task, or the agent were not shown what it did.
    """
    config = A2CLSTMConfig(num_envs=16, num_steps=5, hidden_size=8)
    env_id = f"{HERE}:MetaGuess-v0"
    agent = A2CLSTM(env_id, config).learn(40_000)
    assert evaluate(agent, env_id, 300, deterministic=True).mean_return > 4


def test_our_agents_learn_from_it():
    envs = gym.make_vec(META_CHAIN, 2, vectorization_mode="sync", vector_kwargs=SAME_STEP)
    agent = A2CLSTM(envs, A2CLSTMConfig(**SETTINGS))
    agent.learn(64)
    assert agent.num_timesteps == 64
    ppo = RecurrentPPO(META_CHAIN, RecurrentPPOConfig(num_envs=2, num_steps=8, num_epochs=1))
    ppo.learn(32)
    for one in (agent, ppo):
        assert evaluate(one, META_CHAIN, 5).rewards.shape[0] == 5


def test_stable_baselines3_learns_from_it():
    check_env(gym.make(META_CHAIN))
    # By a function: where an id's environment draws nothing, Stable-Baselines3 makes it warn.
    envs = make_vec_env(lambda: gym.make(META_CHAIN), 2)
    model = PPO("MlpPolicy", envs, n_steps=16, batch_size=16, n_epochs=1)
    model.learn(64)
    assert model.num_timesteps == 64
    assert np.isfinite(evaluate(model, META_CHAIN, 5).mean_return)


def test_episodes_are_saved_with_their_tasks_and_played_again(tmp_path):
    """Broken if an evaluation could not be replayed: other tasks, other noise, or none saved."""
    assert has_tasks(META_CHAIN, {})
    assert not has_tasks(f"{HERE}:Chain-v0", {})
    first = evaluate("random", META_CHAIN, 7, seed=3)
    assert np.array_equal(first.rewards, evaluate("random", META_CHAIN, 7, seed=3).rewards)
    save_episodes(tmp_path / "e.json", META_CHAIN, {}, first.episodes)
    env_id, kwargs, episodes = read_episodes(tmp_path / "e.json")
    tasks = [json.loads(episode.task) for episode in episodes]
    assert len({task["cost"] for task in tasks}) == 7
    again = evaluate("random", env_id, episodes, seed=3, env_kwargs=kwargs)
    assert np.array_equal(first.rewards, again.rewards)
    dear = [e._replace(task=json.dumps({"size": 2, "cost": 0.5})) for e in episodes[:3]]
    played = evaluate("random", env_id, [*dear, *episodes[3:]], seed=3)
    assert (played.rewards[:3].min(axis=1) == -0.5).all()
    assert np.array_equal(played.rewards[3:], first.rewards[3:])


def test_the_command_line_plays_and_replays_it(tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["evaluate", "--agent", "random", "--env", META_CHAIN, "--episodes", "5",
                 "--out", str(out)]) == 0  # fmt: skip
    saved = next(out.glob("episodes*.json"))
    assert main(["evaluate", "--agent", "random", "--replay", str(saved)]) == 0
    capsys.readouterr()
