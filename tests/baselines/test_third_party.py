"""Somebody's own task, in a package outside this one: as good as one of ours."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import gymnasium as gym
import pytest

import meta_envs
from baselines import compare, evaluate, load
from baselines.cli.main import main
from baselines.common.errors import InputError
from baselines.reporting.tables import print_table
from meta_envs.registration import ROWS

EXAMPLE = Path(__file__).parents[2] / "examples" / "cups.py"
QUICK = ["--num-envs", "32", "--hidden-size", "16", "--evaluation-episodes", "300"]
STEPS = {"a2c-lstm": 120_000, "recurrent-ppo": 40_000}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder that nobody has installed, with the example in it."""
    folder = tmp_path_factory.mktemp("elsewhere")
    shutil.copy(EXAMPLE, folder)
    return folder


def forget():
    """As in a new process: the package has not been imported."""
    sys.modules.pop("cups", None)
    gym.registry.pop("Cups-v0", None)
    ROWS.pop("Cups-v0", None)


@pytest.fixture
def cups(folder, monkeypatch):
    """The example, imported; forgotten afterwards."""
    monkeypatch.syspath_prepend(folder)
    import cups

    yield cups
    forget()


def test_the_example_is_checked_and_knows_its_optimum(cups):
    with pytest.warns(UserWarning, match="Cups has no rgb_array rendering"):
        meta_envs.check_family(cups.Cups)
    scores = {a: evaluate(a, "Cups-v0", 2_000).normalized_score for a in ("random", "optimal")}
    assert scores["optimal"] == 1 and abs(scores["random"]) < 1e-12
    # What is registered can be written down and made elsewhere.
    assert gym.spec("Cups-v0").kwargs == {"family": "cups:Cups"}
    assert compare("optimal", "random", "Cups-v0", episodes=200).ci95[0] > 0
    assert "cups" in ROWS["Cups-v0"].summary


@pytest.fixture
def command(folder, monkeypatch, capsys):
    """`python -m baselines` in that folder, as in a process of its own: status, output, errors."""
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(folder)

    def run(*arguments):
        forget()
        status = main([str(argument) for argument in arguments])
        return status, *capsys.readouterr()

    yield run
    forget()


@pytest.mark.parametrize("agent", STEPS)
def test_both_agents_train_on_it_from_the_command_line(agent, folder, command):
    """Broken if an id of another package cannot be trained on, scored, resumed or compared."""
    out, id, steps = f"runs/{agent}", "cups:Cups-v0", STEPS[agent]
    options = ["--env", id, "--agent", agent, *QUICK, "--out", out, "--total-timesteps", steps]
    status, output, _ = command("train", *options)
    assert status == 0
    scores = json.loads((folder / out / "evaluation.json").read_text())["scores"]
    assert [score["agent"] for score in scores] == [agent, "random", "optimal"]
    mine, random, best = (score["mean_return"] for score in scores)
    assert (mine - random) / (best - random) > 0.9
    row = next(line for line in output.splitlines() if f"│ {agent}" in line)
    assert float(row.split("│")[-3]) == pytest.approx((mine - random) / (best - random), abs=1e-3)
    # The run's files name no package: whoever goes on with it does.
    config = json.loads((folder / out / "config.json").read_text())
    assert config["env"] == "Cups-v0"
    more = ["--resume", out, "--total-timesteps", steps + 2_000]
    status, _, errors = command("train", *more)
    assert status == 2 and errors.count("\n") == 1
    assert "package:Id-v0" in errors
    assert command("train", *more, "--env", id)[0] == 0
    scored = ["--env", id, "--agent", out, "--episodes", 50, "--json"]
    assert json.loads(command("evaluate", *scored)[1])["mean_return"] > random
    _, output, _ = command("compare", out, "random", "--env", id, "--episodes", 200)
    assert f"{out} is better" in " ".join(output.split())


def test_a_new_process_imports_the_package(folder):
    """What the other tests play in one process must hold in another, and leave nothing there."""
    run = [sys.executable, "-m", "baselines", "evaluate", "--env", "cups:Cups-v0"]
    run += ["--agent", "optimal", "--episodes", "5"]
    done = subprocess.run(run, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "optimal" in done.stdout


def test_list_shows_what_a_package_registers(command):
    assert "Cups-v0" in command("list", "cups")[1]
    assert "Cups-v0" not in command("list")[1]
    status, _, errors = command("list", "no_such_package")
    assert status == 2 and "no_such_package" in errors


def test_a_family_is_not_taken_for_ours_by_its_modules_name(tmp_path, monkeypatch, capsys):
    """An optimum used to be looked up by the module's last name, and tables died of it."""
    text = EXAMPLE.read_text().replace("    optimum = __name__\n", "").replace("Cups-v0", "Cup-v0")
    (tmp_path / "anything").mkdir()
    (tmp_path / "anything" / "two_step.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    evaluation = evaluate("random", "anything.two_step:Cup-v0", 20)
    assert evaluation.normalized_score is None
    print_table([evaluation])
    assert "random" in capsys.readouterr().out
    with pytest.raises(InputError, match="no optimum is known for Cups"):
        evaluate("optimal", "Cup-v0", 2)
    gym.registry.pop("Cup-v0")
    ROWS.pop("Cup-v0")


def test_registering_refuses_what_is_no_family():
    with pytest.raises(ValueError, match="family must be a subclass of TaskFamily"):
        meta_envs.register("Nothing-v0", dict)
    with pytest.raises(gym.error.Error):
        meta_envs.register("no version, no id", "my_package:MyTask")
    assert "Nothing-v0" not in gym.registry and "Nothing-v0" not in ROWS


def test_a_class_without_a_name_is_registered_as_it_is(cups):
    """In a notebook, or inside a function, a class cannot be imported by another process."""

    class Local(cups.Cups):
        """Nobody can import this."""

    meta_envs.register("Local-v0", Local, kwargs={"num_trials": 2})
    try:
        assert gym.spec("Local-v0").kwargs["family"] is Local
        assert gym.make_vec("Local-v0", num_envs=3).family.num_trials == 2
    finally:
        del gym.registry["Local-v0"], ROWS["Local-v0"]


def test_other_peoples_environments_are_named_with_their_package(tmp_path, capsys, monkeypatch):
    """`minigrid:...`: any Gymnasium id, for every command that takes one."""
    (tmp_path / "coin_box.py").write_text(
        "import gymnasium as gym, numpy as np\n"
        "class Box(gym.Env):\n"
        "    metadata = {'render_modes': ['rgb_array'], 'render_fps': 10}\n"
        "    observation_space = gym.spaces.Box(0, 1, (2,))\n"
        "    action_space = gym.spaces.Discrete(2)\n"
        "    def __init__(self, render_mode=None):\n"
        "        self.render_mode = render_mode\n"
        "    def reset(self, seed=None, options=None):\n"
        "        super().reset(seed=seed)\n"
        "        return np.zeros(2, np.float32), {}\n"
        "    def step(self, action):\n"
        "        over = bool(self.np_random.random() < 0.3)\n"
        "        return np.zeros(2, np.float32), float(action), over, False, {}\n"
        "    def render(self):\n"
        "        return np.zeros((40, 40, 3), np.uint8)\n"
        "gym.register('coin/Box-v0', entry_point=Box)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(os.environ, "PYTHONPATH", str(tmp_path))
    id = "coin_box:coin/Box-v0"
    quick = ["--total-timesteps", "400", "--num-envs", "4", "--evaluation-episodes", "5"]
    assert main(["train", "--env", id, *quick]) == 2
    assert "--num-steps" in capsys.readouterr().err
    assert main(["train", "--env", id, *quick, "--num-steps", "10", "--out", "run"]) == 0
    assert main(["evaluate", "--env", id, "--agent", "run", "random", "--episodes", "5"]) == 0
    assert main(["record", "--env", id, "--agent", "run", "--out", "box.gif"]) == 0
    assert (tmp_path / "box.gif").exists()
    policy = load("run", id)
    assert policy.predict([0.0, 0.0])[0] in (0, 1)
    del gym.registry["coin/Box-v0"], sys.modules["coin_box"]
