"""Text and image of the two-step task show what has happened, and which state is good."""

import numpy as np
import pytest

from tests.meta_envs.cases import Case, same, some_actions, start

TWO_STEP = Case("MetaTwoStep-v0")
GREEN, PALE_GREEN, RED = (40, 150, 70), (215, 240, 220), (205, 60, 50)
BLUE, ORANGE, GREY = (70, 110, 190), (235, 150, 40), (150, 150, 150)


def shown(mode, actions, task=None, **kwargs):
    """What there is to see after the actions, where every chance is certain unless told."""
    certain = {"common_probability": 1.0, "reward_probability": 1.0, "num_trials": 4}
    env = TWO_STEP.scalar(render_mode=mode, **(certain | kwargs))
    env.reset(seed=0, options={"task": {"good_states": [0, 0, 1, 1]}} if task is None else task)
    for action in actions:
        env.step(action)
    return env.render()


def test_the_text_tells_the_trials_so_far():
    """Broken if a column is another trial's, or the present or the good state is named wrong."""
    assert shown("ansi", [0, 1, 1, 0, 1]).splitlines() == [
        "trial 2 of 4, in S3, good state S3",
        "choice     011",
        "transition ---",
        "reward     #o",
    ]
    assert "trial 0 of 4, in S1, good state S2" in shown("ansi", [])
    assert "in fixation, good" in shown("ansi", [], fixation=True)
    assert "trial 4 of 4, over, good state S3" in shown("ansi", [0] * 8)


def test_the_text_tells_rare_transitions():
    """Broken if common and rare are confounded; half of all are rare here."""
    env = TWO_STEP.scalar(render_mode="ansi", common_probability=0.5, num_trials=30)
    env.reset(seed=0)
    marks = ""
    for _ in range(30):
        rare = env.step(0)[0][:3].argmax() == 2
        marks += "~" if rare else "-"
        env.step(0)
    assert len(set(marks)) == 2
    assert env.render().splitlines()[2] == f"transition {marks}"


def has(frame, colour):
    """Where pixels have nearly this colour."""
    return np.abs(frame.astype(int) - colour).max(axis=2) < 3


def test_the_image_shows_the_good_state_and_the_path():
    """Broken if the frame stands around the wrong state, or rare looks like common."""
    upper, lower = slice(0, 70), slice(80, 150)
    for good in (0, 1):
        frame = shown("rgb_array", [0], {"task": {"good_states": [good] * 4}})
        assert has(frame, GREEN)[upper].any() == (good == 0)
        assert has(frame, GREEN)[lower].any() == (good == 1)
        assert not has(frame, ORANGE).any()
    env = TWO_STEP.scalar(render_mode="rgb_array", common_probability=0.5)
    env.reset(seed=0)
    while env.family.states[0] != 3 or env.family.steps[0] % 2 == 0:
        env.step(0)
    assert has(env.render(), ORANGE)[:150].any()


def test_the_strip_shows_choices_and_outcomes_in_their_lanes():
    """Broken if a choice, a transition or an outcome stands in the other lane or trial.

    Half of all transitions are rare here, S2 is good, and the good state always pays. Each row
    has an upper lane for action 0 and S2, and a lower one.
    """
    certain = {"common_probability": 0.5, "reward_probability": 1.0, "num_trials": 10}
    env = TWO_STEP.scalar(render_mode="rgb_array", **certain)
    env.reset(seed=1, options={"task": {"good_states": [0] * 10}})
    choices, seconds = some_actions(TWO_STEP, 0, 10), []
    for choice in choices:
        seconds.append(env.step(choice)[0][:3].argmax() - 1)
        env.step(0)
    strip = env.render()[150:]
    assert len(set(zip(choices, seconds, strict=True))) == 4
    for trial, (choice, second) in enumerate(zip(choices, seconds, strict=True)):
        column = strip[:, 50 * trial + 20][:, None]
        transition, outcome = (GREY if choice == second else ORANGE), (RED if second else GREEN)
        bands = (BLUE, choice), (transition, second), (outcome, second)
        for row, (colour, lane) in enumerate(bands):
            lit = np.flatnonzero(has(column, colour))
            assert lit.min() == row * 36 + 15 * lane and len(lit) == 15
        assert (has(column, PALE_GREEN).sum() == 15) == (second == 1)


def test_the_image_keeps_the_future_to_itself():
    """Broken if the image shows which state is going to be good."""
    tasks = [{"task": {"good_states": [0, 0, last, last]}} for last in (0, 1)]
    for mode in ("ansi", "rgb_array"):
        now = [shown(mode, [0, 0, 1], task) for task in tasks]
        then = [shown(mode, [0, 0, 1, 0], task) for task in tasks]
        assert same(*now) and not same(*then)


@pytest.mark.parametrize("num_trials", [1, 5, 1000])
def test_the_image_has_a_reasonable_size(num_trials):
    env = start(Case("MetaTwoStep-v0", {"num_trials": num_trials}), render_mode="rgb_array")
    env.step(0)
    height, width, _ = env.render().shape
    assert 100 <= height <= 600 and 400 <= width <= 1100
