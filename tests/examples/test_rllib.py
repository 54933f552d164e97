"""RLlib steps our vector environment, and cuts its episodes where they end."""

import sys
from pathlib import Path

import numpy as np
import pytest

from tests.examples.frameworks import need


@pytest.mark.filterwarnings("ignore")  # Ray's own.
def test_rllib_sees_whole_episodes(monkeypatch):
    """With a vector environment that starts anew in the same step, RLlib loses a step of each."""
    need("ray", "tree")
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "examples")
    from ray.rllib.algorithms.ppo import PPOConfig
    from ray.rllib.env.single_agent_env_runner import SingleAgentEnvRunner
    from ray.tune import register_env
    from rllib_ppo_lstm import make

    register_env("whole-episodes", make)
    config = PPOConfig().environment(
        "whole-episodes", env_config={"id": "MetaBanditDependentUniform-v0"}
    )
    config = config.env_runners(
        num_envs_per_env_runner=4, gym_env_vectorize_mode="vector_entry_point"
    )
    runner = SingleAgentEnvRunner(config=config)
    episodes = runner.sample(num_timesteps=1_600, random_actions=True)
    over = [episode for episode in episodes if episode.is_terminated]
    assert len(over) >= 12 and {len(episode) for episode in over} == {100}
    for episode in over:
        observations = np.stack(episode.get_observations())
        assert not observations[0].any() and observations[-1, -1] == 1
        # Each observation tells of the step before it.
        assert (observations[1:, :2].argmax(axis=1) == episode.get_actions()).all()
        assert (observations[1:, 2] == episode.get_rewards()).all()
    runner.stop()
    del sys.modules["rllib_ppo_lstm"]
