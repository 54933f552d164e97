"""`sweep`: many seeds, or many settings."""

from __future__ import annotations

from collections.abc import Sequence

from baselines.cli.options import parse
from baselines.common.errors import InputError
from baselines.reporting.sweeps import print_sweep
from baselines.training.sweep.plan import SweepSettings
from baselines.training.sweep.sweep import RESULTS, sweep


def main(arguments: Sequence[str]) -> None:
    """Trains and scores many agents."""
    settings = parse(SweepSettings, arguments, "sweep")
    try:
        rows, errors = sweep(settings)
    except KeyboardInterrupt as error:
        raise KeyboardInterrupt("stopped; the same command goes on") from error
    print_sweep(rows)
    print(f"written: {settings.out / RESULTS}")
    if errors:
        failures = "; ".join(errors.values())
        raise InputError(f"{len(errors)} of the runs are not done, try them again: {failures}")
