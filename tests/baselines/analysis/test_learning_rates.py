"""Fits of Rescorla-Wagner models find what the choices were made with."""

import math
from itertools import product

import numpy as np
import pytest

from baselines.analysis.learning_rates import (
    LARGEST_BETA,
    MODELS,
    compare_models,
    fit,
    read_choices,
)
from baselines.analysis.rescorla_wagner import Choices, likelihood
from baselines.common.errors import InputError
from baselines.evaluation.evaluate import evaluate

RESTLESS = "MetaBanditRestless-v0"


def by_hand(actions, rewards, k, alpha, beta, lapse):
    """The log-likelihood of one episode, in the plainest way."""
    values, total = [0.5] * k, 0.0
    for action, reward in zip(actions, rewards, strict=True):
        weights = [math.exp(beta * value) for value in values]
        total += math.log(lapse + (1 - k * lapse) * weights[action] / sum(weights))
        values[action] += alpha * (reward - values[action])
    return total


@pytest.fixture
def few():
    """Two blocks of three episodes on three arms."""
    rng = np.random.default_rng(0)
    shape = 2, 3, 20
    return Choices(rng.integers(3, size=shape), rng.integers(2, size=shape).astype(float), 3)


PARAMETERS = np.array([[0.3, 4.0, 0.05], [0.8, 1.5, 0.2]])


def test_likelihood_is_that_of_the_rule(few):
    """Broken if values ran on into the next episode, or blocks shared parameters."""
    expected = [
        sum(by_hand(a, r, 3, *p) for a, r in zip(actions, rewards, strict=True))
        for actions, rewards, p in zip(few.actions, few.rewards, PARAMETERS, strict=True)
    ]
    assert likelihood(few, PARAMETERS).value == pytest.approx(expected)


def test_gradient_is_that_of_the_likelihood(few):
    """Against differences; broken if one of the three slopes were wrong."""
    for index in range(3):
        moved = np.zeros(3)
        moved[index] = 1e-6
        up, down = (likelihood(few, PARAMETERS + sign * moved).value for sign in (1, -1))
        slope = likelihood(few, PARAMETERS).gradient[:, index]
        assert slope == pytest.approx((up - down) / 2e-6, rel=1e-5)


def best_of_grid(choices, alphas, betas, lapses):
    """The highest log-likelihood of each block over all combinations, all computed at once."""
    points = np.array(list(product(alphas, betas, lapses)))
    blocks = len(choices.actions)
    actions, rewards = (np.repeat(a, len(points), 0) for a in (choices.actions, choices.rewards))
    every = Choices(actions, rewards, choices.num_actions)
    return likelihood(every, np.tile(points, (blocks, 1))).value.reshape(blocks, -1).max(axis=1)


def test_no_point_of_a_grid_is_better_than_the_fit(few):
    """Broken if the search stopped early or on a side hill."""
    betas = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 50.0, 100.0)
    grid = best_of_grid(few, np.linspace(0, 1, 11), betas, np.linspace(0, 1 / 3, 5))
    assert (grid <= fit(few).log_likelihood + 1e-6).all()


@pytest.mark.parametrize("agent", ["random", "rescorla-wagner,alpha=0.05,beta=3,lapse=0.2"])
def test_high_hills_are_climbed(agent):
    """Fits to one episode each. A single start is worse than the grid here by up to 1.4 and 4.6."""
    choices = read_choices(evaluate(agent, RESTLESS, 60, seed=3), block=1)
    result = fit(choices)
    found = result.log_likelihood
    parameters = np.transpose([result.alpha, result.beta, result.lapse])
    assert found == pytest.approx(likelihood(choices, parameters).value)
    betas, lapses = (0.5, 2.0, 8.0, 30.0, 100.0), (0.0, 0.2, 0.4)
    grid = best_of_grid(choices, np.linspace(0, 1, 11), betas, lapses)
    assert (grid <= found + 0.5).all()


def test_one_more_parameter_is_never_worse():
    """Broken if a lapse that stands at zero held the others up."""
    evaluation = evaluate("rescorla-wagner,alpha=0.7,beta=3", RESTLESS, 100, seed=3)
    fits = {m: f.log_likelihood for m, f in compare_models(read_choices(evaluation, 5)).items()}
    for less, more in (("b", "ab"), ("b", "be"), ("ab", "abe"), ("be", "abe")):
        assert (fits[more] >= fits[less] - 1e-4).all()


@pytest.mark.parametrize(
    ("alpha", "beta", "lapse"), [(0.3, 5.0, 0.05), (0.7, 3.0, 0.1), (0.1, 8.0, 0.02)]
)
def test_parameters_of_a_known_agent_are_found_again(alpha, beta, lapse):
    """Within five standard errors, by the information at the truth; these are small besides."""
    agent = f"rescorla-wagner,alpha={alpha},beta={beta},lapse={lapse}"
    choices = read_choices(evaluate(agent, RESTLESS, 300, seed=1), block=None)
    truth = np.array([[alpha, beta, lapse]])
    errors = np.sqrt(np.diag(np.linalg.inv(likelihood(choices, truth).information[0])))
    found = fit(choices)
    scores = (np.array([found.alpha, found.beta, found.lapse]).T - truth) / errors
    assert np.abs(scores).max() < 5
    assert errors[0] < 0.02 and errors[1] < 0.5 and errors[2] < 0.02


def test_more_arms_do_as_well():
    agent = "rescorla-wagner,alpha=0.4,beta=6,lapse=0.02"
    evaluation = evaluate(agent, "MetaBandit-v0", 200, env_kwargs={"num_arms": 4})
    found = fit(read_choices(evaluation, None))
    assert found.alpha[0] == pytest.approx(0.4, abs=0.05)
    assert found.lapse[0] == pytest.approx(0.02, abs=0.01)


def test_bic_tells_a_fixed_rate_from_another_one():
    """As in Wang et al. 2016, Fig. 4c and d: a free rate pays only where the rate is not 0.5."""
    for alpha, better in ((0.5, "b"), (0.15, "ab")):
        evaluation = evaluate(f"rescorla-wagner,alpha={alpha},beta=5", RESTLESS, 60, seed=2)
        totals = {m: f.bic.sum() for m, f in compare_models(read_choices(evaluation)).items()}
        assert min(totals, key=totals.get) == better
    assert set(totals) == set(MODELS)


def test_bic_is_penalty_minus_twice_the_likelihood(few):
    for model, free in (("b", 1), ("ab", 2), ("be", 2), ("abe", 3)):
        found = fit(few, model)
        assert found.bic == pytest.approx(free * math.log(60) - 2 * found.log_likelihood)
    fixed = fit(few, "b", {"alpha": 0.2, "lapse": 0.1})
    assert (fixed.alpha == 0.2).all() and (fixed.lapse == 0.1).all()


def test_who_adapts_has_another_rate_where_things_change_fast():
    """Wang et al. 2016, Fig. 4e and f: the optimum does, a fixed rule does not."""
    rates = {}
    for agent in ("optimal", "rescorla-wagner,alpha=0.5,beta=10"):
        for kind in ("low", "high"):
            evaluation = evaluate(agent, RESTLESS, 60, env_kwargs={"volatility": kind})
            rates[agent[:2], kind] = fit(read_choices(evaluation), "ab").alpha.mean()
    assert rates["op", "high"] > rates["op", "low"] + 0.2
    assert rates["re", "high"] == pytest.approx(0.5, abs=0.05)
    assert rates["re", "low"] == pytest.approx(0.5, abs=0.05)


def test_choices_that_are_certain_end_at_the_bounds():
    """Win-stay lose-shift is a rate of 1 and no end of beta; no warning, no nan."""
    evaluation = evaluate("win-stay-lose-shift", RESTLESS, 20)
    found = fit(read_choices(evaluation))
    assert (found.alpha > 0.99).all()
    assert (found.beta <= LARGEST_BETA).all() and np.isfinite(found.log_likelihood).all()


def test_blocks_are_whole_and_in_order():
    evaluation = evaluate("random", RESTLESS, 25)
    choices = read_choices(evaluation)
    assert choices.actions.shape == (2, 10, 100)
    np.testing.assert_array_equal(choices.actions[1, 3], evaluation.actions[13])
    np.testing.assert_array_equal(choices.rewards[1, 3], evaluation.rewards[13])
    assert len(read_choices(evaluation, 1).actions) == 25


def test_bad_input_is_named(few):
    evaluation = evaluate("random", "CartPole-v1", 4)
    with pytest.raises(InputError, match="different lengths"):
        read_choices(evaluation, 2)
    for block in (0, 5):
        with pytest.raises(InputError, match=r"block must be in 1\.\.4"):
            read_choices(evaluation, block)
    with pytest.raises(InputError, match="no model 'c'"):
        fit(few, "c")
    with pytest.raises(InputError, match="fixed must give lapse for model ab"):
        fit(few, "ab", {"alpha": 0.5})
