"""The two-step task, against an episode played in plain Python and the stated chances."""

import numpy as np
import pytest

from tests.meta_envs.bounds import follows, happens, independent
from tests.meta_envs.cases import Case, memory, same, some_actions, start

N = 10_000
TWO_STEP, REVERSAL = Case("MetaTwoStep-v0"), Case("MetaTwoStepReversal-v0")
ODD = Case(
    "MetaTwoStep-v0",
    {"fixation": True, "common_probability": 0.6, "reversal_probability": 0.3, "num_trials": 7},
)
every_variant = pytest.mark.parametrize("case", [TWO_STEP, REVERSAL, ODD], ids=str)


def told(family, good_states, draws, actions):
    """The steps of an episode as the documentation tells them: (state, reward, regret, trial).

    The state is named, and is the one after the step.
    """
    noise = iter(draws[family.num_trials :])
    actions = iter(actions)
    first = "fixation" if family.fixation else "S1"
    c, p = family.common_probability, family.reward_probability
    best, worst = c * p + (1 - c) * (1 - p), c * (1 - p) + (1 - c) * p
    for trial, good in enumerate(good_states):
        if family.fixation:
            fine = 0.0 if next(actions) == 2 else 1.0
            yield "S1", -fine, fine, trial
        choice = next(actions)
        if choice == 2:
            second = "S2" if next(noise) < 0.5 else "S3"
            yield second, -1.0, best - 0.5 + 1, trial
        else:
            common = next(noise) < c
            second = ["S2", "S3"][choice if common else 1 - choice]
            yield second, 0.0, (best - worst) * (choice != good), trial
        pays = p if second == ["S2", "S3"][good] else 1 - p
        paid = float(next(noise) < pays)
        if next(actions) == 2:
            yield first, -1.0, pays + 1, trial
        else:
            yield first, paid, 0.0, trial


@every_variant
def test_an_episode_goes_as_the_documentation_tells(case):
    """Broken if a transition, a reward, a regret or the observed state is another than told."""
    env = case.scalar()
    names = ["fixation", "S1", "S2", "S3"][0 if env.family.fixation else 1 :]
    for seed in range(20):
        observation, _ = env.reset(seed=seed)
        assert observation[: len(names)].tolist() == np.eye(len(names))[0].tolist()
        actions = some_actions(case, seed, env.family.episode_length)
        steps = told(env.family, env.task["good_states"], env.family.draws[0], actions.tolist())
        for action, (state, reward, regret, trial) in zip(actions, steps, strict=True):
            observation, got, _, _, info = env.step(action)
            assert names[observation[: len(names)].argmax()] == state
            assert observation[: len(names)].sum() == 1
            assert (got, info["trial"]) == (reward, trial)
            assert info["regret"] == pytest.approx(regret, abs=1e-12)


def good_states(case, n=N):
    """Shape (n, num_trials)."""
    envs = case.native(n)
    envs.reset(seed=0)
    return np.array([task["good_states"] for task in envs.tasks])


def test_the_good_state_is_a_fair_coin_and_stays():
    """Broken if one state is good more often, or the good one changes inside an episode."""
    good = good_states(TWO_STEP)
    assert happens(good[:, 0].sum(), N, 0.5)
    assert (good == good[:, :1]).all()
    env, firsts = TWO_STEP.scalar(), []
    env.reset(seed=1)
    for _ in range(4000):
        firsts.append(env.task["good_states"][0])
        env.reset()
    assert happens(sum(firsts), 4000, 0.5)
    again = np.diff(firsts) == 0
    assert happens(again.sum(), len(again), 0.5)


@pytest.mark.parametrize("chance", [0.025, 0.3, 1.0])
def test_the_good_state_changes_with_the_stated_chance(chance):
    """Broken if changes are rarer, more common, or depend on the state or the change before."""
    case = Case("MetaTwoStepReversal-v0", {"num_trials": 20, "reversal_probability": chance})
    good = good_states(case)
    for trial in (0, 1, 19):
        assert happens(good[:, trial].sum(), N, 0.5, 3)
    change = np.diff(good, axis=1) != 0
    for now in (0, 1):
        from_here = change[good[:, :-1] == now]
        assert happens(from_here.sum(), from_here.size, chance, 2)
    for trial in range(19):
        assert happens(change[:, trial].sum(), N, chance, 19)
    both = change[:, 1:] & change[:, :-1]
    assert happens(both[:, ::2].sum(), both[:, ::2].size, chance**2)


def played(case, choice, n=N):
    """The second-stage state (0 or 1), good state and reward of each trial, shape (trials, n).

    Args:
        case: The environment.
        choice: The action at every step but at the fixation point.
        n: Episodes.
    """
    envs = case.native(n)
    envs.reset(seed=0)
    family, good = envs.family, np.array([task["good_states"] for task in envs.tasks]).T
    seconds, rewards = np.zeros((2, *good.shape))
    for trial in range(family.num_trials):
        for step in range(family.trial_length):
            at_fixation = step == family.trial_length - 3
            observations, reward, *_ = envs.step(np.full(n, 2 if at_fixation else choice))
            if step == family.trial_length - 2:
                seconds[trial] = observations[:, : family.observation_size].argmax(axis=1)
        rewards[trial] = reward
    return seconds - (family.trial_length - 1), good, rewards


@every_variant
@pytest.mark.parametrize("choice", [0, 1])
def test_transitions_and_rewards_have_the_stated_chances(case, choice):
    """Broken if the good state draws the transition, or anything but it decides the reward."""
    case = case.short(3)
    family = case.scalar().family
    seconds, good, rewards = played(case, choice)
    for trial in range(3):
        second, is_good, paid = seconds[trial], good[trial] == seconds[trial], rewards[trial]
        for state in (0, 1):
            here = good[trial] == state
            common = (second == choice)[here]
            assert happens(common.sum(), common.size, family.common_probability, 6)
        for yes, p in ((True, family.reward_probability), (False, 1 - family.reward_probability)):
            for reached in (0, 1):
                here = (is_good == yes) & (second == reached)
                assert happens(paid[here].sum(), here.sum(), p, 12)


def test_the_noise_of_trials_is_independent():
    """Broken if a rare transition brings another one, or a reward."""
    envs = TWO_STEP.native(N)
    envs.reset(seed=0)
    noise = envs.family.draws[:, 10:]
    assert noise.shape == (N, 20)
    for column in range(3):
        assert follows(noise[:, column])
        assert independent(noise[:, column], noise[:, column + 1])
        assert independent(noise[:, column], noise[:, column + 2])
        assert independent(envs.family.draws[:, 0], noise[:, column])


@every_variant
def test_the_noise_of_a_trial_is_the_same_for_both_choices(case):
    """Broken if the choice decides whether a transition is common, or which state is good."""
    (first, good, paid), (second, _, also) = (played(case, choice, 2000) for choice in (0, 1))
    assert (first != second).all()
    better = np.where(first == good, paid, also)
    worse = np.where(first == good, also, paid)
    assert (better >= worse).all()


@every_variant
def test_left_and_right_differ_in_s1_alone(case):
    """Broken if which of them is taken at the fixation point, in S2 or in S3 matters."""
    one, two = start(case, 3), start(case, 3)
    length, choice = one.family.trial_length, one.family.trial_length - 2
    for step, action in enumerate(some_actions(case, 0, one.family.episode_length)):
        other = action if step % length == choice or action == 2 else 1 - action
        values = one.family.action_values()[0]
        assert (values[0] != values[1]) == (step % length == choice)
        mine, theirs = one.step(action), two.step(other)
        assert same(mine[1:], theirs[1:])
        size = one.family.observation_size
        assert same(mine[0][:size], theirs[0][:size])


def test_an_invalid_choice_leads_anywhere_and_brings_nothing_else():
    """Broken if no choice is as good as a choice, or tells which state is good."""
    seconds, good, paid = played(REVERSAL.short(3), 2)
    assert (paid == -1).all()
    for trial in range(3):
        assert happens(seconds[trial].sum(), N, 0.5, 6)
        assert happens((seconds[trial] == good[trial]).sum(), N, 0.5, 6)


@pytest.mark.parametrize(("case", "gap"), [(TWO_STEP, 0.4), (REVERSAL, 0.48)], ids=str)
def test_the_regret_of_a_choice_is_that_of_the_paper(case, gap):
    """Broken if the choices are not worth 0.7 and 0.3, or 0.74 and 0.26."""
    family = start(case).family
    values = (1 + gap) / 2, (1 - gap) / 2
    assert family.choice_values() == pytest.approx(values)
    if family.fixation:
        best = max(values)
        assert family.action_values()[0] == pytest.approx([best - 1, best - 1, best])
        family.step(np.full(1, 2))
    good = family.good_states[0, 0]
    assert family.action_values()[0, good] == pytest.approx(max(values))
    assert family.action_values()[0, 1 - good] == pytest.approx(min(values))
    assert family.action_values()[0, 2:] == pytest.approx(0.5 - 1)
    family.step(np.zeros(1, int))
    p = 0.9 if family.observe()[0].argmax() == family.choice_state + 1 + good else 0.1
    assert family.action_values()[0, :2] == pytest.approx(p)
    assert family.action_values()[0, 2:] == pytest.approx(-1)


@every_variant
def test_at_a_choice_only_the_last_step_and_the_clock_can_be_seen(case):
    """Broken if the state shown at a choice tells the task."""
    envs = case.native(200)
    observations, _ = envs.reset(seed=0)
    own = envs.meta_observation.own
    for step in range(envs.family.episode_length):
        if step % envs.family.trial_length != envs.family.trial_length - 1:
            assert (own(observations) == own(observations)[0]).all()
            assert memory(envs, observations).shape == (200, 2 + envs.family.num_actions)
        observations = envs.step(some_actions(case, step, 200))[0]


def test_a_reset_in_the_middle_of_a_trial_starts_at_its_beginning():
    """Broken if an episode begins where the one before it was left."""
    for case in (TWO_STEP, REVERSAL):
        env, first = start(case, 3), case.scalar().reset(seed=3)[0]
        env.step(0)
        assert same(env.reset(seed=3)[0], first)
        assert same(env.step(1), start(case, 3).step(1))
