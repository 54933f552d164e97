"""A whole sweep: planned, performed by an engine, gathered."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from typing import Any

from baselines.common.environments import bare_id
from baselines.common.extras import require
from baselines.common.files import output_folder, write_results
from baselines.common.machine import machine
from baselines.common.progress import ProgressBar
from baselines.training.sweep.journal import Journal
from baselines.training.sweep.local import run_locally
from baselines.training.sweep.perform import is_done, result_of
from baselines.training.sweep.plan import PlannedRun, SweepSettings, plan
from baselines.training.sweep.space import read_space

RESULTS = "results.json"
"""What came of all runs: `machine`, and `rows` with one for each run."""


def sweep(settings: SweepSettings) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Performs what of a sweep is not done yet, and gathers the results of all.

    Args:
        settings: What to train.

    Returns:
        What came of each run, in the order of the plan; and by folder what went wrong with those
        that are to be tried again.

    Raises:
        InputError: If a setting cannot be used, a folder holds another run, or Ray is missing.
        KeyboardInterrupt: If it was stopped; every training has written a checkpoint.
    """
    runs = plan(settings)
    if settings.engine == "ray":
        require("ray")
    with output_folder(settings.out):
        try:
            errors = _perform(settings, runs)
        finally:
            rows = [row for row in map(result_of, runs) if row is not None]
            write_results(settings.out / RESULTS, {"machine": machine(), "rows": rows})
    return rows, errors


def by_kind(rows: Iterable[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Results by environment and agent, in the order of their names."""
    kinds: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: (row["env"], row["agent"])):
        kinds.setdefault((row["env"], row["agent"]), []).append(row)
    return kinds


def _perform(settings: SweepSettings, runs: list[PlannedRun]) -> dict[str, str]:
    """Performs the runs that are not done yet; by folder, what went wrong."""
    left = [run for run in runs if result_of(run) is None]
    if not left:
        return {}
    if settings.engine == "ray":
        from baselines.training.sweep.on_ray import run_on_ray

        # Ray knows them by their order among all, and leaves alone what is done.
        with SweepProgress(runs) as bar:
            halving = settings.halving
            found = run_on_ray(runs, settings.out, settings.workers, bar.update, halving)
        return {str(runs[index].folder): error for index, error in found.items()}
    journal = None
    if settings.space is not None:
        journal = Journal(settings.out, read_space(settings.space), left, settings.halving)
    with SweepProgress(left) as bar:
        found = run_locally(left, settings.workers or os.cpu_count() or 1, bar.update, journal)
    return {str(left[index].folder): error for index, error in found.items()}


class SweepProgress(ProgressBar):
    """How many steps of all trainings have been taken, and what is being trained.

    Args:
        runs: The trainings.
    """

    def __init__(self, runs: Sequence[PlannedRun]) -> None:
        self.runs = runs
        super().__init__(sum(run.train.total_timesteps for run in runs))

    def update(self, steps: Sequence[int], active: Sequence[int]) -> None:
        """Takes the steps of each run so far, and the indices of those being trained."""
        done = sum(map(is_done, self.runs))
        rate = sum(steps) / max(time.perf_counter() - self.began, 1e-9)
        names = [_name(self.runs[index]) for index in active]
        more = f" and {len(names) - 2} more" if len(names) > 2 else ""
        text = f"{done} of {len(self.runs)} runs done, {rate:,.0f} steps/s"
        self.show(sum(steps), f"{text}: {', '.join(names[:2])}{more}" if names else text)


def _name(run: PlannedRun) -> str:
    setting = "" if run.setting is None else f" setting {run.setting}"
    return f"{bare_id(run.train.env)} {run.train.agent}{setting} seed {run.train.seed}"
