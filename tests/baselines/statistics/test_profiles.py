"""Performance profiles, by hand and against the binomial distribution."""

import numpy as np
import pytest
from scipy.stats import binom

from baselines.common.errors import InputError
from baselines.statistics.profiles import performance_profile


def test_a_profile_is_the_share_of_runs_above():
    """Worked by hand; a run at the threshold is not above it, and one that failed is at 0."""
    scores = {"a": [0.5, 1.0], "b": [np.nan, 0.25]}
    found = performance_profile(scores, [-0.1, 0.0, 0.25, 0.9, 1.0])
    assert found.share.tolist() == [1.0, 0.75, 0.5, 0.25, 0.0]
    assert ((found.low <= found.share) & (found.share <= found.high)).all()


def test_the_band_is_that_of_the_binomial_distribution():
    """Of one environment with 40 runs, 10 of them above: the quantiles are known exactly."""
    scores = {"a": [1.0] * 10 + [0.0] * 30}
    found = performance_profile(scores, [0.5])
    low, high = (binom(40, 0.25).ppf(q) / 40 for q in (0.025, 0.975))
    assert (found.low[0], found.high[0]) == (low, high)


def test_environments_that_differ_are_no_uncertainty():
    """All runs of each environment are alike: an unstratified bootstrap would have a wide band."""
    found = performance_profile({"a": [1.0] * 10, "b": [0.0] * 10}, [0.5])
    assert found.low == found.share == found.high == 0.5


@pytest.mark.parametrize("thresholds", [[], [np.nan], 0.5])
def test_thresholds_must_be_numbers(thresholds):
    with pytest.raises(InputError, match="`thresholds` must be finite"):
        performance_profile({"a": [0.5]}, thresholds)
