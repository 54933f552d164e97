"""What is kept on disk of an optimum: read back where it is as it was written, and only then."""

import os

import numpy as np
import pytest

from meta_envs.optimal.bandits.bernoulli_bandit import solve
from meta_envs.optimal.bandits.gittins import _horizon, horizon_indices
from meta_envs.optimal.numerics import cache

NAME = "bernoulli_horizon_9_v1"


@pytest.fixture
def path(tmp_path, monkeypatch):
    """Where `horizon_indices(9)` is kept."""
    pytest.importorskip("platformdirs")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = cache.cache_folder()
    folder.mkdir(parents=True)
    return folder / f"{NAME}.npz"


def with_arrays(path, **arrays):
    """Puts arrays in the place of those of a file, under the old hash."""
    with np.load(path) as file:
        kept = dict(file)
    np.savez(path, **(kept | arrays))


def other_name(path):
    """A whole file, but of another horizon."""
    horizon_indices.cache_clear()
    horizon_indices(8)
    os.replace(path.with_name("bernoulli_horizon_8_v1.npz"), path)


def flipped(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def huge(path):
    """A header that promises more than any memory holds."""
    data = path.read_bytes()
    assert b"(165,)" in data
    path.write_bytes(data.replace(b"(165,)", b"(9**9,"[:5] + b")"))


right = _horizon(9)
DAMAGES = {
    "empty": lambda path: path.write_bytes(b""),
    "bytes": lambda path: path.write_bytes(b"PK damaged"),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "a bit": flipped,
    "header": huge,
    "pickle": lambda path: np.savez(path, index=np.array([object()], dtype=object)),
    "one array": lambda path: path.write_bytes(np.zeros(3).tobytes()),
    "no hash": lambda path: np.savez(path, index=right),
    "values": lambda path: with_arrays(path, index=right + 1),
    "not a number": lambda path: with_arrays(path, index=np.full_like(right, np.nan)),
    "type": lambda path: with_arrays(path, index=right.astype(np.float64)),
    "shape": lambda path: with_arrays(path, index=right[:3]),
    "one more": lambda path: with_arrays(path, other=right),
    "hash": lambda path: with_arrays(path, sha256=np.zeros(32, np.uint8)),
    "name": other_name,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_that_is_not_as_it_was_written_is_replaced(path, damage):
    """A cache must not make results wrong, nor stop anybody, nor run what somebody put there."""
    horizon_indices.cache_clear()
    horizon_indices(9)
    whole = path.read_bytes()
    DAMAGES[damage](path)
    assert path.read_bytes() != whole
    horizon_indices.cache_clear()
    np.testing.assert_array_equal(horizon_indices(9), right)
    assert path.read_bytes() == whole
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_arrays_of_other_shapes_are_computed_anew(path):
    """What an older version has written under the same name is no error."""
    assert cache.cached(NAME, {"index": (2,)}, lambda: {"index": np.zeros(2)})["index"].sum() == 0
    horizon_indices.cache_clear()
    np.testing.assert_array_equal(horizon_indices(9), right)


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_is_left_alone(path, kind):
    """Broken if a pipe is opened: nobody ever writes to it."""
    path.mkdir() if kind == "folder" else os.mkfifo(path)
    horizon_indices.cache_clear()
    np.testing.assert_array_equal(horizon_indices(9), right)


def test_a_second_process_reads_what_the_first_has_written(path, monkeypatch):
    solve.cache_clear()
    first = solve(12)
    solve.cache_clear()
    monkeypatch.setattr("meta_envs.optimal.bandits.bernoulli_bandit._solve", lambda horizon: 1 / 0)
    again = solve(12)
    assert again.value == first.value
    np.testing.assert_array_equal(again.advantages, first.advantages)


def test_a_cache_folder_that_cannot_be_written_does_no_harm(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    solve.cache_clear()
    assert solve(5).value > 0
