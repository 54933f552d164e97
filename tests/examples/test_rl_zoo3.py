"""The hyperparameters for rl_zoo3 fit every environment, and its command trains with them."""

import subprocess
import sys
from pathlib import Path

import gymnasium as gym
import pytest
from gymnasium import spaces

from baselines import evaluate
from meta_envs.registration import TABLE
from tests.examples.frameworks import need

FOLDER = Path(__file__).parents[2] / "examples" / "rl_zoo3"
IDS = [row.id for row in TABLE]


def settings(algorithm, id):
    """What rl_zoo3 takes for an id."""
    import yaml

    file = yaml.safe_load((FOLDER / f"{algorithm}.yml").read_text())
    assert set(file) <= {"default", *IDS}
    return file.get(id, file["default"])


@pytest.mark.parametrize("algorithm", ["ppo", "ppo_lstm"])
@pytest.mark.parametrize("id", IDS)
def test_settings_fit_the_environment(algorithm, id):
    """Broken if an episode would be cut in two, or a policy were none for what is observed."""
    need("yaml")
    found, env = settings(algorithm, id), gym.make(id)
    pixels = isinstance(env.observation_space, spaces.Dict)
    memory = "Lstm" if algorithm == "ppo_lstm" else ""
    assert found["policy"] == f"{'MultiInput' if pixels else 'Mlp'}{memory}Policy"
    if algorithm == "ppo_lstm":
        assert found["n_steps"] % env.unwrapped.family.episode_length == 0
        assert found["batch_size"] == found["n_steps"] * found["n_envs"]


@pytest.mark.parametrize(
    ("algorithm", "quick"),
    [("ppo", ["n_envs:2", "batch_size:200"]), ("ppo_lstm", ["n_envs:2", "batch_size:200"])],
)
def test_the_command_trains_and_its_zip_is_an_agent(algorithm, quick, tmp_path):
    need("rl_zoo3")
    id = "MetaBandit-v0"
    command = [sys.executable, "-m", "rl_zoo3.train", "--algo", algorithm, "--env", id]
    command += ["--gym-packages", "meta_envs", "--conf-file", str(FOLDER / f"{algorithm}.yml")]
    command += ["--eval-freq", "-1", "-n", "400", "--seed", "0", "-f", str(tmp_path)]
    command += ["-params", *quick]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    assert "Using 'default' hyperparameters" in done.stdout
    model = tmp_path / algorithm / f"{id}_1" / f"{id}.zip"
    assert 5 < evaluate(model, id, 100).mean_regret < 30
