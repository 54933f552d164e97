"""Writing files and folders that a user has named; files that notice when they were damaged.

What is to be read again carries a seal: the SHA-256 of the whole file, with zeros where the seal
itself stands. Every file has it in a place of its own: JSON as "checksum", safetensors in the
header's JSON, a zip as its comment.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.common.errors import InputError, one_line
from meta_envs.core.files import replacing

__all__ = ["output_folder", "replacing"]

UNSEALED = "sha256:" + 64 * "0"
"""What a file holds in the place of its seal before it is sealed."""
SEAL = re.compile(rb"sha256:[0-9a-f]{64}")
MOST_NESTED = 30
"""How deep JSON may be nested; ours is a few levels deep."""
CHECKSUM = "checksum"
"""The entry of a JSON file that holds its seal."""


def seal(content: bytes) -> bytes:
    """What is to be written, with the seal in the place of the first `UNSEALED`."""
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    return content.replace(UNSEALED.encode(), digest.encode(), 1)


def is_sealed(content: bytes) -> bool:
    """Whether a file's content bears a seal and is what was sealed."""
    found = SEAL.search(content)
    return found is not None and seal(SEAL.sub(UNSEALED.encode(), content, 1)) == content


def digest_of(arrays: Mapping[str, NDArray[Any]]) -> str:
    """The SHA-256 of some arrays and their names: the same if, and only if, all bits are."""
    digest = hashlib.sha256()
    for name, array in arrays.items():
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def write_text(path: Path, text: str) -> None:
    """Writes a text file, whole or not at all."""
    with replacing(path) as partial:
        partial.write_text(text)


def write_json(path: Path, values: dict[str, Any], indent: int | None = None) -> None:
    """Writes a JSON file with its seal, whole or not at all."""
    text = json.dumps({CHECKSUM: UNSEALED} | values, indent=indent)
    with replacing(path) as partial:
        partial.write_bytes(seal(text.encode()))


def read_json(path: Path) -> dict[str, Any]:
    """Reads what `write_json` wrote, or somebody by hand, without a checksum.

    Returns:
        The values, the checksum left out.

    Raises:
        InputError: If the file cannot be read, holds no JSON object, or does not match its
            checksum.
    """
    try:
        content = path.read_bytes()
        values = parse_json(content)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise InputError(f"{path} cannot be read: {one_line(error)}") from error
    if CHECKSUM in values and not is_sealed(content):
        raise InputError(
            f"{path} is not as it was written, as its checksum tells: undo the change, or take the "
            f'line "{CHECKSUM}" out to use it as it is'
        )
    return {name: value for name, value in values.items() if name != CHECKSUM}


def parse_json(text: str | bytes) -> dict[str, Any]:
    """Reads a JSON object.

    Raises:
        ValueError: If the text is none, whatever it is; the message is one line.
    """
    try:
        values = json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(values, dict):
        raise ValueError(f"it is no JSON object, but a {type(values).__name__}")
    level: list[Any] = [values]
    for _ in range(MOST_NESTED):
        inner = [one.values() if isinstance(one, dict) else one for one in level]
        level = [part for one in inner for part in one if isinstance(part, dict | list)]
    if level:
        raise ValueError("it is nested too deeply")
    return values


def safetensors_header(content: bytes) -> dict[str, Any]:
    """The texts in a safetensors file's header, by name, which its readers of bytes leave out.

    Raises:
        ValueError: If the content has no such header.
    """
    length = int.from_bytes(content[:8], "little")
    texts = parse_json(content[8 : 8 + length]).get("__metadata__")
    if not isinstance(texts, dict):
        raise ValueError("its header says nothing")
    return texts


def write_results(path: Path, value: Any) -> None:
    """Writes results as JSON, whole or not at all; without a seal, as others read them."""
    write_text(path, json_text(value, indent=2))


def json_text(value: Any, indent: int | None = None) -> str:
    """Results as JSON; a number that is none or infinite, which JSON cannot say, is null."""
    return json.dumps(_finite(value), indent=indent, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@contextmanager
def output_folder(path: Path) -> Iterator[None]:
    """Makes a folder that the user has named, for what is written inside the `with` block.

    Raises:
        InputError: If it cannot be made, or something in it cannot be written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        yield
    except BrokenPipeError:  # The output's, not the folder's.
        raise
    except OSError as error:
        raise InputError(
            f"{path} cannot be written ({error.strerror}): choose another `out=`"
        ) from error
