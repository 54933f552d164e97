"""Recording episodes as an animated GIF."""

import json

import gymnasium as gym
import numpy as np
import pytest

from baselines.cli.main import main
from baselines.common.environments import derive_seeds
from baselines.evaluation.episodes import Episode, save_episodes
from baselines.evaluation.evaluate import evaluate
from baselines.reporting import gif as module
from tests.baselines.pixel_cue import ID

image = pytest.importorskip("PIL.Image")
BANDIT = ["--env", "MetaBandit-v0", "--env-kwargs", '{"num_trials": 6}']


def every_third(observation, state, episode_start, deterministic):
    """An agent that remembers how many steps it has taken: every third it pulls arm 1."""
    count = np.where(episode_start, 0, 0 if state is None else state)
    return (count % 3 == 2).astype(np.int64), count + 1


def frames(path):
    """A GIF's images and the milliseconds that each is shown."""
    with image.open(path) as gif:
        found = []
        for index in range(gif.n_frames):
            gif.seek(index)
            found.append((np.asarray(gif.convert("RGB")), gif.info["duration"]))
    return found


def test_a_image_a_step_and_the_last_one_stays(tmp_path, capsys):
    """The very images that the environment draws, from before the first step to the last one.

    Drawn by the vector environment, an episode's last image would be the next one's first.
    """
    out = tmp_path / "folder" / "bandit.gif"
    agent = f"{__name__}:every_third"
    command = ["record", *BANDIT, "--agent", agent, "--seed", "4", "--episodes", "2"]
    assert main([*command, "--out", str(out), "--fps", "20"]) == 0
    scores = evaluate(agent, "MetaBandit-v0", 2, seed=4, env_kwargs={"num_trials": 6})
    expected = [f"episode {n}: return {score:g}" for n, score in enumerate(scores.returns, 1)]
    assert capsys.readouterr().out.splitlines() == [*expected, f"written into {out}"]
    found = frames(out)
    assert [time for _, time in found] == 2 * [*[50] * 6, module.HOLD]
    env = gym.make("MetaBandit-v0", render_mode="rgb_array", num_trials=6)
    for episode, seed in enumerate(derive_seeds(4, "evaluation", 2)):
        env.reset(seed=seed)
        for step in range(7):
            np.testing.assert_array_equal(found[7 * episode + step][0], env.render())
            if step < 6:
                env.step(int(scores.actions[episode, step]))
    assert [path.name for path in out.parent.iterdir()] == ["bandit.gif"]


def test_recorded_episodes_are_drawn(tmp_path):
    """The tasks and the actions of a file, not those that its seeds would bring."""
    kwargs, out = {"num_trials": 3}, tmp_path / "human.gif"
    tasks = {"probabilities": [1.0, 0.0]}, {"probabilities": [0.5, 0.9]}
    episodes = [Episode(seed, json.dumps(task)) for seed, task in zip((7, 8), tasks, strict=True)]
    saved = tmp_path / "e.json"
    save_episodes(saved, "MetaBandit-v0", kwargs, episodes, {"human": [[0, 1, 1], [1, 0, 0]]})
    command = ["record", "--replay", str(saved), "--agent", "recorded", "--episodes", "2"]
    assert main([*command, "--out", str(out)]) == 0
    found = frames(out)
    env = gym.make("MetaBandit-v0", render_mode="rgb_array", num_trials=3)
    for task, seed, actions in zip(tasks, (7, 8), ([0, 1, 1], [1, 0, 0]), strict=True):
        env.reset(seed=seed, options={"task": task})
        for action in [*actions, None]:
            np.testing.assert_array_equal(found.pop(0)[0], env.render())
            if action is not None:
                env.step(action)
    assert not found


def test_a_trained_agent_is_recorded(tmp_path):
    """By its run's folder, on images as well."""
    run, out = tmp_path / "run", tmp_path / "cue.gif"
    options = ["--num-envs", "2", "--hidden-size", "4", "--total-timesteps", "20"]
    train = ["train", "--env", ID, *options, "--evaluation-episodes", "0", "--out", str(run)]
    assert main(train) == 0
    assert main(["record", "--env", ID, "--agent", str(run), "--out", str(out)]) == 0
    assert len(frames(out)) == 6


def test_many_colours_become_few(tmp_path):
    """Shaded images have more than a GIF can hold; none may end far from what it was."""
    shades = np.linspace(0, 255, 120).astype(np.uint8)
    images = [
        np.stack(np.broadcast_arrays(shades[:, None], shades, np.uint8(blue)), axis=-1)
        for blue in (0, 120, 240)
    ]
    module.write_gif(tmp_path / "shades.gif", images, [100] * 3)
    for (found, _), image in zip(frames(tmp_path / "shades.gif"), images, strict=True):
        difference = np.abs(found.astype(int) - image)
        assert difference.mean() < 12
        assert difference.max() < 60


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([*BANDIT, "--agent", "nobody"], "no agent or checkpoint 'nobody'"),
        ([*BANDIT, "--agent", "random", "--out", "x.mp4"], "must be the name of a GIF, got x.mp4"),
        ([*BANDIT, "--agent", "random", "--episodes", "0"], "episodes must be"),
        ([*BANDIT, "--agent", "random", "--fps", "0"], "fps must be"),
        ([*BANDIT, "--agent", "random", "--seed", "-1"], "seed must be"),
        ([*BANDIT, "--agent", "random", "--out", "file/x.gif"], "cannot be written"),
        (["--env", "Nothing-v0", "--agent", "random"], "there is no environment"),
        (["--env", "MetaDarkRoom-v0", "--agent", "ucb"], "ucb is for bandits"),
    ],
)
def test_bad_input_gets_one_line_and_leaves_nothing(
    options, message, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("mine")
    assert main(["record", *options]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_what_is_there_stays_until_the_new_one_is_whole(tmp_path, monkeypatch):
    """A recording that breaks off in the middle must not cost the one before."""
    out = tmp_path / "bandit.gif"
    command = ["record", *BANDIT, "--agent", "random", "--out", str(out)]
    assert main(command) == 0
    before = out.read_bytes()

    def break_off(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(image.Image, "save", break_off)
    assert main([*command, "--seed", "1"]) == 130
    assert out.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["bandit.gif"]
