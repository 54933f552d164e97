"""Only the environments are installed, on each Python: what works, and what says what it needs."""

import json
import math
from pathlib import Path

import pytest

import meta_envs
from tests.package.venvs import asked

pytestmark = asked
SCRIPT = Path(__file__).with_name("bare.py")
AGENTS = "pip install 'meta-envs[baselines]'"
OPTIMAL = "the best search of a room needs SciPy: pip install 'meta-envs[optimal]'"
VISUAL = "MetaIMaze needs Numba: pip install 'meta-envs[visual]'"
ROOMS = ("MetaGridworld-v0", "MetaDarkRoom-v0", "MetaDarkRoomHard-v0", "MetaDarkKeyToDoor-v0")
DOORS = {"A2CLSTM", "A2CLSTMConfig", "GymnasiumVecEnv", "RecurrentPPO", "RecurrentPPOConfig"}
"""What needs the extra `baselines`."""


@pytest.fixture(scope="module")
def found(bare):
    done = bare.run(str(SCRIPT))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) | {"venv": str(bare.folder)}


def messages(said):
    """By name, the messages of what did not work."""
    return {name: value for name, value in said.items() if isinstance(value, str)}


def test_nothing_else_is_installed(bare):
    """Broken if a dependency has crept in: the environments need NumPy and Gymnasium alone."""
    done = bare.run("-m", "pip", "list", "--format=json", "--disable-pip-version-check")
    names = {one["name"].lower().replace("_", "-") for one in json.loads(done.stdout)}
    theirs = {"numpy", "gymnasium", "cloudpickle", "farama-notifications", "typing-extensions"}
    assert names - {"pip", "setuptools"} == {"meta-envs", *theirs}


def test_it_is_the_installed_package_that_runs(found):
    assert all(file.startswith(found["venv"]) for file in found["files"])
    assert found["version"] == meta_envs.__version__


def test_every_environment_is_played_or_names_its_extra(found):
    assert messages(found["played"]) == {"MetaIMaze-v0": VISUAL}


def test_every_optimum_is_computed_or_names_its_extra(found):
    said = messages(found["best"])
    assert said.pop("MetaTabularMDP-v0") == "no optimum is known for TabularMDP"
    assert said.pop("MetaIMaze-v0") == VISUAL
    assert said == dict.fromkeys(ROOMS, OPTIMAL)
    values = [value for value in found["best"].values() if not isinstance(value, str)]
    assert all(map(math.isfinite, values))
    assert found["best"]["MetaTwoStep-v0"] == pytest.approx(6.688213232)


def test_every_classic_agent_plays(found):
    """They need NumPy alone, and so does scoring them."""
    assert messages(found["agents"]) == {}


def test_every_agent_that_trains_names_its_extra(found):
    said = messages(found["names"])
    assert set(said) == DOORS
    for message in [*said.values(), found["pretrained"]]:
        assert message.endswith(AGENTS)
        assert "\n" not in message


def test_every_module_is_imported_or_names_its_extra(found):
    """Broken if somebody met `No module named 'rich'` and had to guess what brings it."""
    said = messages(found["modules"])
    assert said
    assert {name for name, message in said.items() if not message.endswith(AGENTS)} == set()
    assert "baselines.evaluation.evaluate" not in said


@pytest.mark.parametrize("command", ["list", "train", "evaluate"])
def test_a_command_names_the_extra(bare, command):
    done = bare.run("-m", "baselines", command)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: torch is not installed: {AGENTS}\n"


def test_the_command_line_says_its_version_and_how_it_is_used(bare):
    assert bare.run("-m", "baselines", "--version").stdout == f"meta-envs {meta_envs.__version__}\n"
    assert bare.run("-m", "baselines", "--help").stdout.startswith("usage: ")


def test_pip_finds_nothing_missing(bare):
    done = bare.run("-m", "pip", "check")
    assert done.returncode == 0, done.stdout
