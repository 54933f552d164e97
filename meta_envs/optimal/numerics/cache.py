"""Keeping what takes seconds to compute on disk, without ever trusting what is read back.

Beside its arrays a file holds a hash of them and of its name. One that is damaged, cut short, of
another name or changed is computed and written anew. Nothing that is read is ever run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.files import replacing

Arrays = dict[str, NDArray[Any]]
HASH = "sha256"
"""Name of the hash among the arrays of a file."""


def cache_folder() -> Path | None:
    """Where arrays are kept, in the user's cache folder; None where platformdirs is missing."""
    try:
        from platformdirs import user_cache_path
    except ImportError:
        return None
    return user_cache_path("meta_envs", appauthor=False)


def cached(name: str, shapes: dict[str, tuple[int, ...]], compute: Callable[[], Arrays]) -> Arrays:
    """Arrays by name, from disk if they are there and whole, else computed and written.

    Args:
        name: Of the file, without its ending; it must tell apart all that differs.
        shapes: Of the arrays; a file with others is of another version and is written anew.
        compute: Computes the arrays.

    Returns:
        What `compute` returns. A folder that is not known, or cannot be written, costs only time.
    """
    folder = cache_folder()
    if folder is None:
        return compute()
    path = folder / f"{name}.npz"
    arrays = _read(path)
    if arrays is not None and {key: array.shape for key, array in arrays.items()} == shapes:
        return arrays
    arrays = {key: np.asarray(array) for key, array in compute().items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as partial:
            np.savez(partial, **arrays, **{HASH: _hash(path.stem, arrays)})  # type: ignore[arg-type]
    except OSError:
        pass
    return arrays


def _read(path: Path) -> Arrays | None:
    """The arrays of a file, None if there is none or it is not as it was written."""
    try:
        if not path.is_file():
            return None
        # Opened here, as NumPy forgets to close a damaged file.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        known = arrays.pop(HASH)
        return arrays if np.array_equal(known, _hash(path.stem, arrays)) else None
    except Exception:  # Whatever a damaged file may bring about in zipfile, zlib or NumPy.
        return None


def _hash(name: str, arrays: Arrays) -> NDArray[np.uint8]:
    """Of a file's name, and of its arrays with their names, types and shapes."""
    digest = hashlib.sha256(name.encode())
    for key, array in sorted(arrays.items()):
        digest.update(repr((key, array.dtype.str, array.shape)).encode())
        digest.update(np.ascontiguousarray(array).data)
    return np.frombuffer(digest.digest(), np.uint8)
