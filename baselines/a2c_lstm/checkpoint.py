"""Checkpoints of the A2C-LSTM: one safetensors file, its metadata as JSON in the header."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from baselines.common.errors import InputError
from baselines.common.files import replacing

FORMAT = "meta-envs a2c-lstm 3"
OLD_FORMAT = "meta-envs a2c-lstm 2"
"""Differs in two names: what is "cell" in the network was "lstm", and the header's entry."""
ENTRY, OLD_ENTRY = "meta_envs", "facts"
"""Of the header, under which the metadata stands."""
SUFFIX = ".safetensors"
HEADS = "network.heads.weight"
"""What every checkpoint has."""


class Checkpoint(NamedTuple):
    """What is read from a file.

    Attributes:
        path: The file.
        metadata: Settings, environment and counters.
        tensors: By name.
    """

    path: Path
    metadata: dict[str, Any]
    tensors: dict[str, Tensor]

    @property
    def weights(self) -> dict[str, Tensor]:
        """The network's weights, by name."""
        prefix = "network."
        return {n[len(prefix) :]: v for n, v in self.tensors.items() if n.startswith(prefix)}


def write_checkpoint(path: Path, tensors: dict[str, Tensor], metadata: dict[str, Any]) -> None:
    """Writes a checkpoint, whole or not at all.

    Args:
        path: Where to.
        tensors: By name.
        metadata: Everything else, JSON-able.
    """
    # One entry alone, as the order of several is not kept: equal agents make equal files.
    header = {ENTRY: json.dumps({"format": FORMAT} | metadata)}
    with replacing(path) as partial:
        # Written by Python, whose errors say what was wrong: a full disk, say.
        partial.write_bytes(save({name: t.contiguous() for name, t in tensors.items()}, header))


def read_checkpoint(path: Path) -> Checkpoint:
    """Reads a checkpoint. Nothing in it is run.

    Raises:
        InputError: If the file is no checkpoint of the A2C-LSTM.
    """
    try:
        with safe_open(path, "pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise InputError(f"{path} cannot be read as a checkpoint of the A2C-LSTM") from error
    try:
        metadata: dict[str, Any] = json.loads(header.get(ENTRY) or header[OLD_ENTRY])
        known = metadata["format"] in (FORMAT, OLD_FORMAT) and HEADS in tensors
    except (KeyError, ValueError, TypeError):
        known = False
    if not known:
        raise InputError(f"{path} is no checkpoint of the A2C-LSTM")
    old, new = "network.lstm.", "network.cell."
    renamed = {n.replace(old, new) if n.startswith(old) else n: t for n, t in tensors.items()}
    return Checkpoint(path, metadata, renamed)
