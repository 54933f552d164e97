"""`plot`: the learning curves of runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro

from baselines.cli.options import parse
from baselines.common.errors import InputError
from baselines.common.files import output_folder
from baselines.reporting.figures import plot_learning


@dataclass(frozen=True)
class PlotSettings:
    """Draws the learning curves of runs into one figure."""

    runs: tyro.conf.Positional[tuple[Path, ...]]
    """Folders of runs."""
    out: Path = Path("learning.png")
    """The figure."""


def main(arguments: Sequence[str]) -> None:
    """Draws learning curves."""
    settings = parse(PlotSettings, arguments, "plot")
    if not settings.runs:
        raise InputError("give at least one folder of a run")
    with output_folder(settings.out.parent):
        plot_learning(settings.runs, settings.out)
    print(f"written into {settings.out}")
