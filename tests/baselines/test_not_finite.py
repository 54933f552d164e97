"""Numbers that are none: an environment's, or a setting, stop what is done with one line."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces

from baselines import evaluate
from baselines.cli.main import main
from baselines.common.errors import InputError
from baselines.common.run_folder import RunFolder
from baselines.registry import TRAINABLE, trainable

ID = "NotFinite-v0"
every_agent = pytest.mark.parametrize("agent", TRAINABLE)


class NotFinite(gym.Env):
    """Gives a reward or an observation that is no number, some way into an episode.

    Args:
        what: "reward" or "observation".
        value: The number that is none, as text.
    """

    observation_space = spaces.Box(-1, 1, (3,))
    action_space = spaces.Discrete(2)

    def __init__(self, what, value):
        self.bad = {what: float(value)}

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return np.zeros(3, np.float32), {}

    def step(self, action):
        self.steps += 1
        bad = self.bad if self.steps == 3 else {}
        observation = np.full(3, bad.get("observation", 0.5), np.float32)
        return observation, bad.get("reward", 1.0), self.steps == 5, False, {}


@pytest.fixture(autouse=True)
def registered():
    gym.register(ID, NotFinite, disable_env_checker=True)
    yield
    gym.registry.pop(ID)


@pytest.mark.parametrize("value", ["nan", "inf"])
@pytest.mark.parametrize("what", ["reward", "observation"])
@every_agent
def test_a_training_stops_and_keeps_no_weights_that_are_none(agent, what, value, tmp_path, capsys):
    """Broken if a run went on for hours with weights of nan."""
    command = ["train", "--env", ID, "--agent", agent, "--out", str(tmp_path / "run")]
    command += ["--env-kwargs", f'{{"what": "{what}", "value": "{value}"}}', "--num-envs", "4"]
    command += ["--num-steps", "5", "--total-timesteps", "200", "--checkpoint-every", "1"]
    assert main(command) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert (last.startswith("error: ") and "is nan" in last) or "is inf" in last
    assert what in last
    assert RunFolder(tmp_path / "run").checkpoints() == []


def test_an_evaluation_says_it_instead_of_a_table():
    kwargs = {"what": "reward", "value": "nan"}
    with pytest.raises(InputError, match="a reward of the environment is nan"):
        evaluate("random", ID, 10, env_kwargs=kwargs)


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
@pytest.mark.parametrize("agent", TRAINABLE)
def test_a_setting_is_a_finite_number(agent, value):
    """Each that is a number, one by one; those of a schedule by their ends."""
    config = trainable(agent).config_type
    names = [n for n, f in config.__dataclass_fields__.items() if f.type in ("float", "int")]
    assert len(names) > 5
    for name in names:
        with pytest.raises(InputError, match=f"`{name}` must be"):
            config(**{name: float(value)})
