"""Checkpoints of the A2C-LSTM: one safetensors file, its metadata as JSON in the header."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

import meta_envs
from baselines.a2c_lstm.config import A2CLSTMConfig, upgraded
from baselines.common.agent import Origin
from baselines.common.errors import InputError, check_counts
from baselines.common.files import (
    CHECKSUM,
    UNSEALED,
    is_sealed,
    parse_json,
    replacing,
    safetensors_header,
    seal,
)
from baselines.common.schema import from_json

FORMAT = "meta-envs a2c-lstm 3"
OLD_FORMAT = "meta-envs a2c-lstm 2"
"""Has no seal and no version, and differs in two names: what is "cell" in the network was "lstm",
and the header's entry."""
ENTRY, OLD_ENTRY = "meta_envs", "facts"
"""Of the header, under which the metadata stands."""
SUFFIX = ".safetensors"
HEADS = "network.heads.weight"
"""What every checkpoint has."""


@dataclass(frozen=True)
class Metadata(Origin):
    """What a checkpoint says beside its tensors."""

    config: A2CLSTMConfig
    num_timesteps: int
    num_updates: int

    def __post_init__(self) -> None:
        super().__post_init__()
        check_counts(self, {"num_timesteps": 0, "num_updates": 0})


class Checkpoint(NamedTuple):
    """What is read from a file.

    Attributes:
        path: The file.
        metadata: Settings, environment and counters.
        tensors: By name.
    """

    path: Path
    metadata: Metadata
    tensors: dict[str, Tensor]

    @property
    def weights(self) -> dict[str, Tensor]:
        """The network's weights, by name."""
        prefix = "network."
        return {n[len(prefix) :]: v for n, v in self.tensors.items() if n.startswith(prefix)}


def write_checkpoint(path: Path, tensors: dict[str, Tensor], metadata: Metadata) -> None:
    """Writes a checkpoint, whole or not at all."""
    first = {CHECKSUM: UNSEALED, "format": FORMAT, "version": meta_envs.__version__}
    # One entry alone, as the order of several is not kept: equal agents make equal files.
    header = {ENTRY: json.dumps(first | asdict(metadata))}
    content = save({name: t.contiguous() for name, t in tensors.items()}, header)
    with replacing(path) as partial:
        # Written by Python, whose errors say what was wrong: a full disk, say.
        partial.write_bytes(seal(content))


def write_release(source: Path, path: Path) -> None:
    """Copies a checkpoint without what only an exact resume needs: optimiser and episodes.

    Raises:
        InputError: If the source is no checkpoint of the A2C-LSTM.
    """
    checkpoint = read_checkpoint(source)
    weights = {f"network.{name}": weight for name, weight in checkpoint.weights.items()}
    write_checkpoint(path, weights, checkpoint.metadata)


def read_checkpoint(path: Path) -> Checkpoint:
    """Reads a checkpoint. Nothing in it is run.

    Raises:
        InputError: If the file is no checkpoint of the A2C-LSTM, was damaged since it was
            written, or does not say what it must.
    """
    try:
        content = path.read_bytes()
        header, tensors = safetensors_header(content), load(content)
        entry = ENTRY if ENTRY in header else OLD_ENTRY
        values = parse_json(header.get(entry, ""))
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read as a checkpoint of the A2C-LSTM") from error
    found, version = values.pop("format", None), values.pop("version", None)
    if entry == ENTRY and found == FORMAT:
        if not is_sealed(content):
            raise InputError(f"{path} is damaged: it does not match its checksum")
        del values[CHECKSUM]
        if "config" in values:
            values["config"] = upgraded(values["config"])
    elif entry == OLD_ENTRY and found == OLD_FORMAT:
        values["config"] = upgraded(values.get("config"))
        old, new = "network.lstm.", "network.cell."
        tensors = {n.replace(old, new) if n.startswith(old) else n: t for n, t in tensors.items()}
    else:
        raise InputError(f"{path} is no checkpoint of the A2C-LSTM, or one of another version")
    if HEADS not in tensors:
        raise InputError(f"{path} holds no weights of the A2C-LSTM")
    return Checkpoint(path, from_json(Metadata, values, str(path), version), tensors)
