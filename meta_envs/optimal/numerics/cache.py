"""Keeping what takes seconds to compute on disk, without ever running what is read back."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.files import replacing

Arrays = dict[str, NDArray[Any]]


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
        shapes: Of the arrays; a file with others is not what it says and is written anew.
        compute: Computes the arrays.

    Returns:
        What `compute` returns. A folder that is not known, or cannot be written, costs only time.
    """
    folder = cache_folder()
    if folder is None:
        return compute()
    path = folder / f"{name}.npz"
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
            if {key: array.shape for key, array in arrays.items()} == shapes:
                return arrays
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        pass
    arrays = compute()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as partial:
            np.savez(partial, **arrays)  # type: ignore[arg-type]
    except OSError:
        pass
    return arrays
