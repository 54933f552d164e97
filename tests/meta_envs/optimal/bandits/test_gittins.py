"""Finite-horizon Gittins indices and the cache that keeps them."""

import pytest

from meta_envs.optimal.bandits.gittins import _horizon, horizon_position


def test_with_one_pull_left_the_index_is_the_mean():
    """Nothing is left to be gained from information."""
    index = _horizon(6)
    for n in range(6):
        for s in range(n + 1):
            assert index[horizon_position(5, n, s)] == pytest.approx((s + 1) / (n + 2), abs=1e-3)


def test_with_two_pulls_left_the_index_is_that_of_the_formula():
    """Again only after a success: 2q = p + p p+ + (1 - p) q, hence q = p (1 + p+) / (1 + p)."""
    index = _horizon(8)
    for n in range(7):
        for s in range(n + 1):
            p, up = (s + 1) / (n + 2), (s + 2) / (n + 3)
            assert index[horizon_position(6, n, s)] == pytest.approx(
                p * (1 + up) / (1 + p), abs=1e-3
            )
