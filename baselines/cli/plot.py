"""`plot`: the learning curves of runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro

from baselines.cli.options import parse
from baselines.common.errors import InputError
from baselines.common.files import output_folder
from baselines.reporting.figures import check_format
from baselines.reporting.learning import plot_learning


@dataclass(frozen=True)
class PlotSettings:
    """Draws the learning curves of runs into one figure.

    Each environment gets a panel, and runs that differ in nothing but their seed one line: their
    mean with its 95 % interval. Random and the optimum stand beside it.
    """

    runs: tyro.conf.Positional[tuple[Path, ...]]
    """Folders of runs."""
    out: Path = Path("learning.png")
    """The figure; its suffix says as what: .png, .svg or .pdf."""
    log: bool = False
    """Whether the vertical axes are logarithmic."""


def main(arguments: Sequence[str]) -> None:
    """Draws learning curves."""
    settings = parse(PlotSettings, arguments, "plot")
    if not settings.runs:
        raise InputError("give at least one folder of a run")
    check_format(settings.out)
    with output_folder(settings.out.parent):
        plot_learning(settings.runs, settings.out, settings.log)
    print(f"written into {settings.out}")
