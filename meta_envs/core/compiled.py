"""Functions compiled by Numba, and kept on disk. It is imported only where Numba is needed."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import numba
from numba.core import event

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compiles a function, and keeps it on disk where there is somewhere to keep it.

    Sums, products and quotients come out the same on every machine: `fastmath`, which would let
    the compiler reorder or fuse them, stays off. A division by zero gives an infinity, as in
    NumPy.
    """
    result: Any
    config: Any = numba.config
    before = config.CACHE_DIR
    try:
        config.CACHE_DIR = before or str(_cache_folder(function))
        result = numba.njit(error_model="numpy", cache=True)(function)
    except (RuntimeError, OSError):  # Nowhere to write to.
        result = numba.njit(error_model="numpy")(function)
    finally:
        config.CACHE_DIR = before
    return result


def _cache_folder(function: Callable[..., Any]) -> Path:
    """Where a function is kept: elsewhere after a change in any file that it was made from.

    Numba itself looks at the function's own file only, and would go on with the old code of
    those it calls.
    """
    digest = hashlib.sha256()
    for file in sorted(_sources(function, set())):
        digest.update(Path(file).read_bytes())
    return Path(function.__code__.co_filename).parent / "__pycache__" / digest.hexdigest()[:16]


def _sources(function: Any, seen: set[Any]) -> set[str]:
    """The files of a function and of all that it calls: as `name`, or as `module.name`."""
    code, names = function.__code__, function.__globals__
    seen.add(code)
    files = {code.co_filename}
    modules = [names[n] for n in code.co_names if isinstance(names.get(n), ModuleType)]
    for space in (names, *(vars(module) for module in modules)):
        for used in (space.get(name) for name in code.co_names):
            inner = getattr(used, "py_func", None) or getattr(used, "_defn", None)
            # Not by its name: the cells have functions of the same names.
            if inner is not None and inner.__code__ not in seen:
                files |= _sources(inner, seen)
    return files


class _Announcement(event.Listener):
    """Tells once a process that something is being compiled, which takes its time."""

    told = False

    def on_start(self, event: Any) -> None:
        """Says so at the first function that is not on disk."""
        if not self.told:
            print("compiling, once on this machine: about half a minute", file=sys.stderr)
        self.told = True

    def on_end(self, event: Any) -> None:
        """Says nothing."""


_register: Any = event.register
_register("numba:compile", _Announcement())
