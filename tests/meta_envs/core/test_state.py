"""Saving and restoring: an environment goes on as if nothing had happened."""

import gymnasium as gym
import numpy as np
import pytest

from tests.meta_envs.cases import IDS, Case, every_case, play, same, some_actions


@every_case
def test_a_restored_environment_goes_on_bit_for_bit(case):
    """Through the rest of the episode and into the next two, whose tasks are yet to be drawn.

    Broken if anything that a step depends on is not in the state: a task, the noise, a position,
    a generator, the last observation.
    """
    env, fresh = case.short(3).native(3), case.short(3).native(3)
    length = env.family.episode_length
    actions = some_actions(case, 4, (3 * length, 3))
    env.reset(seed=5)
    middle = length // 2 + 1
    observation = play(env, actions[:middle])[-1][0]
    state = env.state()
    # The state is a copy: what happens later must not change it.
    expected = play(env, actions[middle:])
    assert same(fresh.restore(state), observation)
    assert same(fresh.tasks, tuple(fresh.family.task(i) for i in range(3)))
    assert same(play(fresh, actions[middle:]), expected)


@pytest.mark.parametrize("id", IDS)
def test_a_state_of_another_environment_is_refused(id):
    """Broken if arrays of another shape would be taken, or some of them before the error."""
    env = Case(id).native(3)
    before = env.reset(seed=0)[0], env.tasks
    for state in ({}, Case(id, {"inputs": ["timestep"]}).native(3), Case(id).native(4)):
        if state:
            state.reset(seed=1)
            state = state.state()
        with pytest.raises(ValueError, match="does not fit"):
            env.restore(state)
    foreign = env.state() | {"family.draws": np.zeros((3, 1 + env.family.draws.shape[1]))}
    with pytest.raises(ValueError, match="does not fit"):
        env.restore(foreign)
    assert same((env.meta_observation.all(), env.tasks), before)


def test_there_is_no_state_before_the_first_reset():
    with pytest.raises(gym.error.ResetNeeded):
        Case(IDS[0]).native(2).state()
