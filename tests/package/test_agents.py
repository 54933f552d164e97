"""The wheel with its extra `baselines`: every command, from an empty folder outside the clone."""

import json
import os
from pathlib import Path

import pytest

from tests.package.venvs import ROOT, asked

pytestmark = [asked, pytest.mark.skipif(os.name == "nt", reason="links need a right on Windows")]
LOADED = """
import json, warnings
from pathlib import Path
import baselines
from baselines import load_pretrained
from baselines.evaluation.pretrained import TRAINED, included, read_card
found = {}
for env_id, agent in included():
    card = TRAINED / env_id / agent / "card.json"
    loaded = load_pretrained(env_id, agent)
    found[f"{env_id}/{agent}"] = (
        not card.exists() or loaded.weights_digest() == read_card(env_id, agent)["weights"]
    )
print(json.dumps({"file": baselines.__file__, "found": found}))
"""
BANDIT = ("--env", "MetaBandit-v0")


def command(venv, *arguments):
    done = venv.run("-m", "baselines", *arguments, OMP_NUM_THREADS="1")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_included_agent_is_loaded_from_the_wheel(agents):
    done = agents.run("-c", LOADED)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["file"].startswith(str(agents.folder))
    trained = ROOT / "baselines" / "trained"
    models = {path.parent.relative_to(trained).as_posix() for path in trained.rglob("model.*")}
    assert set(said["found"]) == models
    assert all(said["found"].values())


def test_the_commands_work(agents):
    """Broken if a command needs a file of the clone, or a package that the extra does not name."""
    assert "MetaBandit-v0" in command(agents, "list")
    names = ("pretrained", "pretrained:recurrent-ppo", "optimal")
    lines = command(agents, "evaluate", *BANDIT, "--agent", *names, "--episodes", "50", "--json")
    regrets = [json.loads(line)["mean_regret"] for line in lines.splitlines()]
    assert len(regrets) == 3
    assert max(regrets) < 4
    command(agents, "train", *BANDIT, "--total-timesteps", "20000", "--out", "runs/one")
    assert (agents.work / "runs" / "one" / "config.json").is_file()
    command(agents, "compare", "runs/one", "random", *BANDIT, "--episodes", "50")
    command(agents, "plot", "runs/one", "--out", "learning.png")
    command(agents, "record", *BANDIT, "--agent", "pretrained", "--out", "episode.gif")
    assert (agents.work / "learning.png").stat().st_size > 1_000
    assert (agents.work / "episode.gif").stat().st_size > 1_000


def test_an_experiment_is_repeated(agents):
    """It reads figures of a paper that are data of the package."""
    command(agents, "reproduce", "wang2018-fig1d", "--episodes", "10", "--out", "fig1d")
    assert list((agents.work / "fig1d").rglob("*.html"))


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (("play", *BANDIT), "visual"),
        (("sweep", *BANDIT, "--space", "SPACE", "--num-samples", "1", "--out", "a"), "sweep"),
        (("sweep", *BANDIT, "--seeds", "0", "--engine", "ray", "--out", "b"), "ray"),
        (("publish", "--sweep", "none", "--out", "c", "--push-to-hub", "me"), "hub"),
    ],
)
def test_a_command_names_the_extra_it_lacks(agents, arguments, extra):
    space = next(agents.packages().glob("baselines/training/sweep/spaces/*.json"))
    words = [str(space) if word == "SPACE" else word for word in arguments]
    before = set(agents.work.iterdir())
    done = agents.run("-m", "baselines", *words)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("error: ")
    assert done.stderr.endswith(f": pip install 'meta-envs[{extra}]'\n")
    assert done.stderr.count("\n") == 1
    assert set(agents.work.iterdir()) == before, "something half-written was left"


def test_it_is_really_without_those_extras(agents):
    """Else the tests above would show nothing."""
    there = {path.name for path in Path(agents.packages()).iterdir()}
    assert there.isdisjoint({"pygame", "optuna", "ray", "huggingface_hub"})
    assert {"torch", "stable_baselines3"} <= there
