"""Checkpoints of the A2C-LSTM: one safetensors file, its facts as JSON in the header."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from baselines.common.errors import InputError
from baselines.common.files import replacing

FORMAT = "meta-envs a2c-lstm 2"
SUFFIX = ".safetensors"


def write_checkpoint(path: Path, tensors: dict[str, Tensor], facts: dict[str, Any]) -> None:
    """Writes a checkpoint, whole or not at all.

    Args:
        path: Where to.
        tensors: By name.
        facts: Everything else, JSON-able.
    """
    # One entry alone, as the order of several is not kept: equal agents make equal files.
    metadata = {"facts": json.dumps({"format": FORMAT} | facts)}
    with replacing(path) as partial:
        # Written by Python, whose errors say what was wrong: a full disk, say.
        partial.write_bytes(save({name: t.contiguous() for name, t in tensors.items()}, metadata))


def read_facts(path: Path) -> dict[str, Any]:
    """What a checkpoint holds besides tensors.

    Raises:
        InputError: If the file is no checkpoint of the A2C-LSTM.
    """
    try:
        with safe_open(path, "pt") as file:
            metadata, names = file.metadata() or {}, set(file.keys())
    except (SafetensorError, OSError) as error:
        raise InputError(f"{path} cannot be read as a checkpoint of the A2C-LSTM") from error
    try:
        facts: dict[str, Any] = json.loads(metadata["facts"])
        known = facts["format"] == FORMAT and "network.heads.weight" in names
    except (KeyError, ValueError, TypeError):
        known = False
    if not known:
        raise InputError(f"{path} is no checkpoint of the A2C-LSTM")
    return facts


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a checkpoint that `read_facts` has accepted, by name."""
    with safe_open(path, "pt") as file:
        return {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
