"""Learning curves add up steps by trial, and episodes by mean."""

import numpy as np
import pytest

from baselines.analysis import curves
from baselines.analysis.curves import regret_curve, reward_curve
from baselines.common.errors import InputError
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.result import confidence_interval


def test_where_a_step_is_a_trial_the_curve_is_the_mean():
    evaluation = evaluate("thompson", "MetaBandit-v0", 40)
    for curve, values in (
        (reward_curve(evaluation), evaluation.rewards),
        (regret_curve(evaluation), evaluation.regret),
    ):
        assert curve.mean == pytest.approx(values.mean(axis=0))
        expected = np.transpose([confidence_interval(column) for column in values.T])
        assert np.array([curve.low, curve.high]) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("env_id", "trials"),
    [("MetaTwoStepReversal-v0", 100), ("MetaGridworld-v0", 4), ("MetaTabularMDP-v0", 10)],
)
def test_steps_of_a_trial_are_summed(env_id, trials):
    """Broken if a trial's reward were averaged over its steps, or a border were off by one."""
    evaluation = evaluate("random", env_id, 30, seed=1)
    by_trial = evaluation.rewards.reshape(30, trials, -1).sum(axis=2)
    curve = reward_curve(evaluation)
    assert curve.mean == pytest.approx(by_trial.mean(axis=0))
    assert curve.high - curve.mean == pytest.approx(
        1.96 * by_trial.std(axis=0, ddof=1) / np.sqrt(30)
    )
    assert regret_curve(evaluation).mean.sum() == pytest.approx(evaluation.mean_regret)


def test_trials_that_some_episodes_do_not_reach_are_means_of_the_others(monkeypatch):
    """No environment here has trials of different lengths yet; one to come might."""
    evaluation = evaluate("random", "MetaBandit-v0", 3, seed=1, env_kwargs={"num_trials": 4})
    trials = np.array([[0, 1, 2, 3], [0, 0, 1, 2], [0, 0, 0, 1]])
    monkeypatch.setattr(curves, "replay", lambda *_: trials)
    (a, b, c), curve = evaluation.rewards, reward_curve(evaluation)
    expected = [[a[0], b[:2].sum(), c[:3].sum()], [a[1], b[2], c[3]], [a[2], b[3]], [a[3]]]
    assert curve.mean == pytest.approx([np.mean(values) for values in expected])
    half = [1.96 * np.std(v, ddof=1) / len(v) ** 0.5 for v in expected[:-1]]
    assert curve.high - curve.mean == pytest.approx([*half, np.inf])


def test_one_episode_says_nothing_about_the_spread():
    curve = reward_curve(evaluate("random", "MetaTwoStep-v0", 1))
    assert np.isinf(curve.high).all() and np.isinf(curve.low).all()


def test_environments_without_trials_or_regret_are_refused():
    evaluation = evaluate("random", "CartPole-v1", 2)
    with pytest.raises(InputError, match="does not report regret"):
        regret_curve(evaluation)
    with pytest.raises(InputError, match="CartPole-v1 has no trials"):
        reward_curve(evaluation)
