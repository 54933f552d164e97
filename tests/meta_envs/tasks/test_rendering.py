"""Pictures and texts of an episode: there for every id, right, and without effect on it."""

import numpy as np
import pytest

from tests.meta_envs.cases import Case, every_case, every_id, same, some_actions, start

MODES = ["ansi", "rgb_array"]
RED, GREEN = (205, 60, 50), (40, 150, 70)


@every_case
@pytest.mark.parametrize("mode", MODES)
def test_every_step_can_be_seen(case, mode):
    """Broken if a frame has another form or size than the first, or does not show the step."""
    case = case.short(6)
    env = start(case, render_mode=mode)
    frames = [env.render()]
    for action in some_actions(case, 0, env.family.episode_length):
        env.step(action)
        frames.append(env.render())
        assert not same(frames[-1], frames[-2])
    for frame in frames:
        if mode == "ansi":
            assert isinstance(frame, str) and frame.endswith("\n")
        else:
            assert frame.shape == frames[0].shape and frame.shape[2] == 3
            assert frame.dtype == np.uint8
    assert same(env.render(), frames[-1])
    env.reset(seed=0)
    assert same(env.render(), frames[0])


@every_id
@pytest.mark.parametrize("mode", MODES)
def test_rendering_changes_nothing(case, mode):
    """Broken if an episode that is looked at goes another way."""
    case = case.short(6)
    seen, unseen = start(case, 2, render_mode=mode), start(case, 2)
    for _ in range(2):
        for action in some_actions(case, 0, seen.family.episode_length):
            seen.render()
            assert same(seen.step(action), unseen.step(action))
        seen.render()
        seen.reset()
        unseen.reset()
        assert same(seen.task, unseen.task)


@every_id
@pytest.mark.parametrize("mode", MODES)
def test_the_vector_environment_shows_what_the_scalar_ones_show(case, mode):
    """Broken if a sub-environment shows another's episode, or a finished one after autoreset."""
    case = case.short(3)
    native, sync = (make(3, render_mode=mode) for make in (case.native, case.sync))
    native.reset(seed=0)
    sync.reset(seed=0)
    assert native.render_mode == mode
    mask = np.array([False, True, False])
    for step, actions in enumerate(some_actions(case, 1, (3 * native.family.episode_length, 3))):
        frames = native.render()
        assert isinstance(frames, tuple) and len(frames) == 3
        assert same(frames, sync.render())
        assert same(native.step(actions), sync.step(actions))
        if step == 1:
            native.reset(seed=7, options={"reset_mask": mask})
            sync.reset(seed=7, options={"reset_mask": mask.copy()})


@every_id
def test_without_a_render_mode_there_is_no_picture(case):
    env, envs = start(case), case.native(2)
    envs.reset(seed=0)
    assert envs.render() is None
    with pytest.warns(UserWarning, match="render_mode"):
        assert env.render() is None


def bandit(mode, probabilities, rewards_of=(), num_trials=4):
    """A bandit on a known task in which the given arms have been pulled."""
    kwargs = {"num_arms": len(probabilities), "num_trials": num_trials, "render_mode": mode}
    env = Case("MetaBandit-v0").scalar(**kwargs)
    env.reset(seed=0, options={"task": {"probabilities": list(probabilities)}})
    for arm in rewards_of:
        env.step(arm)
    return env.render()


def test_the_text_marks_what_paid_and_what_did_not():
    """Broken if a mark stands in another row or column, or for another outcome."""
    lines = bandit("ansi", [1.0, 0.0], [0, 1, 1]).splitlines()
    assert lines[0] == "trial 3 of 4"
    assert lines[1] == "arm 0   mean 1.00  #.."
    assert lines[2] == "arm 1   mean 0.00  .oo"


def share(frame, colour):
    """The share of pixels that have nearly this colour, of each half of a two-armed picture."""
    near = np.abs(frame.astype(int) - colour).max(axis=2) < 3
    middle = len(near) // 2
    return near[:middle].mean(), near[middle:].mean()


def test_the_picture_colours_what_paid_green_and_what_did_not_red():
    """Broken if pulls cannot be told from each other, or stand in another arm's row."""
    paid = bandit("rgb_array", [1.0, 0.9], [0])
    top, bottom = share(paid, GREEN)
    assert top > 0.15 and bottom == 0
    failed = bandit("rgb_array", [1.0, 0.0], [1])
    pale = [255 + (channel - 255) * 0.4 for channel in RED]  # Above a mean of zero.
    top, bottom = share(failed, pale)
    assert top == 0 and bottom > 0.15


def test_the_picture_shows_the_means():
    """Broken if a better arm does not have the taller bar."""
    blue = (70, 110, 190)
    for low, high in ((0.1, 0.5), (0.5, 0.9)):
        better, worse = share(bandit("rgb_array", [high, low]), blue)
        assert better > worse > 0


def test_the_picture_of_a_restless_bandit_follows_the_walk_and_keeps_its_future():
    """Broken if the picture shows how the arms will move."""
    env = Case("MetaBanditRestless-v0", {"num_trials": 10}).scalar(render_mode="rgb_array")
    frames = []
    for tail in (0.0, 1.0):
        task = {"sigma": 0.2, "p1": [0.5, 0.5, 0.5, *[tail] * 7]}
        env.reset(seed=0, options={"task": task})
        env.step(0)
        env.step(1)
        frames.append(env.render())
        env.step(0)
        frames.append(env.render())
    assert same(frames[0], frames[2])
    assert not same(frames[1], frames[3])


@pytest.mark.parametrize("num_arms", [2, 50])
@pytest.mark.parametrize("num_trials", [1, 5, 1000])
def test_the_picture_has_a_reasonable_size(num_arms, num_trials):
    """Broken if an odd number of arms or trials makes a picture nobody can look at."""
    frame = bandit("rgb_array", [0.5] * num_arms, [1], num_trials)
    height, width, _ = frame.shape
    assert 100 <= height <= 600 and 400 <= width <= 1100
