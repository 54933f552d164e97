"""What single units are tuned to, with all else held fixed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from baselines.common.errors import InputError
from baselines.experiments.inside.probes import trial_steps
from baselines.experiments.inside.subject import Subject
from baselines.inside.choices import read_choices
from baselines.inside.recording import Recording
from baselines.inside.tuning import Tuning, last_trial, unit_tuning
from baselines.reporting.figures import figure_file
from baselines.reporting.markdown import Table
from baselines.reporting.page import Figure, Section

FILE = "tuning.svg"


def section(subject: Subject) -> Section:
    """Partial correlations of all units, trained beside untrained.

    Raises:
        InputError: If there are no two choices, or the agent tells no values.
    """
    found = {name: tune(recording) for name, recording in subject.before_and_after.items()}
    names = found["agent"].names
    tables = [
        Table(
            "tuning",
            "mean |partial correlation| (share of units that code it)",
            names,
            [(name, _row(tuning)) for name, tuning in found.items()],
        )
    ]
    draw_tuning(subject.out / FILE, found, subject.env_id)
    text = (
        "Each unit's partial correlations before a choice with the last action, the last reward, "
        "their product and the critic's value, each with the others held fixed, as in Fig. 2e of "
        "Wang et al. 2018 (there .22, .07, .11 and .21 on average, in the matching task). A unit "
        "codes a variable where p < .05 after Bonferroni's correction for the number of units, "
        "with errors that allow for what the trials of an episode have in common. Among so many "
        "trials small correlations are significant, too, and units of an untrained network code "
        "as much: that they do is no sign of learning by itself.",
    )
    caption = "Partial correlations; units sorted by what they code most. Dots: significant."
    return Section("What units are tuned to", text, tables, [Figure(FILE, caption)])


def tune(recording: Recording) -> Tuning:
    """The variables of Fig. 2e at each choice but the first, whose trial is the first of all."""
    steps, variables = trial_steps(recording), last_choice(recording)
    variables = {name: values[:, 1:] for name, values in variables.items()}
    activity = recording.activity[:, steps][:, 1:]
    return unit_tuning(activity, variables, recording.played[:, steps][:, 1:])


def last_choice(recording: Recording) -> Mapping[str, NDArray[np.float64]]:
    """Of each trial what was chosen and paid in the one before, and the value: (episodes, trials).

    Raises:
        InputError: If there are no two choices, or the agent tells no values.
    """
    if recording.values is None:
        raise InputError(f"{recording.agent} tells no values")
    choices = read_choices(recording)
    return last_trial(
        np.where(choices.counted, choices.actions, -1),
        choices.rewards,
        recording.values[:, choices.steps],
    )


def _row(tuning: Tuning) -> list[str]:
    pairs = zip(tuning.mean_absolute, tuning.shares, strict=True)
    return [f"{mean:.2f} ({100 * share:.0f} %)" for mean, share in pairs]


def draw_tuning(path: Path, found: Mapping[str, Tuning], title: str) -> None:
    """Draws a map of units by variables for each network."""
    units = max(len(tuning.correlations) for tuning in found.values())
    size = (1.6 + 3.2 * len(found), 2.0 + 0.085 * units)
    with figure_file(path, 1, len(found), figsize=size, squeeze=False) as (figure, panels):
        figure.suptitle(title)
        for axes, (name, tuning) in zip(panels[0], found.items(), strict=True):
            values = np.nan_to_num(tuning.correlations)
            most = np.abs(values).argmax(axis=1)
            order = np.lexsort((-values[np.arange(len(values)), most], most))
            image = axes.imshow(
                values[order], aspect="auto", cmap="RdBu_r", vmin=-1, vmax=1, interpolation="none"
            )
            rows, columns = np.nonzero(tuning.significant[order])
            axes.scatter(columns, rows, s=4, color="k")
            ticks = range(len(tuning.names))
            axes.set_xticks(ticks, tuning.names, rotation=30, ha="right")
            axes.set(title=name, ylabel="unit, sorted" if axes is panels[0, 0] else "")
        figure.colorbar(image, ax=panels, label="partial correlation", shrink=0.7)
