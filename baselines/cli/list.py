"""`list`: what there is to train and to play."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass

import tyro
from rich.table import Table

from baselines.cli.options import parse
from baselines.common.errors import InputError
from baselines.experiments import EXPERIMENTS
from baselines.registry import CLASSIC, TRAINABLE
from baselines.reporting.tables import Output
from meta_envs.registration import ROWS


@dataclass(frozen=True)
class ListSettings:
    """Lists the environments and the agents."""

    packages: tyro.conf.Positional[tuple[str, ...]] = ()
    """Packages that register environments of their own, to be listed too."""


def main(arguments: Sequence[str]) -> None:
    """Prints what there is."""
    settings = parse(ListSettings, arguments, "list")
    for package in settings.packages:
        try:
            importlib.import_module(package)
        except (ImportError, ValueError, TypeError) as error:
            raise InputError(f"there is no package {package!r} that can be imported") from error
    rows: dict[str, list[tuple[str, str]]] = {
        "environment": [
            (row.id, f"{row.summary} ({row.source})" if row.source else row.summary)
            for row in ROWS.values()
        ],
        "agent to train": [(name, row.summary) for name, row in TRAINABLE.items()],
        "agent to evaluate": [(name, row.summary) for name, row in CLASSIC.items()],
        "experiment to reproduce": [(name, row.summary) for name, row in EXPERIMENTS.items()],
    }
    output = Output()
    for title, lines in rows.items():
        table = Table(box=None, pad_edge=False)
        table.add_column(title, no_wrap=True)
        table.add_column()
        for line in lines:
            table.add_row(*line)
        output.print(table, "")
