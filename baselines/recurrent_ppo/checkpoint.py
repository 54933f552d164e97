"""Checkpoints of RecurrentPPO: Stable-Baselines3's zip, with what an exact resume needs beside it.

`sb3_contrib.RecurrentPPO.load` reads such a zip as any other. Weights, Adam's state and counters
are in what Stable-Baselines3 writes; `sb3_zip.restore_model` takes them up again. The further file
in it, in safetensors, holds the settings, under "generators." those of `generators.py`, and under
"episodes." what `CompiledPPO.episodes` gives: the environments' state, the sums of the
episodes so far, and the LSTM's state. The zip's comment is its seal.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save
from sb3_contrib import RecurrentPPO

import meta_envs
from baselines.common.agent import Origin
from baselines.common.errors import InputError, one_line
from baselines.common.files import (
    UNSEALED,
    is_sealed,
    parse_json,
    replacing,
    safetensors_header,
    seal,
)
from baselines.common.schema import from_json
from baselines.recurrent_ppo.config import RecurrentPPOConfig, upgraded
from baselines.recurrent_ppo.sb3_zip import OPTIMIZER, SB3Zip, read_zip

STATE = "meta_envs.safetensors"
"""The further file's name in the zip."""
ENTRY = "meta_envs"
"""Of its header, under which the metadata stands."""
SUFFIX = ".zip"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of every file in the zip: equal agents make equal files."""
ADDRESS = rb" at 0x[0-9a-f]+"


@dataclass(frozen=True)
class Metadata(Origin):
    """What a checkpoint says beside its tensors."""

    config: RecurrentPPOConfig


class TrainingState(NamedTuple):
    """What an exact resume needs besides the model.

    Attributes:
        metadata: Settings, environment and seed.
        arrays: The episodes under way and the generators, by name.
    """

    metadata: Metadata
    arrays: dict[str, NDArray[Any]]


class Checkpoint(NamedTuple):
    """What is read from a zip.

    Attributes:
        model: What Stable-Baselines3 has written.
        state: What is beside it; None where the zip is not one of ours.
    """

    model: SB3Zip
    state: TrainingState | None


def write_checkpoint(path: Path, model: RecurrentPPO, state: TrainingState) -> None:
    """Writes a checkpoint, whole or not at all."""
    stock = io.BytesIO()
    # Where the last call of `learn` began says nothing of the training to come.
    model.save(stock, exclude=["_num_timesteps_at_start"])
    with zipfile.ZipFile(stock) as written:
        members = {name: written.read(name) for name in written.namelist()}
    # Beside what is pickled stands how it is printed, with its address in memory.
    members["data"] = re.sub(ADDRESS, b"", members["data"])
    _write(path, members | {STATE: _packed(state)})


def write_release(source: Path, path: Path) -> None:
    """Copies a checkpoint without what only an exact resume needs: optimiser and episodes.

    Stable-Baselines3 reads it still; a training that goes on from it begins with a fresh Adam.

    Raises:
        InputError: If the source cannot be read, or is not one of ours.
    """
    checkpoint = read_checkpoint(source)
    if checkpoint.state is None:
        raise InputError(f"{source} holds no settings of this agent")
    packed = _packed(TrainingState(checkpoint.state.metadata, {}))
    members = checkpoint.model.members
    adam = torch.load(io.BytesIO(members[OPTIMIZER]), weights_only=True)
    fresh = io.BytesIO()
    torch.save(adam | {"state": {}}, fresh)
    _write(path, members | {OPTIMIZER: fresh.getvalue(), STATE: packed})


def _packed(state: TrainingState) -> bytes:
    """The further file's content."""
    values = {"version": meta_envs.__version__} | asdict(state.metadata)
    arrays = {name: np.ascontiguousarray(array) for name, array in state.arrays.items()}
    return save(arrays, {ENTRY: json.dumps(values)})


def _write(path: Path, members: dict[str, bytes]) -> None:
    """Writes a zip of some files, sealed, whole or not at all."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, member in members.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), member)
        archive.comment = UNSEALED.encode()
    with replacing(path) as partial:
        partial.write_bytes(seal(content.getvalue()))


def read_checkpoint(path: Path) -> Checkpoint:
    """Reads a zip, ours or anybody's. Nothing in it is run.

    Raises:
        InputError: If it cannot be read, is damaged, or does not say what it must.
    """
    model = read_zip(path)
    packed = model.members.get(STATE)
    if packed is None:
        return Checkpoint(model, None)
    if not is_sealed(model.content):
        raise InputError(f"{model.path} is damaged: it does not match its checksum")
    try:
        values = parse_json(safetensors_header(packed).get(ENTRY, ""))
        arrays = load(packed)
    except (ValueError, SafetensorError) as error:
        raise InputError(f"{model.path} cannot be read: {one_line(error)}") from error
    version = values.pop("version", None)
    if "config" in values:
        values["config"] = upgraded(values["config"])
    metadata = from_json(Metadata, values, str(model.path), version)
    return Checkpoint(model, TrainingState(metadata, arrays))
