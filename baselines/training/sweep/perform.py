"""One run of a sweep: trained, or gone on with, and scored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from baselines.common.callbacks import Callback
from baselines.common.errors import NotFiniteError
from baselines.common.files import json_text, parse_json, read_json, write_json
from baselines.common.run_folder import RunFolder
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.result import Evaluation, write_scores
from baselines.training.sweep.plan import PlannedRun
from baselines.training.train import Run, resume, train

RESULT = "result.json"
"""What came of a run; where it stands, the run is not done again."""
SELECTION_SEED = 1_000_000
"""Added to a run's seed for the episodes on which settings are compared, so that those on which
the best are shown have had no part in the choice."""
SCORES = (
    *("episodes", "normalized_score", "mean_return", "ci95_return", "mean_regret"),
    *("mean_optimality_gap", "ci95_optimality_gap"),
)
"""What a result takes of an evaluation's summary."""


def is_done(run: PlannedRun) -> bool:
    """Whether something has come of a run; what it is, is not read."""
    return (run.folder / RESULT).is_file()


def result_of(run: PlannedRun) -> dict[str, Any] | None:
    """What came of a run, None if it is not done.

    Raises:
        InputError: If the file is damaged.
    """
    return read_json(run.folder / RESULT) if is_done(run) else None


def perform(
    run: PlannedRun, watch: Callback, note: Callable[[float], Any] = lambda _: None
) -> dict[str, Any] | None:
    """Trains and scores a run, unless that is done, and writes what came of it.

    A training whose loss or weights are no numbers any more has failed, and counts as such.

    Args:
        run: Of the sweep.
        watch: Takes each update's metrics; with False it stops the training.
        note: Told how many episodes have been played, while it is scored.

    Returns:
        The result; None if the training was stopped.

    Raises:
        InputError: If it cannot be trained: the folder holds another run, cannot be written...
    """
    done = result_of(run)
    if done is not None:
        return done
    try:
        trained = _train(run, watch)
    except NotFiniteError as error:
        return write_result(run, {"failed": str(error)})
    if not trained.finished:
        return None
    return write_result(run, {"failed": None} | _score(run, note))


def write_result(run: PlannedRun, values: dict[str, Any]) -> dict[str, Any]:
    """Writes what came of a run, beside what it was."""
    _, saved = RunFolder.open(run.folder)
    about = {name: saved[name] for name in ("seconds", "weights", "commit", "processor")}
    # As JSON has it, so that it is the same when it is read again.
    row = parse_json(json_text(run.describe() | about | {"stopped_early": False} | values))
    write_json(run.folder / RESULT, row, indent=2)
    return row


def _train(run: PlannedRun, watch: Callback) -> Run:
    if not (run.folder / "config.json").is_file():
        return train(run.train, watch=watch)
    run.check_same(RunFolder.open(run.folder)[1])
    return resume(run.folder, env=run.train.env, watch=watch)


def _score(run: PlannedRun, note: Callable[[float], Any]) -> dict[str, Any]:
    """Scores the latest checkpoint; with a space also on the episodes that are to choose by."""
    own = _evaluate(run, run.train.seed, note)
    write_scores(run.folder / "evaluation.json", [own])
    summary = own.summary()
    values = {name: summary[name] for name in SCORES}
    if run.setting is None:
        return values
    chosen_by = _evaluate(run, run.train.seed + SELECTION_SEED, note)
    return values | {"selection_return": chosen_by.mean_return}


def _evaluate(run: PlannedRun, seed: int, note: Callable[[float], Any]) -> Evaluation:
    about = run.describe()
    return evaluate(
        run.folder,
        run.train.env,
        run.train.evaluation_episodes,
        seed,
        about["env_kwargs"],
        progress=note,
    )
