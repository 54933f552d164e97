"""Worked examples of environments: all that `examples/` registers, where their package is here."""

import importlib
import json
import pickle
import sys
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from baselines.cli.main import main
from tests.examples.frameworks import need

EXAMPLES = Path(__file__).parents[2] / "examples"
NEEDS = {"cartpole": None, "minigrid_task": "minigrid", "half_cheetah": "mujoco", "ant": "mujoco"}
"""Examples, and the package of each that is not always here."""
IDS = {
    "MetaCartPole-v0": "cartpole",
    "MetaCartPoleBare-v0": "cartpole",
    "MetaCartPoleTold-v0": "cartpole",
    "MiniGridGoal-v0": "minigrid_task",
    "MetaHalfCheetahVel-v0": "half_cheetah",
    "MetaAntDir-v0": "ant",
}
QUIET = [
    # MuJoCo's observations have no bounds, nor has the speed of a cart.
    "ignore:.*[Bb]ox observation space (minimum|maximum) value is -?infinity",
    "ignore:.*recommend using a symmetric and normalized space",
    # Shells around the environment, of which the checker cannot tell.
    "ignore:.*is different from the unwrapped version",
]
pytestmark = [pytest.mark.filterwarnings(line) for line in QUIET]


@pytest.fixture(autouse=True)
def at_examples(monkeypatch, tmp_path):
    """Imports as in `examples/`, forgotten afterwards; what MuJoCo logs goes elsewhere."""
    monkeypatch.syspath_prepend(EXAMPLES)
    monkeypatch.chdir(tmp_path)
    yield
    for env_id, module in IDS.items():
        gym.registry.pop(env_id, None)
        sys.modules.pop(module, None)


@pytest.fixture(params=IDS)
def env_id(request):
    """Each id, registered."""
    module = IDS[request.param]
    if NEEDS[module]:
        need(NEEDS[module])
    importlib.import_module(module)
    return request.param


def play(env, seed, steps=60):
    """What a fixed random sequence of actions meets, across resets: numbers of every step."""
    env.action_space.seed(seed)
    seen = [env.reset(seed=seed)[0]]
    tasks = [env.unwrapped.task]
    for _ in range(steps):
        observation, reward, terminated, truncated, _ = env.step(env.action_space.sample())
        seen.append((observation, reward, terminated))
        if terminated or truncated:
            seen.append(env.reset()[0])
            tasks.append(env.unwrapped.task)
    return seen, tasks


def same(one, other):
    """Whether two nested structures of arrays hold the same."""
    try:
        np.testing.assert_equal(one, other)
    except AssertionError:
        return False
    return True


def test_every_id_is_tried():
    """Broken if an example registers an id that nothing here tries."""
    text = "".join((EXAMPLES / f"{name}.py").read_text() for name in NEEDS)
    assert all(f'"{env_id}"' in text for env_id in IDS)
    assert text.count('-v0"') == len(IDS)


def test_gymnasiums_checker_passes(env_id):
    check_env(gym.make(env_id, disable_env_checker=True).env, skip_render_check=True)


def test_the_seed_fixes_all(env_id):
    """Broken if a task or any noise came from elsewhere, or all episodes were of one task."""
    first, tasks = play(gym.make(env_id), 3)
    second, again = play(gym.make(env_id), 3)
    assert same(first, second) and tasks == again
    drawn = []
    for seed in range(12):
        env = gym.make(env_id)
        env.reset(seed=seed)
        drawn.append(json.dumps(env.unwrapped.task))
    assert len(set(drawn)) > 1


def test_a_task_is_played_again_from_json(env_id):
    env = gym.make(env_id)
    env.reset(seed=0)
    task = json.loads(json.dumps(env.unwrapped.task))
    other = gym.make(env_id)
    other.reset(seed=5, options={"task": task})
    assert other.unwrapped.task == task


def test_inner_episodes_keep_their_task(env_id):
    """Broken if the second inner episode were of another task: nothing could be carried over."""
    env = gym.make(env_id)
    env.reset(seed=1)
    env.action_space.seed(1)
    tasks, over, trial = [], False, 0
    while not over:
        tasks.append(json.dumps(env.unwrapped.task))
        _, _, over, truncated, info = env.step(env.action_space.sample())
        assert not truncated
        trial = info["trial"]
    assert len(set(tasks)) == 1
    assert trial == (2 if env_id == "MiniGridGoal-v0" else 1)


def test_its_spec_is_json(env_id):
    spec = gym.make(env_id).spec
    again = gym.make(EnvSpec.from_json(spec.to_json()))
    assert same(play(again, 2, 20)[0], play(gym.make(env_id), 2, 20)[0])


def test_it_can_be_pickled_in_the_middle(env_id):
    """Broken where vector environments in processes, or a user's copy, would lose the task."""
    if NEEDS[IDS[env_id]] == "mujoco":
        pytest.skip("Gymnasium's own MuJoCo environments are pickled as they are when new")
    env = gym.make(env_id)
    play(env, 4, 7)
    copy = pickle.loads(pickle.dumps(env))
    assert copy.unwrapped.task == env.unwrapped.task
    for action in (0, 1, 0):
        assert same(copy.step(action)[:3], env.step(action)[:3])


def test_side_by_side_is_as_one_by_one(env_id):
    """Broken if sub-environments shared a task or a stream of noise."""
    envs = gym.make_vec(
        env_id,
        num_envs=3,
        vectorization_mode="sync",
        vector_kwargs={"autoreset_mode": AutoresetMode.SAME_STEP},
    )
    assert isinstance(envs.unwrapped, SyncVectorEnv)
    single = [gym.make(env_id) for _ in range(3)]
    observations, _ = envs.reset(seed=[5, 6, 7])
    alone = [env.reset(seed=5 + i)[0] for i, env in enumerate(single)]
    envs.action_space.seed(0)
    for _ in range(40):
        for i, one in enumerate(alone):
            row = (
                {k: v[i] for k, v in observations.items()}
                if isinstance(one, dict)
                else observations[i]
            )
            assert same(row, one)
        actions = envs.action_space.sample()
        observations, rewards, terminated, *_ = envs.step(actions)
        for i, env in enumerate(single):
            alone[i], reward, over, *_ = env.step(actions[i])
            assert (reward, over) == (rewards[i], terminated[i])
            if over:
                alone[i] = env.reset()[0]


@pytest.mark.parametrize("agent", ["a2c-lstm", "recurrent-ppo"])
@pytest.mark.parametrize("module", NEEDS)
def test_both_agents_train_on_it_from_the_command_line(module, agent, tmp_path):
    """Broken if an example cannot be trained on and scored by its name, as its first line says."""
    if NEEDS[module]:
        need(NEEDS[module])
    env_id = next(i for i, name in IDS.items() if name == module)
    assert f"--env {module}:{env_id}`" in (EXAMPLES / f"{module}.py").read_text().splitlines()[0]
    quick = ["--num-envs", "4", "--num-steps", "20", "--hidden-size", "8"]
    quick += ["--total-timesteps", "240", "--evaluation-episodes", "3"]
    options = ["--env", f"{module}:{env_id}", "--agent", agent, "--out", str(tmp_path / "run")]
    assert main(["train", *options, *quick]) == 0
    scores = json.loads((tmp_path / "run" / "evaluation.json").read_text())["scores"]
    assert [score["agent"] for score in scores] == [agent, "random"]
