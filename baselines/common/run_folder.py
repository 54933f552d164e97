"""The folder of a training run: its settings, checkpoints, log and scores."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.common.callbacks import Metrics
from baselines.common.environments import check_saved_env
from baselines.common.errors import InputError, check_counts
from baselines.common.files import output_folder, read_json, write_json, write_text
from baselines.common.machine import commit, machine
from baselines.common.run_log import FIRST_COLUMNS, TIMINGS, columns, read_text, whole_rows
from baselines.common.schema import from_json

PARTIAL = ".*.partial*"
"""What a process that was killed may have left of a file it was writing."""
LOCK = ".lock"
"""Held by the process that trains; an empty file."""


@dataclass(frozen=True)
class RunSettings:
    """What stands in a run's `config.json`; see `baselines.training.settings.TrainSettings`.

    Raises:
        InputError: If a value cannot be used.
    """

    env: str
    agent: str
    preset: str
    total_timesteps: int
    config: dict[str, Any]
    seed: int
    out: str
    env_kwargs: dict[str, Any]
    processes: int
    checkpoint_every: int | None
    evaluation_episodes: int
    processor: str
    versions: dict[str, str]
    commit: str | None
    """Of the source, see `baselines.common.machine.commit`."""
    seconds: float
    """Of processor time that training has taken so far, in the first process: the clock would tell
    of what else the machine did. What a killed process took is not known."""
    weights: str | None
    """SHA-256 of the trained weights; None until the run has come to its end."""

    def __post_init__(self) -> None:
        check_saved_env(self.env, self.env_kwargs)
        counts = dict.fromkeys(("total_timesteps", "processes", "checkpoint_every"), 1)
        check_counts(self, counts | {"evaluation_episodes": 0, "seed": 0})


class RunFolder:
    """One run's folder.

    It holds `config.json`, `log.csv`, `checkpoints/` with a copy of the log beside each of them,
    TensorBoard's event files, and once the agent is scored `evaluation.json` and `regret.png`.

    Args:
        path: The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._columns: list[str] | None = None
        self._writer: Any = None
        self._purge_step: int | None = None

    def create(self, settings: dict[str, Any]) -> None:
        """Makes the folder and writes the run's settings into it.

        Raises:
            InputError: If the folder holds something already or cannot be written.
        """
        self.check_empty()
        with output_folder(self.path):
            made_on = {name: machine()[name] for name in ("processor", "versions")}
            made_on["commit"] = commit()
            self.write_settings(settings | made_on | {"seconds": 0.0, "weights": None})
            self.checkpoint_folder.mkdir(exist_ok=True)

    def check_empty(self) -> None:
        """Raises an InputError if the folder holds something already."""
        if os.path.isdir(self.path) and any(one.name != LOCK for one in self.path.iterdir()):
            raise InputError(
                f"{self.path} is not empty: choose another `out=`, or go on with "
                f"`resume={self.path}`"
            )

    @classmethod
    def open(cls, path: Path) -> tuple[RunFolder, dict[str, Any]]:
        """An existing run's folder and its settings.

        Raises:
            InputError: If the folder does not hold a run, or its settings cannot be used.
        """
        config = path / "config.json"
        if not os.path.isfile(config):
            raise InputError(f"{path} is not the folder of a run: it lacks config.json")
        # These four are new.
        new = {"processor": "", "commit": None, "seconds": 0.0, "weights": None}
        values = new | read_json(config)
        versions = values.get("versions")
        version = versions.get("meta_envs") if isinstance(versions, dict) else None
        return cls(path), asdict(from_json(RunSettings, values, str(config), version))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keeps other processes from training in this folder; however this one ends, it is free.

        Raises:
            InputError: If another process trains in it, or the folder cannot be written to.
        """
        from filelock import FileLock, Timeout

        with output_folder(self.path):
            lock = FileLock(self.path / LOCK, timeout=0)
            try:
                lock.acquire()
            except Timeout as error:
                raise InputError(f"another process trains in {self.path}: wait for it") from error
        try:
            yield
        finally:
            lock.release()

    def note(self, seconds: float, weights: str | None) -> None:
        """Adds to `config.json` how long was trained, and what the weights have come to."""
        _, settings = RunFolder.open(self.path)
        seconds = round(settings["seconds"] + seconds, 1)
        self.write_settings(settings | {"seconds": seconds, "weights": weights})

    def write_settings(self, settings: dict[str, Any]) -> None:
        """Writes `config.json`."""
        write_json(self.path / "config.json", settings, indent=2)

    @property
    def checkpoint_folder(self) -> Path:
        """Where its checkpoints are."""
        return self.path / "checkpoints"

    def checkpoint_path(self, num_timesteps: int, suffix: str) -> Path:
        """Where the checkpoint after so many steps goes; names sort by steps."""
        return self.checkpoint_folder / f"{num_timesteps:012d}{suffix}"

    def checkpoints(self) -> list[Path]:
        """Its checkpoints, the one with the most steps first."""
        found = [p for p in self.checkpoint_folder.glob("*") if p.stem.isdigit()]
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
            self._columns = columns(read_text(log_path))
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

    def keep_log(self, num_timesteps: int) -> None:
        """Copies the log, as it is, to stand beside the checkpoint after so many steps.

        What happens to `log.csv` afterwards, on a full disk say, takes no row from a run that goes
        on from there.
        """
        write_json(self._log_copy(num_timesteps), {"log": read_text(self.path / "log.csv")})

    def rewind(self, num_timesteps: int) -> None:
        """Takes the log back to the checkpoint after so many steps: the later ones come again.

        Files that a killed process had only begun to write go too.
        """
        for partial in self.path.rglob(PARTIAL):
            partial.unlink()
        self.checkpoint_folder.mkdir(exist_ok=True)
        self._purge_step = num_timesteps + 1
        write_text(self.path / "log.csv", self._log_until(num_timesteps))

    def _log_copy(self, num_timesteps: int) -> Path:
        return self.checkpoint_path(num_timesteps, ".log.json")

    def _log_until(self, num_timesteps: int) -> str:
        """What was logged until a checkpoint: by its copy, or else what of the log is whole."""
        try:
            copy = read_json(self._log_copy(num_timesteps)).get("log")
        except InputError:
            copy = None
        if isinstance(copy, str):
            return copy
        rows = whole_rows(read_text(self.path / "log.csv"))
        return "".join(line for line, steps in rows if steps <= num_timesteps)

    def close(self) -> None:
        """Writes out what TensorBoard's log still holds back."""
        if self._writer is not None:
            self._writer.close()


def checkpoint_in(path: Path) -> Path:
    """The latest checkpoint in the folder of a run; any other path as it is.

    Raises:
        InputError: If the folder holds no run, or no checkpoint yet.
    """
    # Which finds nothing under a name too long, where Path's own method raises.
    if not os.path.isdir(path):
        return path
    latest = RunFolder.open(path)[0].latest_checkpoint()
    if latest is None:
        raise InputError(f"{path} holds no checkpoint yet: train it first")
    return latest


def read_log(run: Path) -> dict[str, NDArray[np.float64]]:
    """The columns of a run's log that have a number in every row but the first few.

    Rows before the first episode has ended are left out.

    Raises:
        InputError: If there is no log, or it is damaged.
    """
    path = run / "log.csv"
    if not os.path.isfile(path):
        raise InputError(f"{run} is not the folder of a run: it lacks a log.csv")
    text = read_text(path)
    lines = [line for line, _ in whole_rows(text)]
    # The last row may be half written yet.
    if "".join(lines) != text[: text.rfind("\n") + 1] or not _copied(RunFolder(run), text):
        raise InputError(f"{path} is damaged: `resume={run}` writes it anew")
    rows = [row for row in csv.DictReader(lines) if row["mean_return"]]
    names = [name for name in (rows[0] if rows else ()) if all(row[name] for row in rows)]
    return {name: np.array([float(row[name]) for row in rows]) for name in names}


def _copied(run: RunFolder, log: str) -> bool:
    """Whether a log begins with the copy beside the latest checkpoint that has one."""
    for checkpoint in run.checkpoints():
        with suppress(InputError):
            return log.startswith(str(read_json(run._log_copy(int(checkpoint.stem))).get("log")))
    return True


def runs_in(agent: str) -> list[str]:
    """The runs of several seeds in a folder; the agent itself where it is no such folder."""
    folders = sorted(Path(agent).glob("seed*"), key=lambda path: (len(path.name), path.name))
    return [str(folder) for folder in folders if folder.is_dir()] or [agent]
