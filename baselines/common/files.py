"""Writing files and folders that a user has named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from baselines.common.errors import InputError
from meta_envs.core.files import replacing

__all__ = ["output_folder", "replacing", "write_text"]


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
            f"{path} cannot be written ({error.strerror}): choose another `out=`"
        ) from error
