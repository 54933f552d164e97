"""The folder of a training run: its settings, checkpoints, log and scores."""

from __future__ import annotations

import csv
import json
import platform
from pathlib import Path
from typing import Any

import meta_envs
from baselines.errors import InputError
from baselines.files import output_folder, write_text

SUFFIXES = (".safetensors", ".zip")
"""What checkpoints of the A2C-LSTM and of RecurrentPPO end in."""


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

    @classmethod
    def create(cls, path: Path, settings: dict[str, Any]) -> RunFolder:
        """Makes the folder and writes the run's settings into it.

        Raises:
            InputError: If the folder holds something already or cannot be written.
        """
        if path.is_dir() and any(path.iterdir()):
            raise InputError(
                f"{path} is not empty: choose another --out, or go on with --resume {path}"
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

    def latest_checkpoint(self) -> Path | None:
        """The checkpoint with the most steps, None if there is none."""
        found = [p for p in (self.path / "checkpoints").glob("*") if p.suffix in SUFFIXES]
        return max(found, key=lambda path: path.stem, default=None)

    def log(self, figures: dict[str, float]) -> None:
        """Appends a row to `log.csv` and to TensorBoard's log."""
        log_path = self.path / "log.csv"
        if self._writer is None:
            from torch.utils.tensorboard import SummaryWriter

            self._writer = SummaryWriter(str(self.path))
            if log_path.exists():
                with log_path.open(newline="") as file:
                    self._columns = next(csv.reader(file), None)
        with log_path.open("a", newline="") as file:
            writer = csv.writer(file)
            if self._columns is None:
                self._columns = list(figures)
                writer.writerow(self._columns)
            writer.writerow([figures.get(column, "") for column in self._columns])
        step = int(figures["num_timesteps"])
        for name, value in figures.items():
            self._writer.add_scalar(name, value, step)

    def close(self) -> None:
        """Writes out what TensorBoard's log still holds back."""
        if self._writer is not None:
            self._writer.close()
