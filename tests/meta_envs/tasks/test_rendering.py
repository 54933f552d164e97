"""Images and texts of an episode: there for every id, right, and without effect on it."""

import numpy as np
import pytest

from meta_envs.rendering.palette import HIT, INK, MISS
from meta_envs.tasks.bandits.rendering import FILL
from meta_envs.tasks.mdps.rendering import STRONG
from tests.meta_envs.cases import Case, every_case, every_id, same, some_actions, start
from tests.meta_envs.pictures import find, has

MODES = ["ansi", "rgb_array"]


@every_case
@pytest.mark.parametrize("mode", MODES)
def test_every_step_can_be_seen(case, mode):
    """Broken if a frame has another form or size than the first, or does not show the step."""
    case = case.short(3)
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
    """Broken if an episode that is looked at goes on otherwise."""
    case = case.short(2)
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
    case = case.short(1)
    native, sync = (make(3, render_mode=mode) for make in (case.native, case.sync))
    native.reset(seed=0)
    sync.reset(seed=0)
    assert native.render_mode == mode
    mask = np.array([False, True, False])
    for step, actions in enumerate(some_actions(case, 1, (native.family.episode_length + 3, 3))):
        frames = native.render()
        assert isinstance(frames, tuple) and len(frames) == 3
        assert same(frames, sync.render())
        assert same(native.step(actions), sync.step(actions))
        if step == 1:
            native.reset(seed=7, options={"reset_mask": mask})
            sync.reset(seed=7, options={"reset_mask": mask.copy()})


@every_id
def test_without_a_render_mode_there_is_no_image(case):
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
    """The share of pixels that have this colour, in the row of each of two arms."""
    middles = [find(frame, f"arm {arm}")[0][0] + 8 for arm in (0, 1)]
    return [has(frame[middle - 44 : middle + 44], colour).mean() for middle in middles]


def test_the_image_shows_what_paid_and_what_did_not():
    """Broken if pulls cannot be told from each other, or stand in another arm's row."""
    paid = bandit("rgb_array", [1.0, 0.0], [0])
    top, bottom = share(paid, HIT)
    assert top > 0.03 and bottom == 0
    assert share(paid, MISS) == [0, 0]
    failed = bandit("rgb_array", [1.0, 0.0], [1])
    top, bottom = share(failed, MISS)
    assert top == 0 and bottom > 0.01
    assert share(failed, HIT) == [0, 0]


def test_the_image_shows_the_means():
    """Broken if a better arm does not have the taller bar."""
    for low, high in ((0.1, 0.5), (0.5, 0.9)):
        better, worse = share(bandit("rgb_array", [high, low]), FILL)
        assert better > worse > 0


def test_the_image_of_a_restless_bandit_follows_the_walk_and_keeps_its_future():
    """Broken if the image shows how the arms will move."""
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
def test_the_image_has_a_reasonable_size(num_arms, num_trials):
    """Broken if an odd number of arms or trials makes an image nobody can look at."""
    frame = bandit("rgb_array", [0.5] * num_arms, [1], num_trials)
    height, width, _ = frame.shape
    assert 100 <= height <= 600 and 400 <= width <= 1200


CYCLE = {
    "transitions": np.eye(3)[[[1, 2], [2, 0], [0, 1]]].tolist(),
    "reward_means": [[1.0, 0.0], [0.0, 2.0], [0.0, -1.0]],
}
"""Three states in a ring, action 0 one further and action 1 two further."""


def cycle(mode, actions, num_trials=3):
    """An environment on `CYCLE` in which the given actions have been taken."""
    kwargs = {"num_states": 3, "num_actions": 2, "horizon": 4, "num_trials": num_trials}
    env = Case("MetaTabularMDP-v0").scalar(**kwargs, render_mode=mode)
    env.reset(seed=0, options={"task": CYCLE})
    return env, [env.step(action) for action in actions]


def test_the_text_tells_the_path_and_the_rewards():
    """Broken if a line shows another state, action or reward than there was."""
    env, results = cycle("ansi", [0, 1, 1, 0, 1, 0])
    lines = env.render().splitlines()
    assert lines[0].startswith("step 6 of 12, now in state 0;")
    rewards = [result[1] for result in results]
    for line, first, moves in ((lines[1], 0, "0:0 1:1 0:1 2:0"), (lines[2], 4, "0:1 2:0")):
        moves = moves.split()
        shown = [f"{m} {r:+.2f}" for m, r in zip(moves, rewards[first:], strict=False)]
        total = sum(rewards[first : first + len(moves)])
        assert line == f"trial {first // 4:<3d} {'  '.join(shown)}  = {total:.2f}"
    assert len(lines) == 3


def cells(image, horizon):
    """The part of the image that shows the regret of each step: trials by steps."""
    rows = []
    for trial in range(3):
        [(top, left)] = find(image, f"trial {trial + 1}")[-1:]
        # 40 pixels a row, the label in its middle, and as many a step.
        first = left + 12 * len("trial 1") + 10
        columns = [slice(first + 40 * step, first + 40 * step + 39) for step in range(horizon)]
        rows.append([image[top - 12 : top, column] for column in columns])
    return rows


def test_the_image_shows_what_each_step_has_cost():
    """Broken if a step stands in another cell, or a mistake looks like the best action."""
    env, results = cycle("rgb_array", [0, 0, 1, 1, 1])
    regrets = [result[4]["regret"] for result in results]
    shown = [has(cell, STRONG).sum() for row in cells(env.render(), 4) for cell in row]
    assert len(shown) == 12 and not any(shown[5:])
    tallest = 39 * 10  # For 3 or more.
    for regret, pixels in zip(regrets, shown, strict=False):
        assert pixels == pytest.approx(min(regret / 3, 1) * tallest, abs=39)
    assert max(regrets) > 1.5 and min(regrets) == 0


def test_the_image_marks_the_present_state():
    """Broken if the thick edge or the path is on another state."""
    env, _ = cycle("rgb_array", [0])
    frame = env.render()
    for state, (row, column) in {0: (124, 177), 1: (309, 284), 2: (309, 70)}.items():
        around = frame[row - 42 : row + 43, column - 42 : column + 43]
        assert (has(around, INK).sum() > 600) == (state == 1)


@pytest.mark.parametrize(("num_states", "num_trials"), [(1, 1), (2, 100), (60, 3)])
def test_the_image_has_one_size_whatever_the_task(num_states, num_trials):
    env = Case("MetaTabularMDP-v0").scalar(
        num_states=num_states, num_trials=num_trials, render_mode="rgb_array"
    )
    env.reset(seed=0)
    env.step(0)
    assert env.render().shape == (474, 720, 3)


def test_the_image_of_harlows_task_shows_choices_and_time():
    """Broken if a wrong choice looks like a right one, or stands in another trial."""
    case = Case("MetaHarlowSymbolic-v0", {"num_trials": 4, "max_frames": 1200})
    env = start(case, render_mode="rgb_array")
    choices, over = [], False
    for action in some_actions(case, 1, 300):
        if over:
            break
        _, reward, over, _, _ = env.step(action)
        choices += [reward > 0] if abs(reward) == 1 else []
    assert len(set(choices)) == 2
    frame = env.render()
    [(top, left)] = find(frame, "choices by trial, and the time that is gone")
    strip = frame[top + 20 : top + 50, left:]
    middles = [strip[:, 174 * trial + 80][:, None] for trial in range(len(choices))]
    assert [has(middle, HIT).any() for middle in middles] == choices
    assert [has(middle, MISS).any() for middle in middles] == [not choice for choice in choices]
    gone = has(frame[top + 58, left:][None], INK).sum()
    assert gone == pytest.approx(int(env.family.steps[0]) / 300 * 696, abs=1)
