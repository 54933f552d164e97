"""The table of environments, and what importing the package does."""

import importlib
import json
import subprocess
import sys

import gymnasium as gym
import pytest
from gymnasium.envs.registration import EnvSpec

import meta_envs
from meta_envs.core import MetaEnv, MetaVectorEnv
from meta_envs.core.family import load_family
from meta_envs.registration import TABLE, register_all
from tests.meta_envs.cases import IDS, Case, every_case, every_id, play, playable_ids, same


def test_every_id_is_there_once_and_well_formed():
    """Broken if a row is doubled, misnamed or says nothing about its source."""
    assert len(set(IDS)) == len(TABLE)
    for row in TABLE:
        assert row.id.startswith("Meta") and row.id.endswith("-v0")
        assert row.source and row.summary
        assert json.loads(json.dumps(row.kwargs)) == row.kwargs


@every_id
def test_entry_points_are_strings_and_make_our_classes(case):
    """Broken if a spec cannot be written down, or episodes are cut by a TimeLimit."""
    spec = gym.spec(case.id)
    assert isinstance(spec.entry_point, str) and isinstance(spec.vector_entry_point, str)
    assert spec.max_episode_steps is None and not spec.nondeterministic
    assert type(case.scalar()) is MetaEnv
    assert type(case.native(2)) is MetaVectorEnv


@every_id
def test_the_family_describes_its_environment(case):
    """Broken if a docstring, which is the environment's page, misses a part."""
    text = load_family(gym.spec(case.id).kwargs["family"]).__doc__
    parts = "Description,Action Space,Observation Space,Starting State,Rewards,Episode End,"
    for part in (parts + "Information,Arguments,References,Version History").split(","):
        assert f"## {part}\n" in text


@every_case
def test_a_spec_survives_json(case):
    """Broken if an environment cannot be made again from its saved spec."""
    env = case.scalar()
    spec = EnvSpec.from_json(env.spec.to_json())
    again = gym.make(spec).unwrapped
    env.reset(seed=1)
    again.reset(seed=1)
    assert same(env.task, again.task)
    actions = [0] * env.family.episode_length
    assert same(play(env, actions), play(again, actions))
    assert again.observation_space == env.observation_space


def test_reloading_registers_once():
    """Broken if a second import warns or replaces what is registered."""
    specs = {id: gym.spec(id) for id in IDS}
    importlib.reload(meta_envs)
    register_all()
    assert all(gym.spec(id) is spec for id, spec in specs.items())


def fresh(code):
    """The standard output of a fresh Python that runs the code with warnings as errors."""
    command = [sys.executable, "-W", "error", "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_every_id_is_made_without_what_only_the_baselines_need():
    """Broken if an environment imports one of them: it would be missing in a plain install."""
    heavy = ["torch", "stable_baselines3", "sb3_contrib", "matplotlib", "scipy", "baselines"]
    code = f"""
import sys
sys.modules.update(dict.fromkeys({heavy}))
import gymnasium as gym, meta_envs
for id in {playable_ids()}:
    for env in (gym.make(id), gym.make_vec(id, num_envs=2)):
        env.reset(seed=0)
"""
    assert fresh(code) == ""


def test_a_fresh_process_can_make_an_id_by_its_module():
    """Broken if `meta_envs:<id>` needs an import before, or brings other tasks there."""
    code = f"""
import gymnasium as gym, json
tasks = []
for id in {playable_ids()}:
    env = gym.make("meta_envs:" + id)
    env.reset(seed=11)
    tasks.append(env.unwrapped.task)
print(json.dumps(tasks))
"""
    tasks = json.loads(fresh(code))
    for id, task in zip(playable_ids(), tasks, strict=True):
        env = Case(id).scalar()
        env.reset(seed=11)
        assert same(env.task, task)


@pytest.mark.parametrize("mode", ["scalar", "vector"])
def test_the_module_form_works_here_too(mode):
    id = f"meta_envs:{IDS[0]}"
    env = gym.make(id) if mode == "scalar" else gym.make_vec(id, num_envs=2)
    env.reset(seed=0)
