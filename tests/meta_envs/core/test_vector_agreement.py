"""Same seed, same episode: scalar, SyncVectorEnv and native vector environment, bit for bit."""

import copy

import gymnasium as gym
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.meta_envs.cases import (
    IDS,
    SAME_STEP,
    Case,
    every_case,
    every_id,
    every_representative,
    memory,
    pick,
    same,
    some_actions,
)

seeds = st.integers(0, 2**32)
sizes = st.integers(1, 6)
lengths = st.integers(1, 3)


@every_case
@settings(max_examples=8)
@given(seed=seeds, num_envs=sizes, num_trials=lengths, action_seed=seeds)
def test_native_and_sync_agree_across_autoresets(case, seed, num_envs, num_trials, action_seed):
    """Broken if any observation, reward, flag or info differs, in structure, value or dtype."""
    case = case.short(num_trials)
    native, sync = case.native(num_envs), case.sync(num_envs)
    assert same(native.reset(seed=seed), sync.reset(seed=seed))
    steps = 3 * native.family.episode_length + 1
    for actions in some_actions(case, action_seed, (steps, num_envs)):
        assert same(native.step(actions), sync.step(actions))
    assert native.np_random_seed == sync.np_random_seed
    assert [rng.bit_generator.state for rng in native.np_random] == [
        rng.bit_generator.state for rng in sync.np_random
    ]


@every_case
@settings(max_examples=8)
@given(seed=seeds, num_envs=sizes, num_trials=lengths, action_seed=seeds)
def test_native_and_scalar_agree_across_episodes(case, seed, num_envs, num_trials, action_seed):
    """Broken if sub-environment i is not the scalar environment with seed + i."""
    case = case.short(num_trials)
    native = case.native(num_envs)
    first, _ = native.reset(seed=seed)
    steps = 2 * native.family.episode_length + 1
    actions = some_actions(case, action_seed, (steps, num_envs))
    tasks, results = [], []
    for row in actions:
        tasks.append(native.tasks)
        results.append(native.step(row))
    for i in range(num_envs):
        env = case.scalar()
        assert same(env.reset(seed=seed + i)[0], pick(first, i))
        for action, task, result in zip(actions[:, i], tasks, results, strict=True):
            assert same(env.task, task[i])
            assert same(scalar_step(env, action), sub_environment(result, i))


@every_case
@settings(max_examples=5)
@given(seed=seeds, num_envs=sizes, num_trials=lengths, action_seed=seeds)
def test_a_hurried_step_is_a_step(case, seed, num_envs, num_trials, action_seed):
    """Broken if training loops that leave out checks and copies would meet other episodes."""
    case = case.short(num_trials)
    env, hurried = case.native(num_envs), case.native(num_envs)
    env.reset(seed=seed)
    hurried.reset(seed=seed)
    steps = 2 * env.family.episode_length + 1
    for actions in some_actions(case, action_seed, (steps, num_envs)):
        observations, rewards, terminated, _, infos = env.step(actions)
        result = hurried.play_step(actions)
        assert same((rewards, terminated), (result[0], result[3]))
        if env.family.has_regret:
            final = infos.get("final_info", {}).get("regret", 0)
            assert same(infos.get("regret", 0) + final, result[1])
        hurried.restart(np.flatnonzero(terminated))
        assert same(observations, hurried.meta_observation.all())


def scalar_step(env, action):
    """A step and what autoreset does after it: next observation, final one or None, and so on."""
    observation, reward, terminated, truncated, info = env.step(action)
    if not terminated:
        return observation, None, reward, terminated, truncated, info
    return env.reset()[0], observation, reward, terminated, truncated, info


def sub_environment(result, i):
    """The same six things out of a step of the vector environment."""
    observations, rewards, terminated, truncated, infos = result
    final = infos["final_obs"][i] if terminated[i] else None
    infos = infos["final_info"] if terminated[i] else infos
    info = {key: infos[key][i].item() for key in infos if infos.get(f"_{key}", [0] * (i + 1))[i]}
    flags = bool(terminated[i]), bool(truncated[i])
    return pick(observations, i), final, rewards[i].item(), *flags, info


@every_representative
@settings(max_examples=60)
@given(
    seed=seeds,
    num_envs=sizes,
    num_trials=lengths,
    action_seed=seeds,
    events=st.lists(st.sampled_from(["step", "mask", "seeds", "task", "mask+task"]), max_size=12),
    data=st.data(),
)
def test_native_and_sync_agree_after_any_reset(
    case, seed, num_envs, num_trials, action_seed, events, data
):
    """Broken if a partial reset, a list of seeds or a given task works in one and not the other.

    Partial resets bring the episodes of the batch out of step, so that they end apart.
    """
    case = case.short(num_trials)
    native, sync = case.native(num_envs), case.sync(num_envs)
    native.reset(seed=seed)
    sync.reset(seed=seed)
    task = case.scalar()
    task.reset(seed=seed + 100)
    actions = iter(some_actions(case, action_seed, (50, num_envs)))
    for event in [*events, "step", "step", "step"]:
        if event == "step":
            row = next(actions)
            assert same(native.step(row), sync.step(row))
            continue
        options = {}
        if "mask" in event:
            mask = data.draw(st.lists(st.booleans(), min_size=num_envs, max_size=num_envs))
            mask[0] |= not any(mask)
            options["reset_mask"] = np.array(mask)
        if "task" in event:
            options["task"] = task.task
        one = st.none() | seeds
        new = data.draw(one | st.lists(one, min_size=num_envs, max_size=num_envs))
        expected = sync.reset(seed=new, options=copy.deepcopy(options))
        assert same(native.reset(seed=new, options=options), expected)


@every_representative
def test_reset_leaves_the_callers_options_alone(case):
    """Broken if a dict of options, as SyncVectorEnv has it, can be used only once."""
    envs = case.native(2)
    envs.reset(seed=0)
    options = {"reset_mask": np.array([True, False])}
    envs.reset(options=options)
    assert list(options) == ["reset_mask"]


@every_id
def test_a_partial_reset_leaves_the_other_episodes_alone(case):
    """Broken if episodes outside the mask change task, noise, clock or observation."""
    case = case.short(4)
    envs, clean = case.native(3), case.native(3)
    for e in (envs, clean):
        e.reset(seed=0)
        e.step(np.zeros(3, np.int64))
    before = envs.tasks
    observations, _ = envs.reset(seed=50, options={"reset_mask": np.array([False, True, False])})
    assert same(envs.tasks[0], before[0]) and same(envs.tasks[2], before[2])
    assert not same(envs.family.draws[1], clean.family.draws[1])
    result, expected = (e.step(np.zeros(3, np.int64)) for e in (envs, clean))
    assert all(memory(envs, pick(observations, i)).any() for i in (0, 2))
    for array, other in zip(result[:4], expected[:4], strict=True):
        assert same(pick(array, [0, 2]), pick(other, [0, 2]))
    assert list(result[4]["trial"][[0, 2]]) == list(expected[4]["trial"][[0, 2]])


def test_worker_processes_agree_with_the_native_environment():
    """Broken if the environment cannot be sent to, and made anew in, a spawned process."""
    case = Case(IDS[0]).short(3)
    kwargs = SAME_STEP | {"context": "spawn"}
    other = gym.make_vec(case.id, 2, "async", vector_kwargs=kwargs, **case.kwargs)
    native = case.native(2)
    assert same(native.reset(seed=5), other.reset(seed=5))
    for actions in some_actions(case, 0, (7, 2)):
        assert same(native.step(actions), other.step(actions))
    other.close()
