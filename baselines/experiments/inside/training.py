"""What comes first while an agent is trained: the belief in its activity, or its behaviour?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from baselines.common.errors import InputError
from baselines.common.progress import track
from baselines.common.run_folder import RunFolder
from baselines.experiments.inside.subject import Subject
from baselines.inside.probes import probe_belief
from baselines.inside.record import record
from baselines.reporting.figures import Label, despine, figure_file, label_lines
from baselines.reporting.markdown import Table
from baselines.reporting.page import Figure, Section

FILE = "training.svg"
COLUMNS = ("R² of the belief", "R² beyond time", "optimality gap", "behaviour")


class Stage(NamedTuple):
    """An agent at one of its checkpoints.

    Attributes:
        steps: Of training.
        total: R^2 of the belief read linearly of the activity, in the optimum's episodes.
        within_steps: The same around the mean of each step.
        gap: Mean optimality gap of its own episodes.
        behaviour: 1 minus the gap as a share of random's: 0 for random, 1 for the optimum.
    """

    steps: int
    total: float
    within_steps: float
    gap: float
    behaviour: float


def section(subject: Subject) -> Section:
    """The belief and the behaviour at each checkpoint of a run.

    Raises:
        InputError: If the agent is no run with checkpoints, or nothing is known of the optimum.
    """
    stages = follow(subject)
    _draw(stages, subject, subject.out / FILE)
    rows = [
        (f"{s.steps:,} steps", [f"{x:.3f}" for x in (s.total, s.within_steps, s.gap, s.behaviour)])
        for s in stages
    ]
    text = (
        "At each checkpoint of the run: how well the optimum's belief can be read of the activity "
        "by a linear probe, on held-out episodes that the optimum has played, and how far the "
        "agent's own choices have come from random's optimality gap (0) to none (1).",
    )
    caption = "The belief in the activity, and the behaviour, during training."
    tables = [Table("training", "after", COLUMNS, rows)]
    return Section("During training", text, tables, [Figure(FILE, caption)])


def follow(subject: Subject) -> list[Stage]:
    """Looks into each checkpoint, and before the first one into an untrained network."""
    run = Path(subject.agent)
    checkpoints = RunFolder(run).checkpoints()[::-1] if run.is_dir() else []
    if len(checkpoints) < 2:
        raise InputError("there are no checkpoints to follow: give the folder of a run")
    if not subject.controls:
        raise InputError("how the agent began is known of an A2C-LSTM only")
    taught, random = subject.taught, subject.played_by("random").mean_optimality_gap
    if not taught.belief or random is None:
        raise InputError("the optimum's belief or the optimality gap is not known here")
    name = next(iter(taught.belief))
    stages: list[Stage] = []
    for steps in track([0, *(int(path.stem) for path in checkpoints)], "{:,} steps".format):
        if steps == 0:
            agent: Any = subject.controls["untrained"]
        else:
            agent = checkpoints[len(stages) - 1]
        recording = record(agent, taught.evaluation, transfer=subject.transfer)
        probe = probe_belief(recording, name)
        gap = subject.played_by(agent).mean_optimality_gap
        assert gap is not None
        said = float(probe.total.value), float(probe.within_steps.value)
        stages.append(Stage(steps, *said, gap, 1 - gap / random))
    return stages


def _draw(stages: Sequence[Stage], subject: Subject, path: Path) -> None:
    with figure_file(path) as (_, axes):
        steps = np.array([stage.steps for stage in stages]) / 1e6
        curves = {
            "behaviour": [stage.behaviour for stage in stages],
            "belief, R² beyond time": [stage.within_steps for stage in stages],
        }
        labels = []
        for number, (name, curve) in enumerate(curves.items()):
            axes.plot(steps, curve, marker=".", color=f"C{number}")
            labels.append(Label(curve[-1], name, f"C{number}"))
        axes.set(ylim=(-0.05, 1.02), xlabel="million steps of training", title=subject.env_id)
        axes.margins(x=0)
        despine(axes)
        label_lines(axes, labels)
