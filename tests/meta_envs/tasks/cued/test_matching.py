"""The matching task, against episodes played in plain Python and the paper's formula."""

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from tests.meta_envs.bounds import follows, happens, independent
from tests.meta_envs.cases import Case, same, some_actions, start

N = 10_000
MATCHING = Case("MetaMatching-v0")
LEFT, RIGHT, CENTRE = range(3)


def told(task, noise, actions):
    """The steps of an episode as the documentation tells them: (state after it, reward)."""
    p, actions, baits = task["base_rates"], iter(actions), [False, False]
    for trial in range(task["num_trials"]):
        yield "choice", 0.0 if next(actions) == CENTRE else -1.0
        for arm in (0, 1):
            baits[arm] |= noise[trial][arm] < p[arm]
        action = next(actions)
        if action == CENTRE:
            yield "fixation", -1.0
        else:
            yield "fixation", float(baits[action])
            baits[action] = False


@pytest.mark.parametrize("kwargs", [{}, {"split": "all", "num_trials": 9}], ids=str)
def test_an_episode_goes_as_the_documentation_tells(kwargs):
    """Broken if a bait, a reward, the state or the end is another than told."""
    env = Case("MetaMatching-v0", kwargs).scalar()
    for seed in range(20):
        observation, _ = env.reset(seed=seed)
        noise = env.family.draws[0, 2:].reshape(-1, 2)
        actions = some_actions(MATCHING, seed, env.family.episode_length)
        ended = False
        told_steps = told(env.task, noise, actions.tolist())
        for step, (state, reward) in enumerate(told_steps):
            assert not ended
            assert observation[:2].tolist() == [1.0 - step % 2, step % 2]
            observation, got, ended, _, info = env.step(actions[step])
            assert ["fixation", "choice"][observation[:2].argmax()] == state
            assert (got, info) == (reward, {"trial": step // 2})
        assert ended


@pytest.mark.parametrize("wait", [0, 1, 4])
def test_baits_that_wait_pay_as_often_as_the_formula_says(wait):
    """Broken if a bait is lost, comes twice as often or late, or is still there once taken.

    The right arm is left alone for some trials, again and again; 1e-6 for a false alarm.
    """
    rates = 0.35, 0.15
    envs = MATCHING.native(N, num_trials=15, min_trials=15)
    task = {"base_rates": list(rates), "num_trials": 15}
    envs.reset(seed=0, options={"task": task})
    since = [0, 0]
    for trial in range(15):
        envs.step(np.full(N, CENTRE))
        arm = RIGHT if trial % (wait + 1) == wait else LEFT
        chance = 1 - (1 - rates[arm]) ** (since[arm] + 1)
        rewards = envs.step(np.full(N, arm))[1]
        assert happens(rewards.sum(), N, chance, 15)
        since = [s + 1 for s in since]
        since[arm] = 0


def test_what_an_arm_pays_does_not_depend_on_what_it_paid_before():
    """Broken if baits of successive trials depend on each other (1e-6)."""
    envs = MATCHING.native(N, num_trials=2, min_trials=2)
    envs.reset(seed=1, options={"task": {"base_rates": [0.4, 0.1], "num_trials": 2}})
    paid = []
    for _ in range(2):
        envs.step(np.full(N, CENTRE))
        paid.append(envs.step(np.zeros(N, int))[1] > 0)
    assert happens(paid[1][paid[0]].sum(), paid[0].sum(), 0.4, 2)
    assert happens(paid[1][~paid[0]].sum(), (~paid[0]).sum(), 0.4, 2)


BANDS = {"train": (0, 2, 4), "test": (1, 3), "all": range(5)}


@pytest.mark.parametrize("split", BANDS)
def test_base_rates_and_lengths_are_those_of_the_split(split):
    """Broken if rates that training leaves out are drawn, or a rate or a length is favoured."""
    envs = MATCHING.native(N, split=split)
    envs.reset(seed=0)
    left, right = np.array([task["base_rates"] for task in envs.tasks]).T
    assert (left + right == pytest.approx(0.5)) and left.min() >= 0 and left.max() <= 0.5
    band = np.floor(left * 10).astype(int)
    assert set(band) == set(BANDS[split])
    for b in BANDS[split]:
        assert happens((band == b).sum(), N, 1 / len(BANDS[split]), len(BANDS[split]))
    assert follows(left * 10 - band)
    trials = np.array([task["num_trials"] for task in envs.tasks])
    assert set(trials) == set(range(50, 101))
    for length in range(50, 101):
        assert happens((trials == length).sum(), N, 1 / 51, 51)
    draws = envs.family.draws
    assert independent(draws[:, 0], draws[:, 1]) and independent(draws[:, 1], draws[:, 2])
    assert independent(draws[:, 2], draws[:, 3]) and independent(draws[:, 2], draws[:, 4])
    assert follows(draws[:, 2]) and follows(draws[:, 3])


def test_an_invalid_response_chooses_no_arm():
    """Broken if it takes a bait, or does anything to the trial but its price."""
    task = {"base_rates": [1.0, 0.0], "num_trials": 5}
    env = MATCHING.scalar(num_trials=5)
    env.reset(seed=0, options={"task": task})
    steps = [(LEFT, -1), (CENTRE, -1), (RIGHT, -1), (LEFT, 1), (CENTRE, 0), (RIGHT, 0)]
    for action, reward in steps:
        assert env.step(action)[1] == reward
    assert env.family.baits.tolist() == [[True, False]]


@pytest.mark.parametrize("mode", AutoresetMode, ids=lambda mode: mode.value)
def test_episodes_of_drawn_length_are_the_same_in_every_environment(mode):
    """Broken if one that ends before the others disturbs them, or begins with old baits."""
    make = {"num_trials": 5, "min_trials": 2, "split": "all"}
    case = Case("MetaMatching-v0", make)
    native = case.native(6, autoreset_mode=mode)
    sync = case.sync(6, autoreset_mode=mode)
    assert same(native.reset(seed=3), sync.reset(seed=3))
    ends = set()
    for step, actions in enumerate(some_actions(case, 3, (60, 6))):
        result = native.step(actions)
        assert same(result, sync.step(actions))
        ends |= {(step, env) for env in np.flatnonzero(result[2])}
        if mode is AutoresetMode.DISABLED and result[2].any():
            options = {"reset_mask": result[2].copy()}
            assert same(native.reset(options=options), sync.reset(options=options))
    assert len({step for step, _ in ends}) > 6


def test_the_length_shows_nowhere_before_the_end():
    """Broken if an observation tells how many trials are left."""
    short, long = MATCHING.scalar(), MATCHING.scalar()
    for env, trials in ((short, 50), (long, 100)):
        env.reset(seed=0, options={"task": {"base_rates": [0.2, 0.3], "num_trials": trials}})
    for action in some_actions(MATCHING, 0, 99):
        first, second = short.step(action), long.step(action)
        assert same(first[:2], second[:2]) and same(first[4], second[4])
        assert not first[2]
    assert short.step(0)[2] and not long.step(0)[2]


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"split": "tset"}, r"^split must be one of all, train, test, got 'tset'$"),
        ({"min_trials": 101}, r"^min_trials must be a whole number in 1\.\.100, got 101$"),
        ({"num_trials": 5, "min_trials": 0}, r"^min_trials must be a whole number in 1\.\.5, got"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(kwargs, message):
    with pytest.raises(ValueError, match=message):
        MATCHING.scalar(**kwargs)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"num_trials": 101}, r"^task\['num_trials'\] must be a whole number in \[1, 100\], got"),
        ({"base_rates": [0.2]}, r"^task\['base_rates'\] must be numbers of shape \(2,\)"),
    ],
)
def test_tasks_that_do_not_fit_are_refused(change, message):
    env = start(MATCHING)
    with pytest.raises(ValueError, match=message):
        env.reset(options={"task": env.task | change})


def test_the_text_tells_choices_baits_and_rates():
    """Broken if a mark is another trial's or arm's, or what is hidden shows."""
    env = MATCHING.scalar(num_trials=5, render_mode="ansi")
    env.reset(seed=0, options={"task": {"base_rates": [1.0, 0.0], "num_trials": 4}})
    for action in (CENTRE, LEFT, CENTRE, RIGHT, CENTRE, CENTRE, CENTRE):
        env.step(action)
    assert env.render().splitlines() == [
        "trials 3, choice: left or right is asked for",
        "left   base rate 1.00  bait  #.!",
        "right  base rate 0.00        .o!",
    ]
    env.family.reveal = False
    assert env.render().splitlines()[1:] == ["left   #.!", "right  .o!"]
    env.step(LEFT)
    assert env.render().splitlines()[0] == "trials 4, over"
