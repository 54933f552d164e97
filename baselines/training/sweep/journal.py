"""Optuna's journal of a search, and its successive halving: trainings behind are stopped early."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from baselines.common.environments import bare_id
from baselines.training.sweep.plan import PlannedRun
from baselines.training.sweep.space import Space, distributions, import_optuna

JOURNAL = "optuna.log"
RUNGS = 20
"""How many times a training is looked at."""
REDUCTION = 4
"""After 1, 4 and 16 twentieths of a training only the best of so many goes on."""


class Ladder:
    """The rungs that one training comes to.

    Args:
        total_timesteps: Of the training.
    """

    def __init__(self, total_timesteps: int) -> None:
        self.total_timesteps = total_timesteps
        self.last = 0

    def climb(self, steps: int, mean_return: float) -> int | None:
        """The rung that it has come to; None if it is no new one, or there is nothing to tell.

        Args:
            steps: That have been taken.
            mean_return: Of its latest episodes; nan before any has ended.
        """
        rung = steps * RUNGS // self.total_timesteps
        if rung <= self.last or not math.isfinite(mean_return):
            return None
        self.last = rung
        return rung


class Journal:
    """What Optuna is told of the runs: a study for each environment and agent.

    It is written for people, and for what reads Optuna's journals; what is done, the runs' folders
    tell. A run that was begun when the sweep was killed stands in it once more as failed.

    Args:
        out: The sweep's folder.
        space: The space that settings were drawn from.
        runs: Those that are not done yet.
        halving: Whether trainings that are behind are stopped.
    """

    def __init__(
        self, out: Path, space: Space, runs: Sequence[PlannedRun], halving: bool = False
    ) -> None:
        optuna = import_optuna()
        from optuna.storages.journal import JournalFileBackend

        self.runs, self.distributions = runs, distributions(space)
        self.states = optuna.trial.TrialState
        storage = optuna.storages.JournalStorage(JournalFileBackend(str(out / JOURNAL)))
        pruner = (
            optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=REDUCTION)
            if halving
            else optuna.pruners.NopPruner()
        )
        self.studies: dict[str, Any] = {
            name: optuna.create_study(
                storage=storage,
                study_name=name,
                direction="maximize",
                pruner=pruner,
                load_if_exists=True,
            )
            for name in dict.fromkeys(_study_name(run) for run in runs)
        }
        for study in self.studies.values():
            for trial in study.get_trials(deepcopy=False, states=(self.states.RUNNING,)):
                study.tell(trial.number, state=self.states.FAIL)
        self.trials: dict[int, Any] = {}

    def begin(self, index: int) -> None:
        """Notes that a run has begun."""
        run, study = self.runs[index], self.studies[_study_name(self.runs[index])]
        about = {"setting": run.setting, "seed": run.train.seed, "folder": str(run.folder)}
        study.enqueue_trial(run.parameters, user_attrs=about)
        self.trials[index] = study.ask(self.distributions)

    def is_behind(self, index: int, rung: int, mean_return: float) -> bool:
        """Notes that a training has come to a rung, and says whether it is to stop.

        Args:
            index: Of the run.
            rung: That it has come to.
            mean_return: Of its latest episodes.
        """
        self.trials[index].report(mean_return, rung)
        return bool(self.trials[index].should_prune())

    def end(self, index: int, result: dict[str, Any] | None) -> None:
        """Notes what came of a run; None that it is to be done again."""
        study, trial = self.studies[_study_name(self.runs[index])], self.trials.pop(index)
        if result is None or result["failed"]:
            study.tell(trial, state=self.states.FAIL)
        elif result["stopped_early"]:
            study.tell(trial, state=self.states.PRUNED)
        else:
            study.tell(trial, result["selection_return"])


def _study_name(run: PlannedRun) -> str:
    return f"{bare_id(run.train.env)} {run.train.agent}"
