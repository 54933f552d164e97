"""The environments keep to Gymnasium's API, and to what Stable-Baselines3 asks on top."""

import copy
import pickle

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.wrappers import RecordEpisodeStatistics
from gymnasium.wrappers.vector import RecordEpisodeStatistics as VectorStatistics

from tests.meta_envs.cases import (
    every_case,
    every_id,
    every_representative,
    play,
    same,
    some_actions,
    start,
)


@every_case
def test_gymnasium_accepts_the_environment(case):
    check_env(case.scalar())


@every_case
def test_stable_baselines3_accepts_the_environment(case):
    checker = pytest.importorskip("stable_baselines3.common.env_checker")
    checker.check_env(case.scalar())


@every_representative
def test_a_stable_baselines3_vec_env_runs_it(case):
    """Broken if episodes do not end the way DummyVecEnv restarts them."""
    vec_env = pytest.importorskip("stable_baselines3.common.vec_env")
    venv = vec_env.DummyVecEnv([case.short(2).scalar] * 3)
    venv.seed(0)
    venv.reset()
    for _ in range(2 * case.short(2).scalar().family.episode_length):
        _, _, done, infos = venv.step(np.zeros(3, np.int64))
    assert done.all()
    assert all("terminal_observation" in info for info in infos)
    assert not any(info["TimeLimit.truncated"] for info in infos)


@every_case
def test_every_observation_is_in_the_space(case):
    env = start(case)
    for observation, reward, *_ in play(env, some_actions(case, 0, env.family.episode_length)):
        assert observation in env.observation_space
        assert env.family.reward_range[0] <= reward <= env.family.reward_range[1]


@every_case
def test_the_vector_spaces_are_the_scalar_ones_batched(case):
    env, envs, sync = case.scalar(), case.native(3), case.sync(3)
    assert envs.num_envs == 3
    assert envs.single_observation_space == env.observation_space
    assert envs.single_action_space == env.action_space
    assert envs.observation_space == sync.observation_space
    assert envs.action_space == sync.action_space
    assert envs.metadata["autoreset_mode"] == gym.vector.AutoresetMode.SAME_STEP
    observations, _ = envs.reset(seed=0)
    assert observations in envs.observation_space
    assert envs.step(envs.action_space.sample())[0] in envs.observation_space


@every_case
def test_the_vector_spec_makes_the_same_environment_again(case):
    envs = case.native(3)
    again = gym.make_vec(envs.spec)
    assert again.num_envs == 3
    assert again.single_observation_space == envs.single_observation_space


@every_representative
@pytest.mark.parametrize("kind", ["scalar", "native"])
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_a_copy_goes_on_like_the_original(case, kind, copied):
    """Broken if arrays that must be one array are two in the copy."""
    env = case.scalar() if kind == "scalar" else case.native(1)
    env.reset(seed=4)
    zero = 0 if kind == "scalar" else np.zeros(1, np.int64)
    play(env, [zero])
    other = copied(env)
    for _ in range(2):  # The episode under way, then new ones from the copied generator.
        assert same(env.step(zero), other.step(zero))
        env.reset()
        other.reset()
        tasks = [e.task if kind == "scalar" else e.tasks for e in (env, other)]
        assert same(*tasks)


@every_representative
def test_a_copy_does_not_touch_the_original(case):
    env = start(case)
    other = copy.deepcopy(env)
    task = env.task
    other.reset(seed=99)
    assert same(env.task, task)
    assert same(env.step(0), start(case).step(0))


@every_id
def test_returned_arrays_are_the_callers_own(case):
    """Broken if writing into what was returned, or a later step, changes either.

    All episodes end twice, and one of them is reset while the others go on.
    """
    envs, clean = case.short(2).native(2), case.short(2).native(2)
    kept = []
    first = {"reset_mask": np.array([True, False])}
    calls = [lambda e: e.reset(seed=0)]
    for actions in some_actions(case, 3, (2 * envs.family.episode_length + 1, 2)):
        calls.append(lambda e, actions=actions: e.step(actions))
    calls.insert(4, lambda e: e.reset(options=first))
    calls.insert(3, lambda e: e.restore(e.state()))
    for call in calls:
        result, expected = call(envs), call(clean)
        assert same(result, expected)
        kept.append((expected, copy.deepcopy(expected)))
        returned = arrays([result])
        for i, array in enumerate(returned):
            assert not any(np.shares_memory(array, other) for other in returned[:i])
            array[...] = 1
    assert all(same(now, then) for now, then in kept)


def arrays(results):
    """Every array in nested lists and dicts of results."""
    found = []
    for result in results:
        if isinstance(result, dict):
            found += arrays(result.values())
        elif isinstance(result, tuple):
            found += arrays(result)
        elif isinstance(result, np.ndarray) and result.dtype == object:
            found += [result, *arrays(result)]
        elif isinstance(result, np.ndarray):
            found.append(result)
    return found


@every_representative
def test_record_episode_statistics_counts_right(case):
    """Broken if an episode's end is not where Gymnasium's wrappers look for it."""
    case = case.short(6)
    env, envs = RecordEpisodeStatistics(case.scalar()), VectorStatistics(case.native(2))
    env.reset(seed=0)
    envs.reset(seed=0)
    length, total = env.unwrapped.family.episode_length, 0.0
    for _ in range(length):
        total += (step := env.step(0))[1]
        vector_step = envs.step(np.zeros(2, np.int64))
    assert step[4]["episode"]["l"] == vector_step[4]["episode"]["l"][0] == length
    assert step[4]["episode"]["r"] == vector_step[4]["episode"]["r"][0] == total


@every_representative
def test_unseeded_generators_tell_their_seeds(case):
    """Broken if an unseeded run cannot be played again from `np_random_seed`."""
    env, envs = case.scalar(), case.native(2)
    env.reset()
    envs.reset()
    task, tasks = env.task, envs.tasks
    assert len(set(envs.np_random_seed)) == 2
    env.reset(seed=env.np_random_seed)
    envs.reset(seed=list(envs.np_random_seed))
    assert same(env.task, task)
    assert same(envs.tasks, tasks)
    assert len(envs.np_random) == 2


@every_id
def test_different_seeds_bring_different_episodes(case):
    """Broken if reset ignores the seed, or draws before applying it."""
    draws = []
    for seed in range(20):
        draws.append(start(case, seed).family.draws.tobytes())
    assert len(set(draws)) == 20
    env = start(case, 3)
    env.reset()
    assert env.family.draws.tobytes() != draws[3]
    env.reset(seed=3)
    assert env.family.draws.tobytes() == draws[3]


@every_representative
def test_close_may_be_called_twice(case):
    for env in (case.scalar(), case.native(2)):
        env.close()
        env.close()
