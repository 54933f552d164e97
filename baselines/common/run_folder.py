"""The folder of a training run: its settings, checkpoints, log and scores."""

from __future__ import annotations

import csv
import json
import platform
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import meta_envs
from baselines.common.callbacks import Metrics
from baselines.common.errors import InputError
from baselines.common.files import output_folder, write_text

FIRST_COLUMNS = ("num_timesteps", "mean_return", "mean_regret")
"""Of `log.csv`; the means are empty while no episode has ended."""
TIMINGS = ("steps_per_second",)
"""Metrics that depend on the machine's moment."""
PARTIAL = ".*.partial*"
"""What a process that was killed may have left of a file it was writing."""


class RunFolder:
    """One run's folder.

    It holds `config.json`, `checkpoints/`, `log.csv`, TensorBoard's event files, and once the
    agent is scored `evaluation.json` and `regret.png`.

    Args:
        path: The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._columns: list[str] | None = None
        self._writer: Any = None
        self._purge_step: int | None = None

    @classmethod
    def create(cls, path: Path, settings: dict[str, Any]) -> RunFolder:
        """Makes the folder and writes the run's settings into it.

        Raises:
            InputError: If the folder holds something already or cannot be written.
        """
        if path.is_dir() and any(path.iterdir()):
            raise InputError(
                f"{path} is not empty: choose another `out=`, or go on with `resume={path}`"
            )
        versions = {"meta_envs": meta_envs.__version__, "python": platform.python_version()}
        with output_folder(path):
            (path / "checkpoints").mkdir(exist_ok=True)
            write_text(
                path / "config.json", json.dumps(settings | {"versions": versions}, indent=2)
            )
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> tuple[RunFolder, dict[str, Any]]:
        """An existing run's folder and its settings.

        Raises:
            InputError: If the folder does not hold a run.
        """
        try:
            settings = json.loads((path / "config.json").read_text())
            missing = {"env", "env_kwargs", "agent", "config", "seed"} - set(settings)
        except (OSError, ValueError, TypeError):
            missing = {"config.json"}
        if missing:
            raise InputError(f"{path} is not the folder of a run: it lacks {min(missing)}")
        return cls(path), settings

    def checkpoint_path(self, num_timesteps: int, suffix: str) -> Path:
        """Where the checkpoint after so many steps goes; names sort by steps."""
        return self.path / "checkpoints" / f"{num_timesteps:012d}{suffix}"

    def checkpoints(self) -> list[Path]:
        """Its checkpoints, the one with the most steps first."""
        found = [p for p in (self.path / "checkpoints").glob("*") if p.stem.isdigit()]
        return sorted(found, key=lambda path: path.stem, reverse=True)

    def latest_checkpoint(self) -> Path | None:
        """The checkpoint with the most steps, None if there is none."""
        return next(iter(self.checkpoints()), None)

    def log(self, metrics: Metrics) -> None:
        """Appends a row to `log.csv` and to TensorBoard's log.

        `log.csv` leaves out what the clock says, so that two runs alike have logs alike.
        """
        log_path = self.path / "log.csv"
        if self._writer is None:
            from torch.utils.tensorboard import SummaryWriter

            self._writer = SummaryWriter(str(self.path), purge_step=self._purge_step)
            self._columns = read_columns(log_path)
        with log_path.open("a", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            if self._columns is None:
                others = [name for name in metrics if name not in (*FIRST_COLUMNS, *TIMINGS)]
                self._columns = [*FIRST_COLUMNS, *others]
                writer.writerow(self._columns)
            writer.writerow([metrics.get(column, "") for column in self._columns])
        step = int(metrics["num_timesteps"])
        for name, value in metrics.items():
            self._writer.add_scalar(name, value, step)

    def rewind(self, num_timesteps: int) -> None:
        """Takes back what the log says of steps after `num_timesteps`: they will come again.

        Files that a killed process had only begun to write go too.
        """
        for partial in self.path.rglob(PARTIAL):
            partial.unlink()
        self._purge_step = num_timesteps + 1
        log_path = self.path / "log.csv"
        if log_path.exists():
            header, *rows = log_path.read_text().splitlines(keepends=True)
            first = header.split(",").index("num_timesteps")
            # A run that was killed may have left half a row.
            whole = [row for row in rows if row.endswith("\n")]
            kept = [row for row in whole if int(row.split(",")[first]) <= num_timesteps]
            write_text(log_path, header + "".join(kept))

    def close(self) -> None:
        """Writes out what TensorBoard's log still holds back."""
        if self._writer is not None:
            self._writer.close()


def checkpoint_in(path: Path) -> Path:
    """The latest checkpoint in the folder of a run; any other path as it is.

    Raises:
        InputError: If the folder holds no run, or no checkpoint yet.
    """
    if not path.is_dir():
        return path
    latest = RunFolder.open(path)[0].latest_checkpoint()
    if latest is None:
        raise InputError(f"{path} holds no checkpoint yet: train it first")
    return latest


def read_columns(log_path: Path) -> list[str] | None:
    """The columns of a log, None if it has none yet."""
    if not log_path.exists():
        return None
    with log_path.open(newline="") as file:
        return next(csv.reader(file), None)


def read_log(run: Path) -> dict[str, NDArray[np.float64]]:
    """The columns of a run's log that have a number in every row but the first few.

    Rows before the first episode has ended are left out.

    Raises:
        InputError: If there is no log.
    """
    try:
        with (run / "log.csv").open(newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["mean_return"]]
    except (OSError, KeyError) as error:
        raise InputError(f"{run} is not the folder of a run: it lacks a log.csv") from error
    names = [name for name in (rows[0] if rows else ()) if all(row[name] for row in rows)]
    return {name: np.array([float(row[name]) for row in rows]) for name in names}
