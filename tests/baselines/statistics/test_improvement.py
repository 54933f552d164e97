"""The probability of improvement, by hand and against Mann and Whitney's U."""

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from baselines.common.errors import InputError
from baselines.statistics.improvement import probability_of_improvement


def test_it_is_mann_and_whitneys_share_averaged_over_environments():
    """With ties, which count half, and more seeds in one environment than in the other."""
    rng = np.random.default_rng(0)
    first = {"a": rng.integers(6, size=9) / 5, "b": rng.normal(size=4)}
    second = {"b": rng.normal(size=7), "a": rng.integers(6, size=11) / 5}
    shares = [
        mannwhitneyu(first[e], second[e]).statistic / (len(first[e]) * len(second[e]))
        for e in ("a", "b")
    ]
    found = probability_of_improvement(first, second)
    assert found.value == pytest.approx(np.mean(shares), rel=1e-12)
    assert found.low < found.value < found.high
    assert probability_of_improvement(second, first).value == pytest.approx(1 - found.value)


def test_by_hand():
    """3 beats 2 and ties with 3, 1 loses twice: 1.5 of 4. A failed run loses to any above 0."""
    assert probability_of_improvement({"a": [1, 3]}, {"a": [2, 3]}).value == 0.375
    assert probability_of_improvement({"a": [np.nan, 1]}, {"a": [0.5, 0.5]}).value == 0.5
    sure = probability_of_improvement({"a": [0.9, 0.8]}, {"a": [0.1, 0.2, 0.3]})
    assert sure == (1.0, 1.0, 1.0)


def test_the_interval_covers_as_often_as_it_should():
    """Two agents alike, so the truth is one half; 10 seeds of each in 3 environments.

    Of 500 samples the standard error is 1 %: outside of 89.5 to 98.5 % by chance less than once in
    1,000 runs.
    """
    rng = np.random.default_rng(3)
    inside = 0
    for sample in range(500):
        agents = [{str(e): rng.normal(size=10) for e in range(3)} for _ in range(2)]
        found = probability_of_improvement(*agents, seed=sample, resamples=500)
        inside += found.low < 0.5 < found.high
    assert 447 < inside < 493


def test_other_environments_are_refused():
    with pytest.raises(InputError, match="got b, c of one only"):
        probability_of_improvement({"a": [1], "b": [1]}, {"a": [1], "c": [1]})
