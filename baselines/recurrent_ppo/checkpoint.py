"""Checkpoints of RecurrentPPO: Stable-Baselines3's zip, with what an exact resume needs beside it.

`sb3_contrib.RecurrentPPO.load` reads such a zip as any other. Weights, Adam's state and counters
are in what Stable-Baselines3 writes; `sb3_zip.restore_model` takes them up again. The further file
in it, in safetensors, holds the settings, under "generators." those of `generators.py`, and under
"episodes." what `NumpyRolloutPPO.episodes` gives: the environments' state, the sums of the
episodes so far, and the LSTM's state.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save
from sb3_contrib import RecurrentPPO

from baselines.common.errors import InputError, one_line
from baselines.common.files import replacing

STATE = "meta_envs.safetensors"
"""The further file's name in the zip."""
SUFFIX = ".zip"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of every file in the zip: equal agents make equal files."""
ADDRESS = rb" at 0x[0-9a-f]+"


class TrainingState(NamedTuple):
    """What an exact resume needs besides the model.

    Attributes:
        metadata: Settings, environment and seed.
        arrays: The episodes under way and the generators, by name.
    """

    metadata: dict[str, Any]
    arrays: dict[str, NDArray[Any]]


def write_checkpoint(path: Path, model: RecurrentPPO, state: TrainingState) -> None:
    """Writes a checkpoint, whole or not at all."""
    stock, extra = io.BytesIO(), {"meta_envs": json.dumps(state.metadata)}
    # Where the last call of `learn` began says nothing of the training to come.
    model.save(stock, exclude=["_num_timesteps_at_start"])
    arrays = {name: np.ascontiguousarray(array) for name, array in state.arrays.items()}
    with replacing(path) as partial, zipfile.ZipFile(partial, "w") as archive:
        with zipfile.ZipFile(stock) as written:
            for name in written.namelist():
                # Beside what is pickled stands how it is printed, with its address in memory.
                content = re.sub(ADDRESS, b"", written.read(name)) if name == "data" else None
                archive.writestr(zipfile.ZipInfo(name, EPOCH), content or written.read(name))
        archive.writestr(zipfile.ZipInfo(STATE, EPOCH), save(arrays, extra))


def read_training_state(path: Path) -> TrainingState | None:
    """What a zip holds besides the model; None where it is not one of ours.

    Raises:
        InputError: If it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if STATE not in archive.namelist():
                return None
            packed = archive.read(STATE)
        return TrainingState(_metadata(packed), load(packed))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, SafetensorError) as error:
        raise InputError(f"{path} cannot be read: {one_line(error)}") from error


def _metadata(packed: bytes) -> dict[str, Any]:
    """The JSON in the header of safetensors, which its own reader of bytes leaves out."""
    length = int.from_bytes(packed[:8], "little")
    header: Mapping[str, Any] = json.loads(packed[8 : 8 + length])
    metadata: dict[str, Any] = json.loads(header["__metadata__"]["meta_envs"])
    return metadata
