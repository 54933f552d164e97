"""Intervals against SciPy's, and what they cover."""

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from baselines.common.intervals import Z95, confidence_interval, wilson_interval


def test_the_interval_of_shares_is_scipys():
    """Broken if it left [0, 1], or were the plain normal one: 0 of 5 would have no width."""
    hits, counts = np.array([0, 3, 50, 7]), np.array([5, 3, 100, 19])
    low, high = wilson_interval(hits / counts, counts)
    for k, n, lower, upper in zip(hits, counts, low, high, strict=True):
        theirs = binomtest(int(k), int(n)).proportion_ci(method="wilson")
        assert (lower, upper) == pytest.approx((theirs.low, theirs.high), abs=1e-5)
    assert low[0] == 0 and high[1] == 1


def test_the_interval_of_a_mean_covers_it_as_often_as_it_says():
    """Of 4,000 samples of 200: 95 % give or take 5 standard errors, a false alarm in a million."""
    assert norm.ppf(0.975) == pytest.approx(Z95, abs=1e-3)
    samples = np.random.default_rng(0).exponential(size=(4_000, 200))
    inside = np.mean([low < 1 < high for low, high in map(confidence_interval, samples)])
    # The exponential's skew costs about half a per cent at this size.
    assert abs(inside - 0.945) < 5 * (0.95 * 0.05 / 4_000) ** 0.5
    assert confidence_interval(np.array([3.0])) == (-np.inf, np.inf)
