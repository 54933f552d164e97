"""Outcomes are a function of task, noise and actions; the agent chooses only the last."""

import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.meta_envs.cases import (
    ends_early,
    every_bandit,
    every_case,
    every_id,
    play,
    same,
    some_actions,
    start,
)

seeds = st.integers(0, 2**32)


def episodes(env, actions):
    """For each episode: its task, its random numbers, and the results of its steps."""
    played = []
    for row in actions:
        played.append((env.task, env.family.draws.copy(), play(env, row)))
        env.reset()
    return played


@every_case
@settings(max_examples=8)
@given(seed=seeds, first=seeds, second=seeds)
def test_noise_does_not_depend_on_the_actions(case, seed, first, second):
    """Broken if a step draws random numbers, or an episode's numbers depend on the last one."""
    case = case.short(5)
    shape = (3, case.scalar().family.episode_length)
    one = episodes(start(case, seed), some_actions(case, first, shape))
    two = episodes(start(case, seed), some_actions(case, second, shape))
    for (task, draws, _), (other_task, other_draws, _) in zip(one, two, strict=True):
        assert same(task, other_task)
        assert same(draws, other_draws)


@every_case
@settings(max_examples=8)
@given(seed=seeds, first=seeds, second=seeds)
def test_noise_in_the_vector_environment_does_not_depend_on_the_actions(case, seed, first, second):
    case = case.short(3)
    one, two = case.native(3), case.native(3)
    one.reset(seed=seed)
    two.reset(seed=seed)
    steps = 3 * one.family.episode_length
    mine, others = [[], [], []], [[], [], []]
    for actions, other_actions in zip(
        some_actions(case, first, (steps, 3)), some_actions(case, second, (steps, 3)), strict=True
    ):
        for envs, row, seen in ((one, actions, mine), (two, other_actions, others)):
            envs.step(row)
            for i in range(3):
                draws = envs.family.draws[i].tobytes()
                if not seen[i] or seen[i][-1][1] != draws:
                    seen[i].append((envs.tasks[i], draws))
    for episodes_of, others_of in zip(mine, others, strict=True):
        # Where episodes can end early, there may be more of them.
        assert ends_early(case) or len(episodes_of) == len(others_of)
        assert all(same(a, b) for a, b in zip(episodes_of, others_of, strict=False))


@every_bandit
@given(seed=seeds, action_seed=seeds)
def test_the_noise_of_a_step_does_not_depend_on_the_steps_before(case, seed, action_seed):
    """Broken if pulling an arm gives it other noise than it would have had anyway.

    In a bandit, the same action at the same step brings the same reward, whatever was done
    before.
    """
    one, two = start(case, seed), start(case, seed)
    length = one.family.episode_length
    first, second = some_actions(case, action_seed, (2, length))
    compared = 0
    for a, b in zip(first, second, strict=True):
        mine, other = one.step(a), two.step(b)
        if a == b:
            compared += 1
            assert mine[1] == other[1] and same(mine[4], other[4])
    assert compared or length < 10


@every_case
@settings(max_examples=8)
@given(seed=seeds, action_seed=seeds, skipped=st.integers(0, 2))
def test_a_task_survives_json_and_replays(case, seed, action_seed, skipped):
    """Broken if task and seed do not bring the recorded episode back."""
    case = case.short(5)
    env = start(case, seed)
    for _ in range(skipped):
        env.reset()
    state = env.np_random.bit_generator.state
    env.reset()
    actions = some_actions(case, action_seed, env.family.episode_length)
    task = env.task
    recorded = play(env, actions)
    text = json.dumps(task, allow_nan=False)

    other = start(case, 123)
    other.step(0)  # The replay may start in the middle of another episode.
    other.np_random.bit_generator.state = state
    other.reset(options={"task": json.loads(text)})
    assert same(other.task, task)
    assert same(play(other, actions), recorded)


@every_id
def test_a_given_task_leaves_the_later_episodes_as_they_were(case):
    """Broken if giving a task takes fewer random numbers from the generator than drawing one."""
    plain, given_one = start(case, 0), case.scalar()
    given_one.reset(seed=0, options={"task": start(case, 7).task})
    assert same(given_one.task, start(case, 7).task)
    for _ in range(3):
        plain.reset()
        given_one.reset()
        assert same(plain.task, given_one.task)
        assert same(plain.family.draws, given_one.family.draws)


@every_id
def test_a_given_task_meets_the_noise_of_the_seed(case):
    """Broken if two tasks cannot be compared under the same noise."""
    one, two = case.scalar(), case.scalar()
    one.reset(seed=3, options={"task": start(case, 1).task})
    two.reset(seed=3, options={"task": start(case, 2).task})
    assert same(one.family.draws, two.family.draws)


@every_id
def test_the_task_is_the_callers_own(case):
    """Broken if changing the dict that `task` returned, or that was given, changes the episode."""
    env = start(case, 0)
    task, pristine = env.task, env.task
    for value in task.values():
        if isinstance(value, list):
            value.clear()
    task.clear()
    assert same(env.task, pristine)

    arrays = {key: np.array(value) for key, value in pristine.items()}
    env.reset(seed=0, options={"task": arrays})
    for value in arrays.values():
        value.fill(0)
    assert same(env.task, pristine)


@every_id
def test_every_sub_environment_plays_a_given_task(case):
    envs, task = case.native(3), start(case, 9).task
    envs.reset(seed=0, options={"task": task})
    assert same(envs.tasks, (task,) * 3)
    assert len({row.tobytes() for row in envs.family.draws}) == 3
