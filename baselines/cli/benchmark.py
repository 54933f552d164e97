"""`benchmark`: measures speed and memory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from baselines.benchmarks.jobs import run_job
from baselines.benchmarks.run import Results, run
from baselines.benchmarks.suite import SECTIONS
from baselines.cli.options import parse
from baselines.common.errors import InputError, did_you_mean


@dataclass(frozen=True)
class BenchmarkSettings:
    """Measures speed and memory, beside the peers that are installed (gymnax, JAX)."""

    only: tuple[str, ...] = ("environments", "training", "scaling", "regret")
    """Sections to measure. Four more: backends, other ways to run the network; pixels, training
    from images; search, the optimality gap that other settings reach; and cells, LSTM, GRU and
    plain RNN."""
    seconds: float = 3.0
    """Length of a measurement."""
    repeats: int = 3
    """Measurements of each row; the median is shown."""
    out: Path = Path("runs/benchmark")
    """Folder for benchmark.json and scaling.png."""


def main(arguments: Sequence[str]) -> None:
    """Measures speed."""
    if arguments[:1] == ["--job"]:
        # How the benchmark calls itself, in a process for each measurement.
        print(json.dumps(run_job(json.loads(arguments[1]), ["benchmark", *arguments])))
        return
    settings = parse(BenchmarkSettings, arguments, "benchmark")
    for name in settings.only:
        if name not in SECTIONS:
            meant = did_you_mean(name, SECTIONS)
            raise InputError(f"there is no section {name!r}{meant}: use {', '.join(SECTIONS)}")
    for name, least in (("seconds", 0.01), ("repeats", 1)):
        if getattr(settings, name) < least:
            raise InputError(f"`{name}` must be at least {least}, got {getattr(settings, name)}")
    results: Results = {}
    try:
        run(settings.only, settings.seconds, settings.repeats, settings.out, results)
    except KeyboardInterrupt as error:
        kept = f"{', '.join(results)} written into {settings.out}" if results else "nothing is kept"
        raise KeyboardInterrupt(f"stopped; {kept}") from error
    print(f"written into {settings.out}")
