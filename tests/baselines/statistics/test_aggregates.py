"""Aggregates against SciPy's, a case worked by hand, and what their intervals cover."""

import numpy as np
import pytest
from scipy.stats import bootstrap, trim_mean

from baselines.common.errors import InputError
from baselines.statistics.aggregates import interquartile_mean, mean, median
from baselines.statistics.bootstrap import Estimate, read_scores, resample

TEN = [9.0, 1, 2, 3, 4, 5, 6, 7, 8, 500]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (interquartile_mean, lambda x, axis: trim_mean(x, 0.25, axis=axis)),
        (mean, np.mean),
        (median, np.mean),  # Of one environment: the median of one mean.
    ],
)
def test_on_one_environment_values_and_intervals_are_scipys(ours, theirs):
    """Up to the noise of 10,000 resamples; a normal interval of these would reach below 0."""
    values = np.random.default_rng(1).gamma(2.0, size=30)
    found = ours({"one": values})
    expected = bootstrap(
        (values,), theirs, method="percentile", n_resamples=10_000, rng=2
    ).confidence_interval
    assert found.value == pytest.approx(theirs(values, axis=0), rel=1e-12)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=0.02)
    assert ours({"one": values}) == found, "the same seed gives the same interval"


def test_the_interquartile_mean_leaves_out_whole_runs_at_either_end():
    """Worked by hand: of 10 the two lowest and highest go, of 5 one, of 3 none; failures are 0."""
    assert interquartile_mean({"a": TEN}).value == np.mean([3, 4, 5, 6, 7, 8])
    assert interquartile_mean({"a": [0, 1, 2, 3, 10]}).value == 2
    assert interquartile_mean({"a": [0, 1, 5]}).value == 2
    # Pooled: 0 (failed), .2, .4, .6, .8, 1, 1, 9 without two at either end.
    scores = {"a": [np.nan, 0.2, 0.4, 0.6], "b": [0.8, 1.0, 1.0, 9.0]}
    assert interquartile_mean(scores).value == pytest.approx((0.4 + 0.6 + 0.8 + 1.0) / 4)


def test_mean_and_median_are_over_environments():
    """Broken if runs were pooled: environment c has more seeds."""
    scores = {"a": [0.0, 0.2], "b": [0.5, 0.7], "c": [1.0] * 6}
    assert mean(scores).value == pytest.approx((0.1 + 0.6 + 1.0) / 3)
    assert median(scores).value == pytest.approx(0.6)


def test_the_bootstrap_draws_within_environments():
    """Broken if runs moved between environments, or if all resamples were alike."""
    scores = read_scores({"a": [1.0, 2.0, 3.0], "b": [10.0, 20.0]})
    first, second = resample(scores, np.random.default_rng(0), 500)
    assert first.shape == (500, 3) and second.shape == (500, 2)
    assert set(np.unique(first)) == {1.0, 2.0, 3.0} and set(np.unique(second)) == {10.0, 20.0}
    assert len(np.unique(np.sort(first, axis=1), axis=0)) == 10  # All that three of three can be.


def test_the_interval_covers_as_often_as_it_should():
    """The truth is 2 by symmetry: 5 environments around 0 to 4, ten seeds with Laplace noise.

    A percentile bootstrap of ten seeds is a little narrow (93 to 94 % here). Of 1,000 samples the
    standard error is .8 %: outside of 90.5 to 97.5 % once in 3,000 runs of a right program at
    most. One that draws over environments too would cover all.
    """
    rng = np.random.default_rng(0)
    inside = 0
    for sample in range(1_000):
        scores = {str(e): e + 0.3 * rng.laplace(size=10) for e in range(5)}
        found = interquartile_mean(scores, seed=sample, resamples=500)
        inside += found.low < 2 < found.high
    assert 905 < inside < 975


def test_one_seed_leaves_no_interval():
    found = interquartile_mean({"a": [0.5], "b": [0.4, 0.6]})
    assert (found.value, found.low, found.high) == (0.5, -np.inf, np.inf)
    assert str(found) == "0.500"
    assert str(Estimate(0.5, 0.25, 0.75)) == "0.500 [0.250, 0.750]"


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ({}, "at least one environment"),
        ({"Env": []}, "Env must be one number a seed"),
        ({"Env": [[0.5]]}, "got shape"),
        ({"Env": [np.inf]}, "Env must be finite"),
    ],
)
def test_what_are_no_scores_is_told(scores, said):
    with pytest.raises(InputError, match=said):
        interquartile_mean(scores)
