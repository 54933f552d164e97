"""Learning rates are found again in choices made with known ones."""

import numpy as np
import pytest

from baselines.analysis.cued_learning_rates import (
    CuedChoices,
    estimated_volatility,
    learned_chances,
    learning_rates,
    read_cued_choices,
)
from baselines.common.errors import InputError
from baselines.evaluation.evaluate import evaluate

ENV_ID = "MetaVolatility-v0"


def choices_of(agent, episodes=200, **kwargs):
    return read_cued_choices(evaluate(agent, ENV_ID, episodes, seed=5, env_kwargs=kwargs))


@pytest.mark.parametrize("alpha", [0.1, 0.5])
@pytest.mark.parametrize("schedule", ["low-first", "high-first"])
def test_a_fixed_rate_is_found_in_every_half(alpha, schedule):
    """Within 5 % in each half; a single window within half to twice the rate."""
    agent = f"cued-rescorla-wagner,alpha={alpha},beta=15"
    found = learning_rates(choices_of(agent, schedule=schedule))
    assert found.alpha.shape == found.beta.shape == (191,)
    assert found.first == pytest.approx(alpha, rel=0.05)
    assert found.second == pytest.approx(alpha, rel=0.05)
    assert np.median(found.beta) == pytest.approx(15, rel=0.1)
    assert (found.alpha > alpha / 2).all() and (found.alpha < 2 * alpha).all()


def mixed(rates, episodes, beta=15.0, seed=0):
    """Choices of a learner whose rate in each half of 60 trials is another one, on a fair coin."""
    rng = np.random.default_rng(seed)
    first_paid = rng.random((episodes, 60)) < 0.5
    magnitudes = rng.beta(4, 4, (episodes, 60, 2))
    before = [learned_chances(first_paid, rate) for rate in rates]
    p = np.hstack([before[0][:, :30], before[1][:, 30:]])
    gain = p * magnitudes[..., 0] - (1 - p) * magnitudes[..., 1]
    actions = (rng.random((episodes, 60)) > 1 / (1 + np.exp(-beta * gain))).astype(np.int64)
    return CuedChoices(actions, first_paid, magnitudes)


def test_a_rate_that_differs_between_halves_is_told_apart():
    """Broken if a window took in trials of another one, or halves were mixed up."""
    found = learning_rates(mixed((0.15, 0.6), 400))
    assert found.first == pytest.approx(0.15, rel=0.07)
    assert found.second == pytest.approx(0.6, rel=0.07)
    assert found.alpha[:21].max() < 0.3 < found.alpha[30:].min()


def test_an_interval_has_the_true_rate_as_often_as_it_says():
    """Of 40 studies two are expected to miss; 8 or more would in one of a thousand cases."""
    missed = 0
    for seed in range(20):
        found = learning_rates(mixed((0.3, 0.3), 60, seed=seed))
        missed += abs(found.first - 0.3) > found.first_half
        missed += abs(found.second - 0.3) > found.second_half
    assert missed < 8


def test_the_optimum_learns_faster_where_it_is_volatile():
    """Broken if schedules, halves or outcomes were taken for others."""
    for schedule, sign in (("low-first", 1), ("high-first", -1)):
        choices = choices_of("optimal", schedule=schedule)
        found = learning_rates(choices)
        difference = sign * (found.second - found.first)
        assert difference > 2 * (found.first_half + found.second_half)
        volatility = estimated_volatility(choices.first_paid)
        halves = volatility[:, 20:100].mean(), volatility[:, 120:].mean()
        assert sign * (halves[1] - halves[0]) > 0.02


def test_what_was_on_offer_is_what_paid():
    """Broken if offers were those of the trial before or after."""
    evaluation = evaluate("random", ENV_ID, 30, seed=2)
    choices = read_cued_choices(evaluation)
    offered = np.take_along_axis(choices.magnitudes, choices.actions[..., None], axis=2)[..., 0]
    paid = (choices.actions == 0) == choices.first_paid
    np.testing.assert_allclose(evaluation.rewards, offered * paid, rtol=1e-6)


def test_what_cannot_be_fitted_is_refused():
    choices = choices_of("random", 20, num_trials=20)
    with pytest.raises(InputError, match=r"^window must be in 1\.\.10 trials, got 11"):
        learning_rates(choices, window=11)
    few = CuedChoices(*(part[:19] for part in choices))
    with pytest.raises(InputError, match=r"^learning rates need at least 20 episodes, got 19"):
        learning_rates(few)
    with pytest.raises(InputError, match="not the volatility task"):
        read_cued_choices(evaluate("random", "MetaBandit-v0", 2))
