"""The risky choice, against an episode told in plain Python and the stated chances."""

import numpy as np
import pytest

from meta_envs.rendering.palette import RARE, TASK
from meta_envs.tasks.cued.risky_choice import RiskyChoice
from tests.meta_envs.bounds import follows, happens, independent
from tests.meta_envs.cases import Case, same, some_actions, start
from tests.meta_envs.pictures import find, has

N = 10_000
RISKY = Case("MetaRiskyChoice-v0")
ODD = Case(
    "MetaRiskyChoice-v0",
    {
        "safe_payoff": 2.5,
        "risky_payoff": 3.0,
        "risky_probabilities": [0.2, 0.7, 1.0],
        "num_forced_pairs": 3,
        "num_free_trials": 4,
    },
)
LEFT, RIGHT, CENTRE = range(3)
every_variant = pytest.mark.parametrize("case", [RISKY, ODD], ids=str)


def told(family, side, chance, draws, actions):
    """The steps of an episode as the documentation tells them: (state, reward, regret, trial).

    The state is named, and is the one after the step.
    """
    pairs = family.num_forced_pairs
    order, noise = draws[2 : 2 + pairs], draws[2 + pairs :]
    means = {side: chance * family.risky_payoff, 1 - side: family.safe_payoff}
    actions = iter(actions)
    for trial in range(family.num_trials):
        offer = {LEFT, RIGHT}
        if trial < 2 * pairs:
            first = LEFT if order[trial // 2] < 0.5 else RIGHT
            offer = {first if trial % 2 == 0 else 1 - first}
        wrong = next(actions) != CENTRE
        yield sorted(offer), -float(wrong), float(wrong), trial
        best, choice = max(means[arm] for arm in offer), next(actions)
        if choice not in offer:
            yield [], -1.0, 1 + best, trial
        elif choice == side:
            reward = family.risky_payoff if noise[trial] < chance else 0.0
            yield [], reward, best - means[choice], trial
        else:
            yield [], family.safe_payoff, best - means[choice], trial


OFFERS = {0: [], 1: [LEFT], 2: [RIGHT], 3: [LEFT, RIGHT]}


@every_variant
def test_an_episode_goes_as_the_documentation_says(case):
    """Broken if an offer, a payoff, a price or a trial is another than in the docstring."""
    for seed in range(60):
        env = start(case, seed)
        family, task = env.family, env.task
        actions = some_actions(case, seed, family.episode_length)
        if seed % 2:  # Else hardly any response is valid.
            actions[::2] = CENTRE
        draws = family.draws[0].copy()
        story = told(family, task["risky_side"], task["risky_probability"], draws, actions)
        steps = list(story)
        assert len(steps) == len(actions)
        for action, (offer, reward, regret, trial) in zip(actions, steps, strict=True):
            observation, got, terminated, _, info = env.step(action)
            assert OFFERS[int(observation[:4].argmax())] == offer and observation[:4].sum() == 1
            assert (got, info["trial"]) == (reward, trial)
            assert info["regret"] == pytest.approx(regret)
        assert terminated


@every_variant
def test_tasks_are_drawn_as_stated(case):
    """Broken if a chance, a side or an order is likelier than another, or they go together.

    False alarm 1e-6 in all.
    """
    envs = case.native(N)
    envs.reset(seed=0)
    family = envs.family
    chances, sides = family.risky_chances, family.risky_sides
    right_first = family.offers[:, : 2 * family.num_forced_pairs : 2] == 2
    values = family.risky_probabilities
    tests = 3 * len(values) + 3
    for value in values:
        assert happens((chances == value).sum(), N, 1 / len(values), tests)
        for other in (sides == 1, right_first[:, 0]):
            both = (chances == value) & other
            assert happens(both.sum(), N, 0.5 / len(values), tests)
    assert happens(sides.sum(), N, 0.5, tests)
    assert happens(right_first.sum(), right_first.size, 0.5, tests)
    assert happens((right_first[:, 0] == right_first[:, 1]).sum(), N, 0.5, tests)


@every_variant
def test_every_forced_pair_has_each_arm_once_and_then_both_are_offered(case):
    envs = case.native(500)
    envs.reset(seed=0)
    forced = 2 * envs.family.num_forced_pairs
    offers = envs.family.offers
    assert (np.sort(offers[:, :forced].reshape(500, -1, 2)) == (1, 2)).all()
    assert (offers[:, forced:] == 3).all()


def test_the_noise_of_trials_is_independent():
    """Broken if the task, the order or a payoff brings another one."""
    envs = RISKY.native(N)
    envs.reset(seed=0)
    draws = envs.family.draws
    assert draws.shape == (N, 2 + 5 + 30)
    for first, second in ((0, 1), (0, 7), (1, 2), (2, 3), (6, 7), (7, 8), (8, 9), (35, 36)):
        assert follows(draws[:, second])
        assert independent(draws[:, first], draws[:, second])


@every_variant
def test_the_risky_arm_pays_as_often_as_it_should(case):
    """By the task's chance, at every trial, whatever was done before."""
    envs = case.native(N)
    envs.reset(seed=3)
    family = envs.family
    chances, sides = family.risky_chances.copy(), family.risky_sides.copy()
    for step in range(family.episode_length):
        can = family.are_valid(sides) & (step % 2 == 1)
        rewards = envs.step(np.where(can, sides, family.respond(family.states, 1 - sides)))[1]
        for value in np.unique(chances) if can.any() else ():
            here = can & (chances == value)
            tests = family.num_trials * len(family.risky_probabilities)
            assert happens((rewards[here] > 0).sum(), here.sum(), value, tests)
            assert np.isin(rewards[here], (0, family.risky_payoff)).all()


def test_invalid_responses_change_nothing_that_follows():
    """Broken if an invalid response moved the trial on, stood for a pull or used up noise."""
    one, two = start(RISKY, 4), start(RISKY, 4)
    for step in range(one.family.episode_length):
        valid = np.flatnonzero(one.family.valid[one.family.states[0]])
        invalid = np.flatnonzero(~one.family.valid[two.family.states[0]])
        wrong = step % 7 == 0 or step in (9, 10, 41)
        mine = one.step(valid[0])
        theirs = two.step(invalid[0] if wrong and len(invalid) else valid[0])
        assert same(mine[0][:4], theirs[0][:4])
        assert theirs[1] == (-1 if wrong and len(invalid) else mine[1])


def test_what_is_offered_does_not_depend_on_the_task():
    """Broken if the forced order told the side of the risky arm."""
    for seed in range(20):
        orders = []
        for side, chance in ((0, 0.5), (1, 0.125)):
            env = RISKY.scalar()
            env.reset(
                seed=seed, options={"task": {"risky_side": side, "risky_probability": chance}}
            )
            orders.append(env.family.offers.tolist())
        assert orders[0] == orders[1]


def test_a_task_with_another_chance_can_be_played():
    env = RISKY.scalar()
    task = {"risky_side": 1, "risky_probability": 1.0}
    env.reset(seed=0, options={"task": task})
    assert env.task == task
    family = env.family
    for _ in range(60):
        asked = family.states[0] != 0 and family.valid[family.states[0], RIGHT]
        reward = env.step(int(family.respond(family.states, np.array([RIGHT]))[0]))[1]
        assert not asked or reward == 4


def test_what_to_do_where_only_one_response_is_valid_is_that_one():
    """Broken if `respond` answered a forced trial with the centre."""
    states = np.repeat(np.arange(4), 2)
    choices = np.tile([LEFT, RIGHT], 4)
    responses = RiskyChoice(1).respond(states, choices)
    assert responses.tolist() == [2, 2, 0, 0, 1, 1, 0, 1]


def shown(mode, actions, side=0, **kwargs):
    """What there is to see after the actions in an episode whose risky arm always pays."""
    env = RISKY.scalar(render_mode=mode, **({"num_forced_pairs": 0, "num_free_trials": 5} | kwargs))
    env.reset(seed=0, options={"task": {"risky_side": side, "risky_probability": 1.0}})
    for action in actions:
        env.step(action)
    return env.render()


def test_the_text_tells_the_trials_so_far():
    """Broken if a mark stands in another row or trial, or for another outcome."""
    assert shown("ansi", [2, 0, 2, 1, 0, 1, 2, 2, 2]).splitlines() == [
        "trial 4 of 5, left and right, risky left (p = 1)",
        "left    #....",
        "right   .==..",
        "invalid   !!",
    ]
    assert shown("ansi", [2], safe_payoff=5).splitlines()[0].startswith("trial 0 of 5, left and")
    assert shown("ansi", [2, 0], safe_payoff=5).splitlines()[1] == "left    o"
    assert "trial 5 of 5, over" in shown("ansi", [2, 0] * 5)
    assert "fixation" in shown("ansi", [])


def test_an_offer_to_come_is_not_shown():
    """Broken if the fixation step told which arm is going to be offered."""
    env = RISKY.scalar(render_mode="ansi")
    texts = set()
    for seed in range(10):
        env.reset(seed=seed, options={"task": {"risky_side": 0, "risky_probability": 0.5}})
        texts.add(env.render())
    assert len(texts) == 1


def test_the_image_frames_the_risky_arm_and_marks_what_is_invalid():
    """Broken if the frame stands around the other arm, or an invalid response looks like none."""
    for side in (0, 1):
        frame = shown("rgb_array", [2, 0], side)
        (_, column), *_ = find(frame, "trials")
        arms = has(frame[:170], TASK).any(axis=0)
        half = frame.shape[1] // 2
        assert arms[:half].any() == (side == 0) and arms[half:].any() == (side == 1)
        assert column < half
    top = find(shown("rgb_array", [2, 0]), "invalid")[0][0]
    rows = slice(top - 10, top + 20)
    assert not has(shown("rgb_array", [2, 0])[rows], RARE).any()
    assert has(shown("rgb_array", [2, 2])[rows], RARE).any()
