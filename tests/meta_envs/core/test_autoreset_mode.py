"""The three autoreset modes: chosen, shown, saved, drawn, and Gymnasium's wrappers around them.

That each plays as SyncVectorEnv does is tested in `test_vector_agreement.py`.
"""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from gymnasium.wrappers import vector as wrappers

from meta_envs.core import MetaVectorEnv
from tests.meta_envs.cases import Case, every_id, every_representative, play, same, some_actions

every_mode = pytest.mark.parametrize("mode", AutoresetMode, ids=lambda mode: mode.value)
SAME, NEXT, OFF = AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP, AutoresetMode.DISABLED


@every_id
@every_mode
def test_the_mode_is_taken_by_name_and_shown(case, mode):
    """TorchRL reads the attribute, Gymnasium's wrappers the metadata."""
    for given in (mode, mode.value):
        env = case.native(2, autoreset_mode=given)
        assert env.autoreset_mode is env.metadata["autoreset_mode"] is mode
        assert gym.make_vec(env.spec).autoreset_mode is mode
    assert case.native(2).autoreset_mode is MetaVectorEnv.metadata["autoreset_mode"] is SAME


@pytest.mark.parametrize(
    "bad", [None, "same_step", "SAME_STEP", "", 1, True, ["NextStep"], "x" * 999]
)
def test_another_mode_is_refused(bad):
    message = "autoreset_mode must be an AutoresetMode or one of 'NextStep', 'SameStep', 'Disabled'"
    with pytest.raises(ValueError, match=message) as error:
        Case("MetaBandit-v0").native(2, autoreset_mode=bad)
    assert len(str(error.value)) < 400 and "\n" not in str(error.value)


@every_id
@pytest.mark.parametrize("mode", [NEXT, OFF], ids=lambda mode: mode.value)
def test_a_state_says_which_episodes_have_ended(case, mode):
    """Broken if a restored environment goes on in an episode that is over."""
    case = case.short(1)
    env, fresh = (case.native(2, autoreset_mode=mode) for _ in range(2))
    env.reset(seed=0)
    env.reset(options={"reset_mask": np.array([True, False])})
    fresh.restore(env.state())
    for actions in some_actions(case, 1, (3 * env.family.episode_length, 2)):
        result = env.step(actions)
        assert same(fresh.step(actions), result)
        assert same(fresh.restore(env.state()), result[0])
        if mode is OFF and result[2].any():
            with pytest.raises(gym.error.ResetNeeded):
                fresh.step(actions)
            for each in (env, fresh):
                each.reset(options={"reset_mask": result[2].copy()})


def test_a_state_of_another_mode_is_refused():
    """That of the usual mode is as it was before there were others."""
    states = {}
    for mode in AutoresetMode:
        env = Case("MetaBandit-v0").native(2, autoreset_mode=mode)
        env.reset(seed=0)
        states[mode] = env.state()
    assert "ended" not in states[SAME]
    assert b"autoreset_mode" not in states[SAME]["made_with"].tobytes()
    for mode, state in states.items():
        for other in set(AutoresetMode) - {mode}:
            env = Case("MetaBandit-v0").native(2, autoreset_mode=other)
            with pytest.raises(ValueError, match="it is of one made with"):
                env.restore(state)
    env = Case("MetaBandit-v0").native(2, autoreset_mode=NEXT)
    without = {name: array for name, array in states[NEXT].items() if name != "ended"}
    for bad in (without, states[NEXT] | {"ended": np.zeros(3)}):
        with pytest.raises(ValueError, match="does not fit"):
            env.restore(bad)


@every_representative
@every_mode
def test_what_is_drawn_is_the_episode_of_the_moment(case, mode):
    """After an end the last step can still be seen, but for SAME_STEP."""
    case = case.short(1)
    native, sync = (
        make(2, autoreset_mode=mode, render_mode="rgb_array") for make in (case.native, case.sync)
    )
    for env in (native, sync):
        env.reset(seed=0)
    for actions in some_actions(case, 2, (2 * native.family.episode_length + 1, 2)):
        over = native.step(actions)[2]
        assert same(over, sync.step(actions)[2])
        assert same(native.render(), sync.render())
        if mode is OFF and over.any():
            for env in (native, sync):
                env.reset(options={"reset_mask": over.copy()})


def normalize_both(env):
    return wrappers.NormalizeReward(wrappers.NormalizeObservation(env))


AROUND = {
    "NormalizeObservation": wrappers.NormalizeObservation,
    "NormalizeReward": wrappers.NormalizeReward,
    "both": normalize_both,
    "RecordEpisodeStatistics": wrappers.RecordEpisodeStatistics,
    "FlattenObservation": wrappers.FlattenObservation,
    "ClipReward": lambda env: wrappers.ClipReward(env, 0, 1),
    "DictInfoToList": wrappers.DictInfoToList,
}
REFUSED = {"NormalizeObservation": {SAME, OFF}, "both": {SAME, OFF}, "FlattenObservation": {SAME}}
"""Modes around which Gymnasium does not let a wrapper run."""


@every_mode
@pytest.mark.parametrize("name", AROUND)
def test_gymnasiums_vector_wrappers_run_around_it(mode, name):
    """As around a SyncVectorEnv. Broken if an environment says another mode than it plays."""
    case, make = Case("MetaBandit-v0").short(4), AROUND[name]
    native, sync = (each(3, autoreset_mode=mode) for each in (case.native, case.sync))
    if mode in REFUSED.get(name, ()):
        with pytest.raises((AssertionError, ValueError), match="NEXT_STEP"):
            make(native)
        return
    native, sync = make(native), make(sync)
    assert same(native.reset(seed=0)[0], sync.reset(seed=0)[0])
    for actions in some_actions(case, 0, (14, 3)):
        result, expected = native.step(actions), sync.step(actions)
        assert same(result[:4], expected[:4])
        if mode is OFF and result[2].any():
            mask = {"reset_mask": result[2]}
            assert same(native.reset(options=dict(mask))[0], sync.reset(options=dict(mask))[0])


def test_restart_takes_an_ended_episode_out_of_what_is_to_be_reset():
    """For a training loop that starts some episodes itself."""
    env = Case("MetaBandit-v0").short(2).native(2, autoreset_mode=OFF)
    env.reset(seed=0)
    play(env, np.zeros((2, 2), np.int64))
    env.restart(np.array([0]))
    with pytest.raises(gym.error.ResetNeeded, match=r"\[1\]"):
        env.step(np.zeros(2, np.int64))
    env.restart(np.array([1]))
    env.step(np.zeros(2, np.int64))


@every_representative
def test_a_reset_step_plays_on_where_no_episode_has_ended(case):
    """Broken if an episode that starts there loses its first step, or the others one."""
    case = case.short(1)
    native, sync = (each(3, autoreset_mode=NEXT) for each in (case.native, case.sync))
    for env in (native, sync):
        env.reset(seed=0)
        env.step(np.zeros(3, np.int64))
        env.reset(options={"reset_mask": np.array([True, False, False])})
    for actions in some_actions(case, 5, (3 * native.family.episode_length, 3)):
        assert same(native.step(actions), sync.step(actions))
