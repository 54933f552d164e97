"""What is refused changes nothing: the episode under way goes on as if it had not been asked."""

import gymnasium as gym
import numpy as np
import pytest

from tests.meta_envs.cases import (
    every_representative,
    lasting_actions,
    same,
    some_actions,
    start,
)

BAD_TASK = {"nothing": 1}


def bad_scalar_calls(env):
    """Calls that a scalar environment must refuse."""
    task = env.task
    return [
        lambda: env.reset(options={"task": BAD_TASK}),
        lambda: env.reset(seed=5, options={"task": BAD_TASK}),
        lambda: env.reset(seed=-1),
        lambda: env.reset(seed=-1, options={"task": task}),
        lambda: env.step(-1),
        lambda: env.step(10_000),
        lambda: env.step(0.5),
    ]


def bad_native_calls(envs):
    """Calls that a vector environment of three must refuse."""
    task, mask = envs.tasks[2], np.array([True, False, True])
    return [
        lambda: envs.reset(options={"task": BAD_TASK}),
        lambda: envs.reset(seed=5, options={"task": BAD_TASK, "reset_mask": mask}),
        lambda: envs.reset(seed=[1, 2, -3]),
        lambda: envs.reset(seed=[1, 2], options={"task": task}),
        lambda: envs.reset(seed=1, options={"task": task, "reset_mask": mask[:2]}),
        lambda: envs.reset(seed=1, options={"reset_mask": ~(mask | True)}),
        lambda: envs.step([0, 0, -1]),
        lambda: envs.step([0, 0]),
        lambda: envs.step(np.zeros(3)),
    ]


@every_representative
@pytest.mark.parametrize("render_mode", [None, "ansi"])
def test_a_refused_call_changes_nothing(case, render_mode):
    """Broken if a refusal comes after the task, the noise, the clock or the generator changed."""
    case = case.short(3)
    env, untouched = (start(case, 1, render_mode=render_mode) for _ in range(2))
    for number, action in enumerate(lasting_actions(case, 0, env.family.episode_length)):
        for call in bad_scalar_calls(env):
            with pytest.raises((ValueError, gym.error.Error)):
                call()
        assert same(env.task, untouched.task)
        assert same(env.render(), untouched.render()) if render_mode else True
        assert same(env.step(action), untouched.step(action)), number
    assert env.np_random_seed == untouched.np_random_seed
    env.reset()
    untouched.reset()
    assert same(env.task, untouched.task)


@every_representative
def test_a_refused_vector_call_changes_nothing(case):
    case = case.short(3)
    envs, untouched = case.native(3), case.native(3)
    envs.reset(seed=1)
    untouched.reset(seed=1)
    for actions in some_actions(case, 0, (2 * envs.family.episode_length, 3)):
        for call in bad_native_calls(envs):
            with pytest.raises(ValueError):
                call()
        assert same(envs.tasks, untouched.tasks)
        assert envs.np_random_seed == untouched.np_random_seed
        assert same(envs.step(actions), untouched.step(actions))


@every_representative
def test_a_finished_episode_cannot_be_stepped(case):
    """Broken if an episode goes on past its end; a reset must still work after the refusal."""
    env = start(case.short(2))
    for _ in range(env.family.episode_length):
        env.step(0)
    task = env.task
    with pytest.raises(gym.error.ResetNeeded, match=r"call reset\(\) before step\(\)"):
        env.step(0)
    assert same(env.task, task)
    with pytest.raises(ValueError):
        env.reset(options={"task": BAD_TASK})
    with pytest.raises(gym.error.ResetNeeded):
        env.step(0)
    env.reset()
    env.step(0)


@every_representative
def test_nothing_works_before_the_first_reset(case):
    """Broken if an episode that was never started can be stepped, or tells a task."""
    env, envs = case.scalar(), case.native(2)
    with pytest.raises(gym.error.ResetNeeded, match=r"call reset\(\)"):
        env.step(0)
    with pytest.raises(gym.error.ResetNeeded, match=r"call reset\(\)"):
        _ = env.task
    for mask in (None, np.array([True, False])):
        if mask is not None:
            envs.reset(seed=0, options={"reset_mask": mask})
        with pytest.raises(gym.error.ResetNeeded, match=r"call reset\(\)"):
            envs.step(np.zeros(2, int))
        with pytest.raises(gym.error.ResetNeeded, match=r"call reset\(\)"):
            _ = envs.tasks
    envs.reset(options={"reset_mask": np.array([False, True])})
    envs.step(np.zeros(2, int))
    assert len(envs.tasks) == 2


@every_representative
def test_a_refused_first_reset_leaves_nothing_started(case):
    env, envs = case.scalar(), case.native(2)
    for e in (env, envs):
        with pytest.raises(ValueError):
            e.reset(seed=3, options={"task": BAD_TASK})
        with pytest.raises(gym.error.ResetNeeded):
            e.step(np.zeros(2, int) if e is envs else 0)
    assert env.np_random_seed != 3
    env.reset(seed=3)
    assert same(env.task, start(case, 3).task)
