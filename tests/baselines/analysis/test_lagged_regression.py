"""Logistic regression against closed forms, and what it says of agents whose rule is known."""

import numpy as np
import pytest

from baselines.analysis.lagged_regression import lagged_regression
from baselines.analysis.logistic import fit_logistic
from baselines.analysis.two_step import KINDS, read_trials
from baselines.evaluation.evaluate import evaluate


def test_one_binary_predictor_gives_the_table_of_four():
    """Log odds ratio and its standard error from the four counts, known since Woolf 1955."""
    counts = {(1, 1): 40, (1, 0): 10, (0, 1): 15, (0, 0): 30}
    rows = np.repeat(list(counts), list(counts.values()), axis=0)
    predictors = np.column_stack([rows[:, 0], np.ones(len(rows))]).astype(float)
    fit = fit_logistic(predictors, rows[:, 1] == 1)
    odds = np.log(15 / 30)
    assert fit.coefficients == pytest.approx([np.log(40 / 10) - odds, odds])
    errors = [sum(1 / n for n in counts.values()), 1 / 15 + 1 / 30]
    assert fit.errors == pytest.approx(np.sqrt(errors))


@pytest.mark.parametrize(
    ("predictors", "outcomes"),
    [
        ([[-2.0], [-1.0], [1.0], [2.0]], [0, 0, 1, 1]),
        ([[0.0], [0.0], [1.0], [1.0], [0.0]], [0, 0, 1, 0, 0]),
        ([[1.0, 2.0], [0.0, 0.0], [1.0, 2.0], [-1.0, -2.0]], [0, 1, 1, 0]),
        ([[1.0, 0.0], [-1.0, 0.0], [1.0, 0.0]], [0, 1, 1]),
    ],
    ids=["certain outcomes", "some certain outcomes", "twice the same", "never seen"],
)
def test_no_finite_fit_is_told(predictors, outcomes):
    """Broken if the number where a search gave up were handed out as a coefficient."""
    predictors = np.array(predictors)
    if len(outcomes) == 5:
        predictors = np.column_stack([predictors, np.ones(5)])
    fit = fit_logistic(predictors, np.array(outcomes) == 1)
    assert np.isnan(fit.coefficients).all()
    assert np.isnan(fit.errors).all()


def test_strong_effects_and_far_predictors_have_their_maximum_found():
    """There the gradient is zero; broken if the logistic function overflowed."""
    rng = np.random.default_rng(0)
    predictors = np.column_stack([rng.standard_t(1.5, size=(3_000, 2)), np.ones(3_000)])
    outcomes = rng.random(3_000) < 1 / (1 + np.exp(-np.clip(predictors @ [4, -6, 2], -500, 500)))
    fit = fit_logistic(predictors, outcomes)
    chances = (1 + np.tanh(predictors @ fit.coefficients / 2)) / 2
    assert predictors.T @ (outcomes - chances) == pytest.approx(0, abs=1e-5)
    assert np.abs((fit.coefficients - [4, -6, 2]) / fit.errors).max() < 5


@pytest.mark.parametrize(
    ("name", "signs", "scale"),
    [("model-based", [1, -1, -1, 1], 0.6), ("model-free", [1, 1, -1, -1], 1.0)],
)
def test_the_two_learners_have_the_coefficients_of_their_rule(name, signs, scale):
    """Rate 0.7, temperature 2: 2 * scale * 0.7 * 0.3^(lag - 1), by the sign of the kind.

    The sum of 21 squared standard scores is above 65 for two seeds in a million, and below 4 for
    as few: errors that are too small or too large are seen, too. What lies further back than
    five trials adds less than 0.002.
    """
    agent = f"two-step-{name},learning_rate=0.7,inverse_temperature=2"
    fit = lagged_regression(read_trials(evaluate(agent, "MetaTwoStepReversal-v0", 400, seed=2)))
    expected = np.outer(signs, 2 * scale * 0.7 * 0.3 ** np.arange(5))
    scores = (fit.coefficients - expected) / fit.errors
    assert 4 < np.square(scores).sum() + (fit.bias / fit.bias_error) ** 2 < 65
    assert fit.coefficients.shape == (len(KINDS), 5)


def test_a_liking_for_one_action_is_the_bias():
    """Broken if the intercept were another column, or for action 1."""

    def mostly_first(observation, state, episode_start, deterministic):
        return (np.random.default_rng(len(seen)).random(len(observation)) < 0.2).astype(int), (
            seen.append(0),
        )

    seen = []
    fit = lagged_regression(read_trials(evaluate(mostly_first, "MetaTwoStep-v0", 2_000)), lags=2)
    assert abs(fit.bias - np.log(0.8 / 0.2)) < 5 * fit.bias_error < 1
    assert np.abs(fit.coefficients / fit.errors).max() < 5


def test_the_optimum_follows_from_the_past_for_certain():
    """As the experiment's table says: there is no finite fit."""
    fit = lagged_regression(read_trials(evaluate("optimal", "MetaTwoStepReversal-v0", 200)))
    assert np.isnan(fit.coefficients).all()


def test_more_lags_than_trials_are_refused():
    trials = read_trials(evaluate("random", "MetaTwoStep-v0", 2))
    for lags in (0, 10):
        with pytest.raises(ValueError, match=r"lags must be in 1\.\.9"):
            lagged_regression(trials, lags)
