"""Same seed, same episode: scalar, SyncVectorEnv and native vector environment, bit for bit."""

import copy

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
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


every_mode = pytest.mark.parametrize("mode", AutoresetMode, ids=lambda mode: mode.value)


@every_case
@every_mode
@settings(max_examples=6)
@given(seed=seeds, num_envs=sizes, num_trials=lengths, action_seed=seeds)
def test_native_and_sync_agree_across_autoresets(
    case, mode, seed, num_envs, num_trials, action_seed
):
    """Broken if any observation, reward, flag or info differs, in structure, value or dtype.

    The first sub-environment starts anew in the middle, so that episodes end apart.
    """
    case = case.short(num_trials)
    native = case.native(num_envs, autoreset_mode=mode)
    sync = case.sync(num_envs, autoreset_mode=mode)
    assert same(native.reset(seed=seed), sync.reset(seed=seed))
    length = native.family.episode_length
    for step, actions in enumerate(some_actions(case, action_seed, (3 * length + 3, num_envs))):
        result = native.step(actions)
        assert same(result, sync.step(actions))
        mask = result[2] if mode is AutoresetMode.DISABLED else np.zeros(num_envs, np.bool_)
        mask[0] |= step == length // 2
        if mask.any():
            both = [env.reset(options={"reset_mask": mask.copy()}) for env in (native, sync)]
            assert same(*both)
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
@every_mode
@settings(max_examples=40)
@given(
    seed=seeds,
    num_envs=sizes,
    num_trials=lengths,
    action_seed=seeds,
    events=st.lists(st.sampled_from(["step", "mask", "seeds", "task", "mask+task"]), max_size=12),
    data=st.data(),
)
def test_native_and_sync_agree_after_any_reset(
    case, mode, seed, num_envs, num_trials, action_seed, events, data
):
    """Broken if a partial reset, a list of seeds or a given task works in one and not the other.

    Partial resets bring the episodes of the batch out of step, so that they end apart.
    """
    case = case.short(num_trials)
    native = case.native(num_envs, autoreset_mode=mode)
    sync = case.sync(num_envs, autoreset_mode=mode)
    native.reset(seed=seed)
    sync.reset(seed=seed)
    over = np.zeros(num_envs, np.bool_)
    task = case.scalar()
    task.reset(seed=seed + 100)
    actions = iter(some_actions(case, action_seed, (50, num_envs)))
    for event in [*events, "step", "step", "step"]:
        if event == "step":
            row = next(actions)
            if mode is AutoresetMode.DISABLED and over.any():
                ended = [env.reset(options={"reset_mask": over.copy()}) for env in (native, sync)]
                assert same(*ended)
            result = native.step(row)
            over = result[2].copy()
            assert same(result, sync.step(row))
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
        over &= ~options.get("reset_mask", np.ones(num_envs, np.bool_))


@every_id
def test_in_mode_disabled_an_ended_episode_must_be_reset(case):
    """SyncVectorEnv fails there too, but has then stepped the sub-environments before it."""
    case = case.short(1)
    envs, sync = (make(3, autoreset_mode="Disabled") for make in (case.native, case.sync))
    action = np.zeros(3, np.int64)
    for env in (envs, sync):
        env.reset(seed=0)
        over = np.zeros(3, np.bool_)
        while not over.any():
            over = env.step(action)[2]
    before = envs.state()
    message = r"sub-environments \[0, 1, 2\] have ended: call reset\(options=\{'reset_mask'"
    for _ in range(2):
        with pytest.raises(gym.error.ResetNeeded, match=message):
            envs.step(action)
    assert same(envs.state(), before)
    with pytest.raises(AssertionError):
        sync.step(action)
    # One of them is not all.
    envs.reset(options={"reset_mask": np.array([True, True, False])})
    with pytest.raises(gym.error.ResetNeeded, match=r"sub-environments \[2\] have ended"):
        envs.step(action)
    envs.reset(options={"reset_mask": np.array([False, False, True])})
    envs.step(action)


@every_representative
@pytest.mark.parametrize("bad", [-1, 10**6])
def test_an_ignored_action_may_be_any(case, bad):
    """Mode NEXT_STEP, as SyncVectorEnv; where an episode goes on it is refused, as ever."""
    case = case.short(1)
    envs, sync = (make(2, autoreset_mode="NextStep") for make in (case.native, case.sync))
    for env in (envs, sync):
        env.reset(seed=0)
        over = np.zeros(2, np.bool_)
        while not over.any():
            over = env.step(np.zeros(2, np.int64))[2]
    with pytest.raises(ValueError, match="actions must be"):
        envs.step(np.zeros(3, np.int64))
    assert same(envs.step(np.full(2, bad)), sync.step(np.full(2, bad)))
    with pytest.raises(ValueError, match=f"actions must be in 0..*, got {bad}"):
        envs.step(np.full(2, bad))


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
