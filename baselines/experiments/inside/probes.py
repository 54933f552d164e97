"""What can be read of the activity: the optimum's belief, and the time, beside the controls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.common.errors import InputError
from baselines.experiments.inside.subject import Subject
from baselines.inside.choices import read_choices
from baselines.inside.controls import shuffled
from baselines.inside.probes import Probe, probe, probe_each_step
from baselines.inside.recording import Recording
from baselines.reporting.figures import Label, despine, figure_file, label_lines
from baselines.reporting.markdown import Table
from baselines.reporting.page import Figure, Section

FILE = "probes.svg"
TIME = "time"
"""The target that is the share of the episode that has passed."""
COLOURS = ("C0", "C1", "0.35", "C4")
"""Of the agent and its controls."""
LOWEST = -0.1
"""R^2 at the bottom of the figure."""


class Reading(NamedTuple):
    """What is read of one network about one target.

    Attributes:
        all_steps: By one linear map for all steps.
        each_step: By one for each.
    """

    all_steps: Probe
    each_step: Probe


Readings = Mapping[str, Mapping[str, Reading]]
"""By target, then by network."""


def section(subject: Subject) -> Section:
    """R^2 of each of the optimum's beliefs, trained beside untrained.

    Raises:
        InputError: If no belief is known, or there are too few episodes.
    """
    recordings = with_controls(subject)
    steps = trial_steps(subject.own)
    readings = read_all(recordings, steps)
    tables = [
        _table(f"probes_{number}", target, found, steps)
        for number, (target, found) in enumerate(readings.items())
    ]
    draw_probes(subject.out / FILE, readings, steps, subject.env_id)
    text = (
        "How well a ridge regression reads off the activity what an ideal observer believes, on "
        "held-out episodes. One map for all steps is that of Hennig et al. 2023. Its total R² "
        "credits what a clock alone would tell, as counts grow with time; the second column does "
        "not. Maps of their own for each step tell what is there at all; where one map does much "
        "worse, the code changes with time.",
        "The controls say how much of it has been learnt: the same network before training "
        "remembers, too; without memory there is the last action, the last reward and the time; "
        "shuffled activity is that of another episode, and nothing but the time can be in it.",
    )
    caption = (
        "R² by step on held-out episodes. Above: one linear map for all steps; below: one for "
        "each. Bands: 95 % intervals. What lies below the axis is worse than knowing the mean."
    )
    return Section("What can be read of the activity", text, tables, [Figure(FILE, caption)])


def with_controls(subject: Subject) -> dict[str, Recording]:
    """The agent and its controls, all in the agent's episodes, by what tables call them.

    Raises:
        InputError: If no belief is known.
    """
    if not subject.own.belief:
        raise InputError("the optimum's belief is not known here")
    return subject.recordings | {"shuffled": shuffled(subject.own)}


def trial_steps(recording: Recording) -> NDArray[np.int64]:
    """The steps that are looked at: those at which a choice is made, where trials have several."""
    try:
        return read_choices(recording, np.zeros(recording.played.shape)).steps
    except InputError:
        return np.arange(recording.played.shape[1])


def read_all(recordings: Mapping[str, Recording], steps: NDArray[np.int64]) -> Readings:
    """Probes for each belief and for the time, in each recording."""
    first = next(iter(recordings.values()))
    played = first.played[:, steps]
    clock = np.broadcast_to(np.linspace(0, 1, first.played.shape[1]), first.played.shape)
    return {
        target: {
            name: Reading(
                probe(recording.activity[:, steps], values[:, steps], played),
                probe_each_step(recording.activity[:, steps], values[:, steps], played),
            )
            for name, recording in recordings.items()
        }
        for target, values in (*first.belief.items(), (TIME, clock))
    }


def _shown(steps: NDArray[np.int64]) -> list[int]:
    """Positions in `steps` that tables show: the second one, the tenth and the last."""
    return sorted({min(place, len(steps) - 1) for place in (1, 9, len(steps) - 1)})


def _table(name: str, target: str, found: Mapping[str, Reading], steps: NDArray[np.int64]) -> Table:
    if target == TIME:  # It is the same in all episodes.
        times = [(network, [_cell(reading.all_steps.total)]) for network, reading in found.items()]
        return Table(name, f"R² of {target}", ["one map, total"], times)
    shown = _shown(steps)
    columns = ["one map, total", "one map, beyond time", "maps of their own, beyond time"]
    columns += [f"map of its own, trial {place + 1}" for place in shown]
    rows: list[tuple[str, Sequence[object]]] = []
    for network, (all_steps, each_step) in found.items():
        cells = [all_steps.total, all_steps.within_steps, each_step.within_steps]
        own = [_number(each_step.by_step.value[place]) for place in shown]
        rows.append((network, [_cell(score) for score in cells] + own))
    return Table(name, f"R² of {target}", columns, rows)


def _cell(score: Any) -> str:
    return "-" if np.isnan(score.value) else str(score)


def _number(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.3f}"


def draw_probes(path: Path, readings: Readings, steps: NDArray[np.int64], title: str) -> None:
    """Draws R^2 by step: a column of panels a belief, one map above, a map a step below."""
    targets = [target for target in readings if target != TIME]
    size = (1.2 + 4.0 * len(targets), 6.0)
    shared: dict[str, Any] = {"figsize": size, "sharex": True, "sharey": True, "squeeze": False}
    with figure_file(path, 2, len(targets), **shared) as (figure, panels):
        figure.suptitle(title)
        for column, target in zip(panels.T, targets, strict=True):
            column[0].set_title(target)
            for axes, kind in zip(column, ("all_steps", "each_step"), strict=True):
                axes.axhline(0, color="0.7", linewidth=0.8)
                axes.set(ylim=(LOWEST, 1.02), xlim=(1, len(steps)))
                labels = _draw_lines(axes, readings[target], kind)
                despine(axes)
                if target == targets[-1]:
                    label_lines(axes, labels)
            column[1].set_xlabel("trial" if len(steps) < steps[-1] + 1 else "step")
        panels[0, 0].set_ylabel("R², one map for all steps")
        panels[1, 0].set_ylabel("R², a map for each step")


def _draw_lines(axes: Any, found: Mapping[str, Reading], kind: str) -> list[Label]:
    labels = []
    for colour, (name, reading) in zip(COLOURS, found.items(), strict=False):
        score = getattr(reading, kind).by_step
        places = np.arange(1, len(score.value) + 1)
        style = "-" if name == "agent" else "--"
        axes.plot(places, score.value, style, color=colour, linewidth=1.6)
        axes.fill_between(places, score.low, score.high, color=colour, alpha=0.18, linewidth=0)
        known = np.flatnonzero(np.isfinite(score.value))
        if len(known):
            end = max(float(score.value[known[-1]]), LOWEST)
            labels.append(Label(end, name, colour))
    return labels
