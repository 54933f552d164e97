"""Phase portraits of learners whose rule is known, and tests that err as often as they say."""

import numpy as np
import pytest

from baselines.analysis.two_step import read_trials
from baselines.common.errors import InputError
from baselines.evaluation.evaluate import evaluate
from baselines.inside.choices import Choices, read_choices
from baselines.inside.least_squares import chance_of_none, least_squares
from baselines.inside.phase_portrait import FEWEST, delta_rule, phase_portrait, portrait_lines
from baselines.inside.record import record, record_activity
from tests.meta_envs.bounds import happens

ALPHA, BETA = 0.3, 4.0


def rescorla_wagner(episodes=200):
    """Pulls of the classic agent, whose values are its activity."""
    agent = f"rescorla-wagner,alpha={ALPHA},beta={BETA}"
    recording = record_activity(agent, "MetaBandit-v0", episodes, seed=1)
    values = recording.activity.astype(np.float64)
    return read_choices(recording, BETA * (values[:, :, 0] - values[:, :, 1])), values


def bayes(episodes=200):
    """Thompson's pulls, with beta times the difference of the posterior means as preference."""
    recording = record_activity("thompson", "MetaBandit-v0", episodes, seed=1)
    pulls, wins = recording.activity[:, :, :2], recording.activity[:, :, 2:4]
    means = (wins.astype(np.float64) + 1) / (pulls + 2)
    return read_choices(recording, BETA * (means[:, :, 0] - means[:, :, 1]))


def test_pairs_and_earlier_pulls_by_hand():
    """Broken if a trial that does not count made a pair, or episodes ran into each other."""
    choices = Choices(
        preferences=np.array([[0.0, 1, 3, 6, 10], [0, -1, -3, -6, -10]]),
        actions=np.array([[0, 0, 1, 0, 0], [1, 0, 1, 1, 1]]),
        rewards=np.array([[1.0, 0, 1, 1, 0], [0, 1, 0, 0, 0]]),
        states=None,
        counted=np.array([[1, 1, 1, 1, 1], [1, 1, 0, 1, 1]], bool),
        steps=np.arange(5),
    )
    portrait = phase_portrait(choices)
    assert [str(name) for name in portrait.names] == [
        *("action 0, reward 0", "action 0, reward 1", "action 1, reward 0", "action 1, reward 1")
    ]
    assert portrait.kinds.tolist() == [1, 0, 3, 1, 2, 2]
    assert portrait.changes.tolist() == [1, 2, 3, 4, -1, -4]
    assert portrait.pulls.tolist() == [0, 1, 0, 2, 0, 1]
    assert portrait.episodes.tolist() == [0, 0, 0, 0, 1, 1]
    with pytest.raises(InputError, match="at least two trials"):
        phase_portrait(choices._replace(counted=np.zeros((2, 5), bool)))


def test_a_rescorla_wagner_learner_has_a_fixed_rate():
    """Its parameters are found again, exactly, and a reward weighs the same at any time."""
    choices, _ = rescorla_wagner()
    rule = delta_rule(phase_portrait(choices))
    assert (rule.alpha, rule.beta) == pytest.approx((ALPHA, BETA), rel=1e-4)
    assert rule.r2 > 1 - 1e-9
    assert rule.weights == pytest.approx(ALPHA * BETA, rel=1e-4)
    assert abs(rule.exponent) < 1e-4


def test_its_lines_are_straight_and_parallel_at_one_sum_of_its_values():
    """Broken if the derivation in the module were wrong: L alone is not its state."""
    choices, values = rescorla_wagner()
    portrait = phase_portrait(choices)
    sums = values.sum(axis=2)[portrait.episodes, portrait.trials]
    for kind, name in enumerate(portrait.names):
        here = portrait.of(kind)
        columns = [np.ones(len(here.changes)), here.preferences, sums[portrait.kinds == kind]]
        fit = least_squares(np.column_stack(columns), here.changes, here.episodes)
        sign = 1 - 2 * name.action
        expected = [sign * ALPHA * BETA * name.reward, -ALPHA / 2, -sign * ALPHA * BETA / 2]
        assert fit.coefficients == pytest.approx(expected, abs=1e-4)
    lines = portrait_lines(portrait)
    assert (lines.r2 < 0.9).all()


def test_where_both_values_move_l_alone_suffices_and_lines_are_straight():
    """Both values move by opposite amounts: L' = (1 - alpha) L + s alpha beta (2 r - 1)."""
    rng = np.random.default_rng(0)
    level, shape = np.zeros(50), (50, 60)
    kept = np.zeros(shape), np.zeros(shape, np.int64), np.zeros(shape)
    for t in range(shape[1]):
        actions = (rng.random(50) > 1 / (1 + np.exp(-level))).astype(np.int64)
        rewards = (rng.random(50) < 0.6).astype(float)
        for array, column in zip(kept, (level, actions, rewards), strict=True):
            array[:, t] = column
        level = (1 - ALPHA) * level + ALPHA * BETA * (1 - 2 * actions) * (2 * rewards - 1)
    preferences, actions, rewards = kept
    everywhere = np.ones(shape, bool)
    choices = Choices(preferences, actions, rewards, None, everywhere, np.arange(shape[1]))
    lines = portrait_lines(phase_portrait(choices))
    assert lines.slopes == pytest.approx(-ALPHA)
    assert lines.intercepts == pytest.approx(ALPHA * BETA * np.array([-1, 1, 1, -1]))
    assert lines.r2 == pytest.approx(1)
    # What is left is rounding, and no sign of a curve.
    assert (lines.p_curve == 1).all()
    assert (lines.p_pulls == 1).all()


def test_a_bayes_learners_rate_falls_as_it_must():
    """A reward weighs beta / (n + 3) after n earlier pulls; one rate for all does not fit."""
    portrait = phase_portrait(bayes())
    rule = delta_rule(portrait)
    assert rule.weights == pytest.approx(BETA / (rule.pulls + 3), rel=1e-4)
    assert rule.exponent == pytest.approx(-1, abs=1e-4)
    assert rule.r2 < 0.7
    lines = portrait_lines(portrait)
    assert (lines.r2_pulls - lines.r2 > 0.3).all()
    assert (lines.p_pulls < 1e-9).all()


def test_a_filter_of_reversals_is_a_curve_of_l_alone():
    """Log-odds of the good state in a two-step task: bounded, so curved."""
    evaluation = evaluate("random", "MetaTwoStepReversal-v0", 400, seed=2)
    trials = read_trials(evaluation)
    level, kept = np.zeros(400), np.zeros((400, 100))
    for t in range(100):
        kept[:, t] = level
        good = trials.seconds[:, t] == (trials.rewards[:, t] == 0)
        told = np.where(trials.kinds[:, t] >= 0, np.where(good, 1, -1) * np.log(9), 0)
        chance = 1 / (1 + np.exp(-(level + told)))
        chance = 0.975 * chance + 0.025 * (1 - chance)
        level = np.log(chance / (1 - chance))
    actions = np.where(trials.chosen, trials.choices, 0)
    counted = trials.kinds >= 0
    choices = Choices(kept, actions, trials.rewards, trials.seconds, counted, np.arange(100))
    # Only pairs of trials that follow at once: an uncounted one between changes nothing here.
    portrait = phase_portrait(choices)
    lines = portrait_lines(portrait)
    assert len(portrait.names) == 8
    assert (lines.r2_curve > 0.995).all()
    assert (lines.r2 < lines.r2_curve - 0.003).all()
    assert (lines.p_curve < 1e-6).all()
    by_kind = dict(zip(map(str, portrait.names), lines.slopes, strict=True))
    same = [by_kind[f"action {a}, state 0, reward 1"] for a in (0, 1)]
    assert same[0] == pytest.approx(same[1], abs=0.05)


def test_trials_of_a_two_step_task_are_those_played():
    """Broken if a choice, a state, a reward or a preference were of another step."""
    evaluation = evaluate("random", "MetaTwoStepReversal-v0", 20, seed=3)
    steps = np.tile(np.arange(300.0), (20, 1))
    recording = record("two-step-model-based", evaluation)
    choices, trials = read_choices(recording, steps), read_trials(evaluation)
    assert (choices.actions == trials.choices).all()
    assert (choices.states == trials.seconds).all()
    assert (choices.rewards == trials.rewards).all()
    assert (choices.counted == (trials.kinds >= 0)).all()
    assert (choices.preferences == choices.steps).all()
    assert choices.steps[:3].tolist() == [1, 4, 7]
    with pytest.raises(InputError, match="no logits: pass `preferences`"):
        read_choices(recording)
    with pytest.raises(InputError, match=r"shape \(20, 300\)"):
        read_choices(recording, steps[:, 1:])
    with pytest.raises(InputError, match="lead to no states"):
        delta_rule(phase_portrait(choices))
    other = record_activity("thompson", "MetaBandit-v0", 2, env_kwargs={"num_arms": 3})
    with pytest.raises(InputError, match="not a task with two actions"):
        read_choices(other, np.zeros((2, 100)))


def test_intervals_and_tests_allow_for_dependence_within_an_episode():
    """Errors that episodes share; a test at 5 % must err in 5 % of 200 data sets."""
    rng = np.random.default_rng(0)
    alarms, covered, naive = 0, 0, 0
    for _ in range(200):
        groups = np.repeat(np.arange(60), 20)
        x = rng.normal(size=60)[groups] + 0.3 * rng.normal(size=1200)
        y = 0.5 * x + rng.normal(size=60)[groups] + rng.normal(size=1200)
        fit = least_squares(np.column_stack([np.ones(1200), x, x**2, x**3]), y, groups)
        alarms += chance_of_none(fit, slice(2, None)) < 0.05
        alone = least_squares(np.column_stack([np.ones(1200), x, x**2, x**3]), y, np.arange(1200))
        naive += chance_of_none(alone, slice(2, None)) < 0.05
        line = least_squares(np.column_stack([np.ones(1200), x]), y, groups)
        covered += abs(line.coefficients[1] - 0.5) < 1.96 * line.errors[1]
    assert happens(alarms, 200, 0.05) and naive > 100
    assert happens(covered, 200, 0.95)


def test_too_few_trials_of_a_kind_are_not_fitted():
    choices, _ = rescorla_wagner(2)
    few = choices._replace(counted=choices.counted & (np.arange(100) < FEWEST // 4))
    lines = portrait_lines(phase_portrait(few))
    assert np.isnan(lines.slopes).all()
    assert lines.counts.max() < FEWEST
    with pytest.raises(InputError, match="needs 40 trials"):
        delta_rule(phase_portrait(few))
