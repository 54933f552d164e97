"""The sweep's engine for a cluster: Ray Tune, on whatever `ray.init` finds.

Imported where it is asked for only, as it needs Ray.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ray
from ray import tune

from baselines.common.callbacks import Metrics
from baselines.common.errors import InputError
from baselines.training.sweep.journal import REDUCTION, RUNGS, Ladder
from baselines.training.sweep.local import Show
from baselines.training.sweep.perform import perform, result_of, write_result
from baselines.training.sweep.plan import PlannedRun


def run_on_ray(
    runs: Sequence[PlannedRun], out: Path, workers: int | None, show: Show, halving: bool = False
) -> dict[int, str]:
    """Performs runs on a cluster until all are done; goes on where Ray Tune was before.

    Every run writes into its own folder, checkpoints too, so that all machines must see `out`, at
    the same place. Ray's own state is in the folder `ray` there.

    Args:
        runs: All of the sweep's, also those that are done: Ray tells them by their order.
        out: The sweep's folder.
        workers: Trainings at a time; None for as many as the cluster has cores.
        show: Told of the progress.
        halving: Whether ASHA stops the trainings that are behind.

    Returns:
        By index of a run, what went wrong with it; it is to be tried again.

    Raises:
        InputError: If no cluster can be used.
        KeyboardInterrupt: If it was stopped.
    """
    # The runs' folders stand as the user gave them.
    os.environ["RAY_CHDIR_TO_TRIAL_DIR"] = "0"
    # There is one bar for both engines.
    os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
    if not ray.is_initialized():
        _connect()
    _shown.update(show=show, steps=[0] * len(runs))
    results = _tuner(runs, out.resolve() / "ray", workers, halving).fit()
    return _gather(runs, results)


def _connect() -> None:
    """Finds the cluster of `RAY_ADDRESS`, or else makes one of this machine.

    Raises:
        InputError: If there is none at that address, or it does not let us in.
    """
    try:
        ray.init(log_to_driver=False, logging_level="error", include_dashboard=False)
    except (OSError, RuntimeError, ray.exceptions.RayError) as error:
        address = os.environ.get("RAY_ADDRESS")
        where = f"at RAY_ADDRESS={address}" if address else "of this machine"
        reason = str(error).strip().partition("\n")[0]
        raise InputError(f"no Ray {where} can be used: {reason}") from error


_shown: dict[str, Any] = {}
"""What the callback below writes to: it is pickled itself, and a progress bar cannot be."""


def _tuner(
    runs: Sequence[PlannedRun], storage: Path, workers: int | None, halving: bool
) -> tune.Tuner:
    """Ray's Tuner of these runs, as it was left if there is one."""
    trainable = tune.with_resources(
        tune.with_parameters(_train_on_ray, runs=list(runs)), {"cpu": 1}
    )
    # Of other runs Ray has another state.
    digest = hashlib.sha256(repr([run.describe() for run in runs]).encode()).hexdigest()[:8]
    path = str(storage / digest)
    if tune.Tuner.can_restore(path):
        return tune.Tuner.restore(path, trainable, resume_unfinished=True, restart_errored=True)
    asha = tune.schedulers.ASHAScheduler(
        time_attr="rung", metric="mean_return", mode="max", max_t=RUNGS, reduction_factor=REDUCTION
    )
    return tune.Tuner(
        trainable,
        param_space={"run": tune.grid_search(list(range(len(runs))))},
        tune_config=tune.TuneConfig(
            scheduler=asha if halving else None, max_concurrent_trials=workers
        ),
        run_config=tune.RunConfig(
            name=digest, storage_path=str(storage), callbacks=[_Progress()], verbose=0
        ),
    )


class _Progress(tune.Callback):  # type: ignore[misc]
    """Shows how far the runs are."""

    def on_trial_result(
        self, iteration: int, trials: Any, trial: Any, result: dict[str, Any], **info: Any
    ) -> None:
        steps: list[int] = _shown["steps"]
        steps[trial.config["run"]] = result.get("num_timesteps", 0)
        active = [one.config["run"] for one in trials if one.status == "RUNNING"]
        _shown["show"](steps, active)


def _train_on_ray(config: dict[str, Any], runs: Sequence[PlannedRun]) -> None:
    """Performs a run in a process of Ray's, which hears of it at every rung."""
    run = runs[config["run"]]
    ladder = Ladder(run.train.total_timesteps)

    def watch(metrics: Metrics) -> bool:
        steps, mean_return = int(metrics["num_timesteps"]), metrics.get("mean_return", math.nan)
        rung = ladder.climb(steps, mean_return)
        # ASHA ends what reaches the last rung, before it has been scored.
        if rung is not None and rung < RUNGS:
            tune.report({"rung": rung, "mean_return": mean_return, "num_timesteps": steps})
        return True

    try:
        perform(run, watch)
    except InputError as error:
        # Told as such: that another process trains in the folder, say, is no failed training.
        raise RuntimeError(str(error)) from None


def _gather(runs: Sequence[PlannedRun], results: Any) -> dict[int, str]:
    """What went wrong, after noting the runs that were stopped early.

    Raises:
        KeyboardInterrupt: If somebody stopped Ray before all had been done.
    """
    errors: dict[int, str] = {}
    for one in results:
        index = one.config["run"]
        if one.error is not None:
            errors[index] = str(one.error).strip().splitlines()[-1]
        elif result_of(runs[index]) is None:
            if not (one.metrics or {}).get("done"):
                raise KeyboardInterrupt
            write_result(runs[index], {"failed": None, "stopped_early": True})
    return errors
