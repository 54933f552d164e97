"""Training all that the report shows, by a sweep."""

from __future__ import annotations

from pathlib import Path

from baselines.common.errors import InputError
from baselines.evaluation.pretrained import TRAINED
from baselines.experiments import EXPERIMENTS
from baselines.experiments.report.scores import read_trainings
from baselines.registry import TRAINABLE
from baselines.training.publish import SCORES, publish
from baselines.training.sweep.plan import SweepSettings
from baselines.training.sweep.sweep import sweep


def environments() -> list[str]:
    """The environments of all experiments, and those of the table that comes with the project."""
    try:
        table = [one.env for one in read_trainings(TRAINED / SCORES)]
    except InputError:
        table = []
    shown = [env_id for row in EXPERIMENTS.values() for env_id in row.environments]
    return list(dict.fromkeys([*shown, *table]))


def train_all(out: Path, workers: int) -> Path:
    """Trains and scores all agents in all environments with the sweep's seeds.

    Args:
        out: Folder for the sweep; what is done there is not done again.
        workers: Trainings at a time.

    Returns:
        The folder of the median seeds and of the scores, like that of the included agents.

    Raises:
        InputError: If a training cannot be done.
    """
    runs, published = out / "sweep", out / "trained"
    settings = SweepSettings(
        env=tuple(environments()), out=runs, agent=tuple(TRAINABLE), workers=workers
    )
    _, errors = sweep(settings)
    if errors:
        raise InputError(f"{len(errors)} trainings are not done: {'; '.join(errors.values())}")
    publish(runs, published)
    return published
