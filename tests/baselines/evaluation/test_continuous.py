"""Continuous actions in evaluations, and in the commands that play and train."""

import json

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces

from baselines.classic.random import RandomAgent
from baselines.cli.main import main
from baselines.common.errors import InputError
from baselines.common.run_folder import RunFolder
from baselines.evaluation.compare import compare
from baselines.evaluation.evaluate import BATCH, evaluate
from baselines.evaluation.replay import replay
from meta_envs.wrappers import TaskDistribution
from tests.baselines import aim

NAME = "tests.baselines.aim:Aim-v0"
KWARGS = {"shape": [2, 2]}


def middle(observation, state, episode_start, deterministic):
    """Always the middle of the range."""
    return np.zeros((len(observation), 2, 2), np.float32), None


def test_actions_are_kept_flat_and_can_be_replayed():
    """Across batches; what is seen when they are played again is what was seen."""
    scores = evaluate("random", aim.ID, BATCH + 3, env_kwargs=KWARGS)
    assert scores.actions.shape == (BATCH + 3, aim.STEPS, 4)
    assert scores.actions.dtype == np.float32
    assert len(np.unique(scores.actions[:, 0, 0])) > BATCH
    seen = replay(scores, lambda env, observation, infos: observation[:, 0])
    np.testing.assert_allclose(seen[:, 1:], scores.actions[:, :-1].mean(axis=2), atol=1e-6)
    assert np.shape(scores.actions_taken()) == (BATCH + 3, aim.STEPS, 4)


def test_agents_are_compared_on_the_same_targets():
    result = compare(middle, "random", aim.ID, episodes=200, env_kwargs=KWARGS)
    assert result.first.mean_return == pytest.approx(aim.CONSTANT, abs=0.5)
    assert result.ci95[0] > 0


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (np.full((1, 2, 2), np.nan, np.float32), "an action of the agent is nan"),
        (np.zeros((1, 4), np.float32), r"must have the shape \(2, 2\) each, got \(4,\)"),
        (np.zeros(1, np.int64), r"must have the shape \(2, 2\) each, got \(\)"),
    ],
)
def test_actions_that_cannot_be_are_refused(action, message):
    with pytest.raises(InputError, match=message):
        evaluate(lambda *_: (action, None), aim.ID, 1, env_kwargs=KWARGS)


def test_random_actions_fill_the_space_and_follow_from_the_seed():
    space = spaces.Box(np.float32([-1, -np.inf]), np.float32([3, np.inf]))
    draws = []
    for seed in (0, 0, 1):
        agent = RandomAgent(space)
        agent.set_random_seed(seed)
        draws.append(np.stack([agent.predict(np.zeros((500, 1)))[0] for _ in range(2)]))
    np.testing.assert_array_equal(draws[0], draws[1])
    assert (draws[0] != draws[2]).all() and (draws[0][0] != draws[0][1]).all()
    assert all(space.contains(one) for one in draws[0][0])
    assert abs(draws[0][..., 0].mean() - 1) < 5 * (16 / 12 / 1_000) ** 0.5


@pytest.mark.parametrize("agent", ["a2c-lstm", "recurrent-ppo"])
def test_the_commands_train_resume_score_and_record(agent, tmp_path, capsys):
    """Broken if a command or a file on the way knows discrete actions only."""
    run, gif, scored = tmp_path / "run", tmp_path / "aim.gif", tmp_path / "scores"
    options = ["--env", NAME, "--agent", agent, "--num-steps", "8", "--num-envs", "4"]
    options += ["--hidden-size", "8", "--evaluation-episodes", "20"]
    assert main(["train", *options, "--total-timesteps", "640", "--out", str(run)]) == 0
    assert main(["train", "--resume", str(run), "--total-timesteps", "960", "--env", NAME]) == 0
    assert RunFolder(run).latest_checkpoint().stem == "000000000960"
    asked = ["--env", NAME, "--episodes", "20"]
    out = ["--out", str(scored), "--json"]
    capsys.readouterr()
    assert main(["evaluate", *asked, "--agent", str(run), "random", *out]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["normalized_score"] for line in lines] == [None, None]
    # Episodes are kept where tasks can be named, which other people's environments cannot.
    assert not list(scored.glob("episodes*"))
    assert main(["compare", str(run), "random", *asked]) == 0
    assert main(["record", "--env", NAME, "--agent", str(run), "--out", str(gif)]) == 0
    assert gif.exists()


@pytest.mark.parametrize("agent", ["a2c-lstm", "recurrent-ppo"])
def test_gymnasiums_own_are_trained_on(agent, tmp_path):
    """Pendulum: a Box without meta-observation, and episodes that end by truncation."""
    options = ["--env", "Pendulum-v1", "--agent", agent, "--num-envs", "2"]
    if agent == "a2c-lstm":
        options += ["--num-steps", "20"]
    options += ["--evaluation-episodes", "2", "--total-timesteps", "400"]
    assert main(["train", *options, "--out", str(tmp_path / "run")]) == 0


@pytest.fixture
def drawn_pendulum():
    """An environment of Gymnasium's whose tasks have names, and so can be kept."""
    entry = "gymnasium.envs.classic_control.pendulum:PendulumEnv"
    tasks = TaskDistribution.wrapper_spec(tasks={"g": [8.0, 12.0]}, apply=set_gravity)
    gym.register("Drawn-v0", entry, max_episode_steps=10, additional_wrappers=(tasks,))
    yield "Drawn-v0"
    del gym.registry["Drawn-v0"]


def set_gravity(env, task):
    env.unwrapped.g = task["g"]


def test_recorded_actions_are_played_again(drawn_pendulum, tmp_path, capsys):
    """`--out` and `--replay`: to the last digit, also by JSON; what is no action is refused."""
    asked = ["evaluate", "--json", "--agent"]
    played = ["random", "--env", drawn_pendulum, "--episodes", "5", "--out", str(tmp_path)]
    assert main([*asked, *played]) == 0
    (file,) = tmp_path.glob("episodes*")
    assert main([*asked, "recorded", "--replay", str(file)]) == 0
    first, again = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert again["mean_return"] == first["mean_return"]
    saved = json.loads(file.read_text())
    del saved["checksum"]
    for wrong in ([0.0, 0.0], 1, [None]):
        saved["actions"]["random"][0][0] = wrong
        file.write_text(json.dumps(saved))
        assert main([*asked, "recorded", "--replay", str(file)]) == 2
        assert capsys.readouterr().err.count("\n") == 1
