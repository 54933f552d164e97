"""Text and image of the two-step task show what has happened, and which state is good."""

import numpy as np
import pytest

from meta_envs.rendering.frame import LANE, MARGIN
from meta_envs.rendering.palette import GREY, HIT, INK, MISS, RARE, TASK
from meta_envs.tasks.two_step.rendering import CELL, GOOD
from tests.meta_envs.cases import Case, same, some_actions, start
from tests.meta_envs.pictures import find, has

TWO_STEP = Case("MetaTwoStep-v0")


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


def test_the_text_tells_invalid_responses():
    """Broken if one looks like a choice or a reward."""
    chances = {"fixation": True, "reward_probability": 0.5, "common_probability": 1.0}
    lines = shown("ansi", [2, 2, 0, 2, 0, 2, 2, 1, 1], **chances).splitlines()
    assert lines[1:3] == ["choice     !01", "transition ---"]
    assert lines[3][11] in "o#" and lines[3][12] == "!"


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


def test_the_image_shows_the_good_state_and_the_path():
    """Broken if the frame stands around the wrong state, or rare looks like common."""
    diagram, upper, lower = slice(60, 230), slice(60, 145), slice(145, 230)
    for good in (0, 1):
        frame = shown("rgb_array", [0], {"task": {"good_states": [good] * 4}})
        assert has(frame, TASK)[upper].any() == (good == 0)
        assert has(frame, TASK)[lower].any() == (good == 1)
        assert not has(frame, RARE)[diagram].any()
    env = TWO_STEP.scalar(render_mode="rgb_array", common_probability=0.5)
    env.reset(seed=0)
    while env.family.states[0] != 2 or env.family.steps[0] % 2 == 0:
        env.step(0)
    assert has(env.render(), RARE)[diagram].any()


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
    frame = env.render()
    # A row's name is in its middle, its lanes' names before what they show.
    names = ("choice", "transition", "reward")
    tops = [row - LANE + 8 for name in names for row, left in find(frame, name) if left == MARGIN]
    left = MARGIN + 12 * len("transition") + 10 + 12 * len("S2") + 10
    assert len(set(zip(choices, seconds, strict=True))) == 4
    for trial, (choice, second) in enumerate(zip(choices, seconds, strict=True)):
        column = frame[:, left + CELL * trial + 20][:, None]
        transition, outcome = (GREY if choice == second else RARE), (MISS if second else HIT)
        bands = (INK, choice), (transition, second), (outcome, second)
        for top, (colour, lane) in zip(tops, bands, strict=True):
            lanes = np.split(has(column[top : top + 2 * LANE], colour), 2)
            assert lanes[lane].sum() > 4 and not lanes[1 - lane].any()
        assert has(column[tops[2] : tops[2] + LANE], GOOD).any() == (second == 1)


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
    assert 100 <= height <= 600 and 400 <= width <= 1200
