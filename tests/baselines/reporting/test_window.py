"""Playing with the keyboard: headless, with the keys posted beforehand."""

import os
import subprocess
import sys

import gymnasium as gym
import numpy as np
import pytest

from baselines.cli.main import main
from baselines.common.environments import derive_seeds
from baselines.common.errors import InputError
from baselines.common.extras import PACKAGES
from baselines.evaluation.episodes import read_episodes
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.recorded import read_evaluations
from baselines.reporting.window import Window, action_names, help_lines, keys_for
from meta_envs.registration import TABLE
from tests.baselines import aim
from tests.baselines.pixel_cue import ID

pygame = pytest.importorskip("pygame")
IDS = [row.id for row in TABLE] + [ID, "CartPole-v1"]


@pytest.fixture
def press(monkeypatch):
    """Posts keys, by their names, before a window is opened."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pygame.init()
    pygame.display.set_mode((10, 10))

    def post(*names):
        for name in names:
            key = pygame.key.key_code(name)
            pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key))

    yield post
    pygame.quit()


@pytest.fixture
def shown(monkeypatch):
    """What each drawing of the window says, and how many colours it has."""
    drawings = []
    original = Window.show

    def show(self, image, status):
        original(self, image, status)
        pixels = pygame.surfarray.array2d(self.screen)
        drawings.append((status, len(set(pixels.flatten().tolist()))))

    monkeypatch.setattr(Window, "show", show)
    return drawings


def test_an_episode_is_played_by_its_keys(press, shown, capsys):
    """Arrow, digit and digit of the number pad each take the step they stand for; others none.

    The score that is shown is what the environment pays for these very actions.
    """
    press("left", "right", "0", "q", "[1]", "left", "left", "return", "right", "escape")
    assert main(["play", "--env", ID, "--seed", "3"]) == 0
    env = gym.make(ID)
    env.reset(seed=derive_seeds(3, "evaluation", 1)[0])
    score = sum(env.step(action)[1] for action in (0, 1, 0, 1, 0))
    assert capsys.readouterr().out == f"episode 1: score {score:g}\n"
    # The key that does nothing, and the one after the end, leave everything as it is.
    assert [status.split()[1] for status, _ in shown] == list("0123345501")
    assert "episode over: Enter for a new one" in shown[6][0]
    assert f"score {score:g}" in shown[6][0]


@pytest.mark.parametrize("env_id", IDS)
def test_every_environment_can_be_played(env_id, press, shown):
    """A image that is drawn, and steps by the digits; closing the window ends it."""
    press("0", "1", "return")
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert main(["play", "--env", env_id]) == 0
    assert shown[-1][0].startswith("step 2")
    assert all(colours > 3 for _, colours in shown)


@pytest.mark.parametrize("options", [[], ["--reveal"]])
def test_the_task_is_hidden_until_the_episode_is_over(options, press, monkeypatch):
    """Broken if a person is told what an agent has to find out, or never told it at all."""
    images = []
    monkeypatch.setattr(Window, "show", lambda self, image, status: images.append(image))
    press("0", "1", "return", "1", "escape")
    command = ["play", "--env", "MetaBandit-v0", "--env-kwargs", '{"num_trials": 2}']
    assert main([*command, "--seed", "0", *options]) == 0
    env = gym.make("MetaBandit-v0", num_trials=2, render_mode="rgb_array")
    seeds = derive_seeds(0, "evaluation", 2)
    for seed, actions in zip(seeds, ([None, 0, 1], [None, 1]), strict=True):
        for action in actions:
            _ = env.reset(seed=seed) if action is None else env.step(action)
            env.unwrapped.family.reveal = bool(options) or (len(actions) == 3 and action == 1)
            np.testing.assert_array_equal(images.pop(0), env.render())
    assert not images


def test_what_a_person_did_is_kept_and_can_be_played_again(press, tmp_path, capsys):
    """As an evaluation is: scores, episodes and actions, for agents to be set beside."""
    out = tmp_path / "human"
    command = ["play", "--env", "MetaBandit-v0", "--env-kwargs", '{"num_trials": 3}']
    # The third episode is not played to its end.
    press("0", "1", "1", "return", "1", "0", "0", "return", "1", "escape")
    assert main([*command, "--seed", "4", "--out", str(out)]) == 0
    names = ["episodes_MetaBandit-v0.json", "regret_MetaBandit-v0.png", "scores.csv", "scores.json"]
    assert sorted(path.name for path in out.iterdir()) == names
    played = out / names[0]
    env_id, kwargs, episodes = read_episodes(played)
    assert (env_id, kwargs, len(episodes)) == ("MetaBandit-v0", {"num_trials": 3}, 2)
    [human] = read_evaluations(played)
    assert human.actions.tolist() == [[0, 1, 1], [1, 0, 0]]
    shown = [f"episode {n}: score {score:g}" for n, score in enumerate(human.returns, 1)]
    assert capsys.readouterr().out.splitlines() == [*shown, f"written into {out}"]
    # The very episodes that agents meet in an evaluation with this seed.
    agent = evaluate("random", env_id, 2, 4, kwargs)
    assert [one.seed for one in agent.episodes] == [one.seed for one in episodes]
    before = played.read_text()
    assert main([*command, "--out", str(out)]) == 2
    assert "holds episodes already: choose another --out" in capsys.readouterr().err
    assert played.read_text() == before


def test_episodes_are_kept_as_soon_as_they_end(press, tmp_path, monkeypatch):
    """What a person has done cannot be had again if the window dies."""
    press("0", "return", "0")
    original = Window.show

    def show(self, image, status):
        original(self, image, status)
        if "episode over" not in status and (tmp_path / "episodes_MetaBandit-v0.json").exists():
            raise KeyboardInterrupt

    monkeypatch.setattr(Window, "show", show)
    command = ["play", "--env", "MetaBandit-v0", "--env-kwargs", '{"num_trials": 1}']
    assert main([*command, "--out", str(tmp_path)]) == 130
    assert len(read_episodes(tmp_path / "episodes_MetaBandit-v0.json")[2]) == 1


def test_without_a_display_it_says_so(tmp_path):
    """SDL would draw into memory, and whoever waits for a window would wait for ever."""
    missing = ("SDL_VIDEODRIVER", "SDL_VIDEO_DRIVER", "DISPLAY", "WAYLAND_DISPLAY")
    env = {name: value for name, value in os.environ.items() if name not in missing}
    command = [sys.executable, "-m", "baselines", "play", "--env", "MetaBandit-v0"]
    command += ["--out", str(tmp_path / "new" / "deep")]
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=60, check=False)
    if done.returncode == 0:
        pytest.skip("there is a display")
    assert done.returncode == 2
    message = "error: there is no display to open a window on: play on a machine with a screen"
    assert done.stderr.splitlines()[-1] == message
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("env_id", [row.id for row in TABLE])
def test_names_are_for_all_actions_or_for_none(env_id):
    """A missing name would shift the keys of the others."""
    env = gym.make(env_id)
    assert len(env.unwrapped.family.action_names) in (0, env.action_space.n)
    assert len(set(action_names(env))) == env.action_space.n


def test_keys_are_listed_as_they_work():
    names = ("no-op", "turn left", "forward", "jump")
    keys = keys_for(names)
    assert keys == {"0": 0, "space": 0, "1": 1, "left": 1, "2": 2, "up": 2, "3": 3}
    assert help_lines(names)[1:] == ["1 or left: turn left", "2 or up: forward", "3: jump"]
    assert keys_for([str(n) for n in range(12)])["b"] == 11
    with pytest.raises(InputError, match="37 actions are too many"):
        keys_for([str(n) for n in range(37)])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--env", "Nothing-v0"], "there is no environment"),
        (["--env", "MetaBandit-v0", "--env-kwargs", '{"num_arms": 40}'], "40 actions are too many"),
        (["--env", "MetaBandit-v0", "--seed", "-1"], "seed must be"),
        (["--env", aim.ID], "keys play Discrete actions only"),
        (["--env", "CartPole-v1", "--out", "nowhere"], "no tasks that could be saved"),
    ],
)
def test_bad_input_gets_one_line(options, message, press, capsys):
    assert main(["play", *options]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("command", "module"),
    [(["play"], "pygame"), (["record", "--agent", "random"], "PIL.Image")],
)
def test_without_the_extra_it_says_what_to_install(command, module, monkeypatch, tmp_path, capsys):
    """Somebody without a screen has no pygame; they must not meet a traceback."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(__import__("sys").modules, module, None)
    assert main([*command, "--env", "MetaBandit-v0"]) == 2
    package = PACKAGES[module][0]
    expected = f"error: {package} is not installed: pip install -e '.[visual]' in your clone\n"
    assert capsys.readouterr().err == expected
    assert not list(tmp_path.iterdir())
