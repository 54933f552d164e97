"""The inferred-value task, against an episode played in plain Python and the stated chances."""

import itertools

import numpy as np
import pytest

from meta_envs.optimal.cued.inferred_value import left_beliefs
from meta_envs.tasks.cued.inferred_value import InferredValue
from tests.meta_envs.bounds import happens, independent
from tests.meta_envs.cases import Case, some_actions

N = 10_000
TASK = Case("MetaInferredValue-v0")
SHORT = Case("MetaInferredValue-v0", {"num_blocks": 3, "block_length": 2})
STATES = ("fixation", "left cue", "right cue", "left go", "right go", "outcome")
LEFT, RIGHT, CENTRE = 0, 1, 2


def told(rewarded, draws, block_length, actions):
    """The steps of an episode as the documentation tells them: (state, reward, regret, trial)."""
    actions, trial = iter(actions), 0
    for side in rewarded:
        for _ in range(block_length):
            cue = RIGHT if draws[trial] >= 0.5 else LEFT
            name = ("left", "right")[cue]
            for state in (f"{name} cue", f"{name} go"):
                fine = next(actions) != CENTRE
                yield state, -float(fine), float(fine), trial
            responds = next(actions) == cue
            due = float(cue == side)
            yield "outcome", responds - 1.0, 0.0 if responds else 1.0 + due, trial
            next(actions)
            yield "fixation", due * responds, 0.0, trial
            trial += 1


@pytest.mark.parametrize("case", [TASK, SHORT], ids=str)
@pytest.mark.parametrize("share", [0.0, 0.9])
def test_an_episode_goes_as_the_documentation_tells(case, share):
    """Broken if a state, a reward or a regret is another than told, or comes a step off.

    Responses are valid in a share of steps, and elsewhere any.
    """
    env, rng = case.scalar(), np.random.default_rng(0)
    for seed in range(20):
        observation, _ = env.reset(seed=seed)
        family, seen, actions = env.family, [], []
        assert observation[:6].argmax() == 0
        for action in some_actions(case, seed, family.episode_length).tolist():
            asked_for = int(family.valid[family.states[0]].argmax())
            actions.append(asked_for if rng.random() < share else action)
            observation, reward, _, _, info = env.step(actions[-1])
            assert observation[:6].sum() == 1
            state = STATES[observation[:6].argmax()]
            seen.append((state, reward, info["regret"], info["trial"]))
        rewarded, cues = env.task["rewarded_sides"], family.draws[0, family.num_blocks :]
        assert seen == list(told(rewarded, cues, family.block_length, actions))


def test_the_text_and_the_image_tell_cues_and_outcomes():
    """Broken if a column is another trial's, or an invalid response looks like an outcome."""
    env = SHORT.scalar(render_mode="ansi")
    env.reset(seed=0, options={"task": {"rewarded_sides": [0, 1, 1]}})
    cues, marks = env.family.cues()[0], ""
    for trial in range(4):
        for place in range(4):
            asked_for = int(env.family.valid[env.family.states[0]].argmax())
            env.step(1 if (trial, place) == (2, 0) else asked_for)
        marks += "!" if trial == 2 else "o#"[int(cues[trial] == (0, 0, 1, 1)[trial])]
    env.step(CENTRE)
    shown = "".join("LR"[cue] for cue in cues[:5])
    assert env.render().splitlines() == [
        "trial 4 of 6, block 3 of 3, cue, rewarded right",
        f"cue    {shown[:2]}|{shown[2:4]}|{shown[4]}",
        f"reward {marks[:2]}|{marks[2:]}",
    ]


@pytest.mark.parametrize("chance", [0.5, 0.1, 1.0])
def test_the_rewarded_side_changes_between_blocks_with_the_stated_chance(chance):
    """Broken if one side is favoured, or a change depends on the one before."""
    envs = Case("MetaInferredValue-v0", {"reversal_probability": chance}).native(N)
    envs.reset(seed=0)
    rewarded = np.array([task["rewarded_sides"] for task in envs.tasks])
    assert happens(rewarded[:, 0].sum(), N, 0.5)
    change = np.diff(rewarded, axis=1) != 0
    for block in range(9):
        assert happens(change[:, block].sum(), N, chance, 9)
    both = change[:, 1:] & change[:, :-1]
    assert happens(both[:, ::2].sum(), both[:, ::2].size, chance**2)


def test_cues_are_fair_and_independent_of_the_task():
    """Broken if the rewarded cue comes more often, or one cue tells the next."""
    envs = TASK.native(N)
    envs.reset(seed=0)
    cues = envs.family.cues()
    first = np.array([task["rewarded_sides"][0] for task in envs.tasks])
    for trial in range(50):
        assert happens(cues[:, trial].sum(), N, 0.5, 50)
    assert happens((cues[:, 0] == first).sum(), N, 0.5)
    noise = envs.family.draws[:, 10:]
    assert all(independent(noise[:, n], noise[:, n + 1]) for n in range(4))


@pytest.mark.parametrize("knows_blocks", [True, False])
def test_the_belief_is_that_of_bayes(knows_blocks):
    """Against a sum over all sequences of rewarded sides; broken if a change is weighed wrongly."""
    family = InferredValue(1, num_blocks=3, block_length=2, reversal_probability=0.3)
    cues = np.array(list(itertools.product((0, 1), repeat=6)))
    sides = np.random.default_rng(0).integers(2, size=(len(cues), 3)).repeat(2, axis=1)
    if not knows_blocks:
        sides = np.random.default_rng(0).integers(2, size=cues.shape)
    rewards = (cues == sides).astype(float)
    got = left_beliefs(family, cues, rewards, knows_blocks)
    for row, (cue, reward) in enumerate(zip(cues, rewards, strict=True)):
        weights = np.zeros((6, 2))
        for sequence in itertools.product((0, 1), repeat=6):
            chance = 0.5
            for trial in range(1, 6):
                p = (0.3 * (trial % 2 == 0)) if knows_blocks else 0.15
                chance *= p if sequence[trial] != sequence[trial - 1] else 1 - p
            for trial in range(6):
                seen = all((sequence[n] == cue[n]) == reward[n] for n in range(trial))
                weights[trial, sequence[trial]] += chance * seen
        assert got[row] == pytest.approx(weights[:, 0] / weights.sum(axis=1))
