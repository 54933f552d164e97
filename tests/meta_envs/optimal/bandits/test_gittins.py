"""Finite-horizon Gittins indices and the cache that keeps them."""

import numpy as np
import pytest

from meta_envs.optimal.bandits.bernoulli_bandit import solve
from meta_envs.optimal.bandits.gittins import _horizon, horizon_indices, horizon_position
from meta_envs.optimal.numerics import cache


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


def test_a_damaged_or_foreign_cache_file_is_computed_anew(tmp_path, monkeypatch):
    """A cache must not make results wrong, nor run what somebody has put there."""
    pytest.importorskip("platformdirs")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    right = _horizon(9)
    folder = cache.cache_folder()
    folder.mkdir(parents=True)
    path = folder / "bernoulli_horizon_9_v1.npz"
    horizon_indices.cache_clear()
    for damage in ("bytes", "pickle", "shape", "key"):
        if damage == "bytes":
            path.write_bytes(b"PK damaged")
        elif damage == "pickle":
            np.savez(path, index=np.array([object()], dtype=object))
        elif damage == "shape":
            np.savez(path, index=np.zeros(3, np.float32))
        else:
            np.savez(path, other=right)
        horizon_indices.cache_clear()
        np.testing.assert_array_equal(horizon_indices(9), right)
    assert [p.name for p in folder.iterdir()] == [path.name]


def test_a_second_process_reads_what_the_first_has_written(tmp_path, monkeypatch):
    pytest.importorskip("platformdirs")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    solve.cache_clear()
    first = solve(12)
    solve.cache_clear()
    monkeypatch.setattr("meta_envs.optimal.bandits.bernoulli_bandit._solve", lambda horizon: 1 / 0)
    again = solve(12)
    assert again.value == first.value
    np.testing.assert_array_equal(again.choices, first.choices)


def test_a_cache_folder_that_cannot_be_written_does_no_harm(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    solve.cache_clear()
    assert solve(5).value > 0
