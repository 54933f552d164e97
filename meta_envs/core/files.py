"""Writing files so that they are whole or absent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PARTIAL = ".{name}.{process}.partial{suffix}"
"""Name of a file that is being written; what a process that was killed leaves matches
`.*.partial*`."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yields a path to write to beside `path`, and moves what is there to `path` at the end.

    If anything goes wrong on the way, `path` is as it was and nothing is left beside it. Two
    processes that write the same file do not mix.
    """
    name = PARTIAL.format(name=path.name, process=os.getpid(), suffix=path.suffix)
    partial = path.with_name(name)
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
