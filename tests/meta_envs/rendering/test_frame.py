"""The caption and the legend of every id, and what they show where the task is hidden."""

import copy

import numpy as np
import pytest

from meta_envs.rendering.palette import TASK
from tests.meta_envs.cases import Case, every_case, every_id, same, some_actions, start
from tests.meta_envs.pictures import caption, find, has

LABELS = {
    "MetaBandit": ("arm 0", "arm 1", "pull that paid", "paid 0"),
    "MetaVolatility": ("arm 0", "offer 0.", "pull that paid", "paid 0", "offer: "),
    "MetaTwoStep": ("S2", "S3", "choice", "rare transition", "reward 1", "reward 0"),
    "MetaInferredValue": ("left", "right", "cue", "reward", "on the screen", "reward 1"),
    "MetaMatching": ("left", "right", "centre is asked for", "choice that paid 1", "paid 0"),
    "MetaTabularMDP": ("states and visits", "trial 1", "path", "state now", "-1 or less"),
    "MetaRiskyChoice": ("what is on offer", "left", "right", "invalid", "pull that paid 4"),
    "MetaGridworld": ("the room from above", "trial 1", "agent", "start", "path", "reward 1"),
    "MetaDark": ("the room from above", "trial 1", "agent", "start", "path", "reward 0"),
    "MetaIMaze": ("what the agent sees", "from above", "agent", "possible goal", "goal found"),
    "MetaHarlow": ("what the agent sees", "object", "right choice", "wrong choice", "time gone"),
}
"""What must be readable, by the beginning of the id."""


@every_case
def test_the_caption_says_what_is_shown_the_trial_and_the_reward(case):
    """Broken if a caption is cut off, or of another step than the image."""
    env = start(case, render_mode="rgb_array")
    title, status = caption(env.render())
    assert title.replace(" ", "").startswith(type(env.family).__name__ + ":")
    assert status.startswith("trial 1") and "no reward yet" in status
    total = 0.0
    for step, action in enumerate(some_actions(case, 0, min(9, env.family.episode_length)), 1):
        _, reward, over, _, info = env.step(action)
        total += reward
        status = caption(env.render())[1].split("  ")
        trial = info["trial"] + 1 + bool(env.family.trial_over[0])
        assert over or status[0].split(" of ")[0] == f"trial {trial}"
        assert status[1] == f"step {step} of {env.family.episode_length}"
        assert status[2] == f"reward {round(reward, 2):g}"
        assert status[3] == f"sum {round(total, 2):g}"


@every_id
def test_what_is_drawn_has_labels(case):
    """Broken if an arm, a state or a colour is left to be guessed."""
    image = start(case, render_mode="rgb_array").render()
    [texts] = [texts for begin, texts in LABELS.items() if case.id.startswith(begin)]
    for text in (*texts, "hidden: "):
        assert find(image, text), text


def twins(case):
    """Two tasks, and a seed with which nothing tells them apart for some steps."""
    task = start(case).task
    other = copy.deepcopy(task)
    if "reward_means" in task:
        for means in other["reward_means"]:
            means[-1] -= 5.0  # Of an action that is not taken.
    elif "rewarded_sides" in task:
        other["rewarded_sides"] = [1 - side for side in task["rewarded_sides"]]
    elif "rewarded" in task:
        other["rewarded"] = 1 - task["rewarded"]
    else:
        others = [start(case, seed).task for seed in range(1, 7)]
        pairs = [(seed, task, other) for seed in range(5) for other in others if other != task]
        return max(pairs, key=lambda pair: len(list(histories(case, *pair))))
    return 0, task, other


def histories(case, seed, *tasks):
    """Environments on each task, from the start until observations or rewards differ."""
    envs = [case.scalar(render_mode="rgb_array") for _ in tasks]
    options = [{"task": task} for task in tasks]
    seen = [env.reset(seed=seed, options=o)[0] for env, o in zip(envs, options, strict=True)]
    for _ in range(12):
        if not same(*seen):
            return
        yield envs
        steps = [env.step(0) for env in envs]
        seen = [step[:3] for step in steps]
        if steps[0][2]:
            return


@every_id
@pytest.mark.parametrize("mode", ["ansi", "rgb_array"])
def test_a_hidden_task_does_not_show(case, mode):
    """Broken if who plays can see in a picture what they ought to find out."""
    told, compared = False, 0
    for envs in histories(case, *twins(case)):
        for env in envs:
            env.render_mode = mode
            env.family.reveal = False
        assert same(*(env.render() for env in envs))
        for env in envs:
            env.family.reveal = True
        told |= not same(*(env.render() for env in envs))
        compared += 1
    assert compared > 1
    assert told, "nothing of the task is shown when it is revealed"


@every_id
def test_hiding_the_task_takes_the_purple_away_and_nothing_else(case):
    """Broken if the picture changes its size or its caption when the episode is over."""
    env = start(case, render_mode="rgb_array")
    for action in some_actions(case, 0, 3):
        env.step(action)
    shown = env.render()
    env.family.reveal = False
    hidden = env.render()
    assert shown.shape == hidden.shape
    assert caption(shown) == caption(hidden)
    assert not find(hidden, "hidden: ")
    purple = (np.abs(shown.astype(int) - hidden).max(axis=2) > 0).sum()
    assert 0 < purple < 0.2 * shown.shape[0] * shown.shape[1]
    assert not has(hidden, TASK).any()


def test_rendering_needs_no_reveal_of_third_parties():
    """A family that knows nothing of `reveal` draws what it always drew."""
    from meta_envs import MetaEnv
    from tests.meta_envs.families import Cups

    env = MetaEnv(Cups, render_mode="rgb_array")
    env.reset(seed=0)
    before = env.render()
    env.family.reveal = False
    assert same(env.render(), before)


def test_a_new_environment_reveals_its_task():
    """Recordings show the task unless somebody hides it, and one that hides it hides no other."""
    env = start(Case("MetaBandit-v0"), render_mode="ansi")
    env.family.reveal = False
    assert "mean" not in env.render()
    assert "mean" in start(Case("MetaBandit-v0"), render_mode="ansi").render()
