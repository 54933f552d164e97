"""Writing files so that they are whole or absent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from baselines.common.errors import InputError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yields a path to write to beside `path`, and moves what is there to `path` at the end.

    If anything goes wrong on the way, `path` is as it was and nothing is left beside it.
    """
    partial = path.with_name(f".{path.name}.partial{path.suffix}")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Writes a text file, whole or not at all."""
    with replacing(path) as partial:
        partial.write_text(text)


@contextmanager
def output_folder(path: Path) -> Iterator[None]:
    """Makes a folder that the user has named, for what is written inside the `with` block.

    Raises:
        InputError: If it cannot be made, or something in it cannot be written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise InputError(
            f"{path} cannot be written ({error.strerror}): choose another --out"
        ) from error
