"""Saving and restoring: an environment goes on as if nothing had happened."""

import inspect

import gymnasium as gym
import numpy as np
import pytest

from tests.meta_envs.cases import IDS, Case, every_case, every_id, play, same, some_actions


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


@every_id
def test_a_state_of_another_environment_is_refused(case):
    """Broken if arrays of another shape would be taken, or some of them before the error."""
    env, id = case.native(3), case.id
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


@pytest.mark.parametrize(
    ("id", "changed"),
    [
        ("MetaTwoStep-v0", {"common_probability": 1.0}),
        ("MetaBanditDependentEasy-v0", {"p1_values": [0.1, 0.8]}),
        ("MetaBanditRestless-v0", {"high_sigma": 0.3}),
        ("MetaDarkRoom-v0", {"pays": "once"}),
        ("MetaHarlowSymbolic-v0", {"split": "test"}),
        ("MetaIMazeGrid-v0", {"apples": True}),
        ("MetaBandit-v0", {"inputs": ["action", "reward", "done"]}),
    ],
)
def test_a_state_of_other_arguments_is_refused(id, changed):
    """Broken if episodes went on under other dynamics than the attributes say."""
    env, other = Case(id).native(2), Case(id, changed).native(2)
    env.reset(seed=0)
    before = env.family.state()
    other.reset(seed=1)
    with pytest.raises(ValueError, match="does not fit this environment: it is of one made with"):
        env.restore(other.state())
    assert same(env.family.state(), before)
    # An argument that is given as it would have been anyway makes no difference.
    parameters = list(inspect.signature(type(env.family)).parameters.values())[1:]
    given = {p.name: p.default for p in parameters if p.name not in gym.spec(id).kwargs}
    again = Case(id, given).native(2)
    again.restore(env.state())
    assert same(again.family.state(), before)


@every_id
def test_a_state_holds_the_episodes_and_no_constants(case):
    """Broken if tables that never change were saved with every checkpoint."""
    env = case.native(2)
    env.reset(seed=0)
    state = env.family.state()
    assert set(state) == set(env.family.episode_arrays)
    for name, array in state.items():
        assert len(array) == 2, name
    if case.id == "MetaDarkRoomHard-v0":
        assert sum(array.nbytes for array in env.state().values()) < 10_000
