"""Keeping what takes seconds to compute on disk, without ever running what is read back."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]


def cache_folder() -> Path:
    """Where arrays are kept: `meta_envs` in the user's cache folder."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "meta_envs"


def cached(name: str, shapes: dict[str, tuple[int, ...]], compute: Callable[[], Arrays]) -> Arrays:
    """Arrays by name, from disk if they are there and whole, else computed and written.

    Args:
        name: Of the file, without its ending; it must tell apart all that differs.
        shapes: Of the arrays; a file with others is not what it says and is written anew.
        compute: Computes the arrays.

    Returns:
        What `compute` returns. A folder that cannot be written costs only time.
    """
    path = cache_folder() / f"{name}.npz"
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
        # Written beside its place under a name of its own, so that two processes do not mix.
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as file:
            partial = Path(file.name)
        try:
            np.savez(partial, **arrays)  # type: ignore[arg-type]
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError:
        pass
    return arrays
