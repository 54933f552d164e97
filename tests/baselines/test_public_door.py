"""What `__all__` promises is there, and nothing heavy is imported before it is used."""

import subprocess
import sys

import pytest

import baselines
import meta_envs

HEAVY = ["torch", "stable_baselines3", "sb3_contrib", "matplotlib", "scipy", "rich", "tyro"]


def fresh(code):
    """Standard output and errors of a fresh Python that runs the code."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("package", [baselines, meta_envs], ids=lambda p: p.__name__)
def test_every_name_promised_is_there(package):
    for name in package.__all__:
        assert getattr(package, name).__doc__
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = package.nothing


def test_the_door_opens_at_once():
    """Torch takes seconds: not before an agent that needs it is asked for."""
    names = "compare, evaluate, load, Comparison, Evaluation"
    code = f"""
import sys
import baselines
from baselines import {names}
evaluate("thompson", "MetaBandit-v0", 5)
print([name for name in {HEAVY} if name in sys.modules])
"""
    done = fresh(code)
    assert done.stdout == "[]\n", done.stderr


def test_without_stable_baselines3_its_vec_env_names_the_extra():
    code = """
import importlib.util as util
real = util.find_spec
util.find_spec = lambda name, *a: None if name == "stable_baselines3" else real(name, *a)
from baselines import GymnasiumVecEnv
"""
    last = fresh(code).stderr.splitlines()[-1]
    assert last.startswith(
        "baselines.common.extras.MissingExtraError: Stable-Baselines3 is not installed: "
    )


@pytest.mark.parametrize("module", ["a2c_lstm", "recurrent_ppo"])
def test_without_torch_an_agent_names_the_extra(module):
    code = f"""
import importlib.util as util
real = util.find_spec
util.find_spec = lambda name, *a: None if name == "torch" else real(name, *a)
import baselines.{module}
"""
    last = fresh(code).stderr.splitlines()[-1]
    assert last.startswith("baselines.common.extras.MissingExtraError: torch is not installed: ")
    assert last.endswith(": pip install -e '.[baselines]' in your clone")
