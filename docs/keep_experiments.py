"""Keeps what `reproduce all` has found, for the site: docs/data/experiments.

python -m baselines reproduce all
python docs/keep_experiments.py runs/all
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from baselines.experiments import EXPERIMENTS
from baselines.experiments.repeat import RECORD
from baselines.reporting.page import Section

KEPT = Path(__file__).parent / "data" / "experiments"


def keep(report: Path) -> None:
    """Copies the record of each experiment, and the figures that it names."""
    shutil.rmtree(KEPT, ignore_errors=True)
    for name in EXPERIMENTS:
        record = report / name / RECORD
        if not record.exists():
            print(f"{name} is not in {report}")
            continue
        section = Section.from_json(json.loads(record.read_text())["section"])
        for file in (RECORD, *(one.file for one in section.figures)):
            target = KEPT / name / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(report / name / file, target)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("give the folder of `reproduce all`")
    keep(Path(sys.argv[1]))
