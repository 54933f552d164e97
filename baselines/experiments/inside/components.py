"""The widest directions of activity: their course over trials, and what they go with at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.experiments.inside.probes import trial_steps
from baselines.experiments.inside.subject import Subject
from baselines.inside.components import Components, principal_components
from baselines.inside.recording import Recording
from baselines.reporting.figures import despine, figure_file
from baselines.reporting.markdown import Table
from baselines.reporting.page import Figure, Section

FILE = "components.svg"
EPISODES = 300
"""Drawn, as in Fig. 1e-f of Wang et al. 2018."""
SHOWN = 5
"""Components in the table."""


class Course(NamedTuple):
    """Something that is believed of the task, which colours episodes and is drawn against.

    Attributes:
        name: What it is.
        values: At the end of each episode, shape (episodes,).
    """

    name: str
    values: NDArray[np.float64]


def section(subject: Subject) -> Section:
    """Principal components over all trials, and the number of dimensions used.

    Raises:
        InputError: If the activity does not vary.
    """
    steps = trial_steps(subject.own)
    found = {
        name: principal_components(one.activity[:, steps], one.played[:, steps])
        for name, one in subject.before_and_after.items()
    }
    columns = ["participation ratio", *(f"PC {n + 1}, share" for n in range(SHOWN))]
    rows = [(name, _row(components)) for name, components in found.items()]
    draw_components(subject.out / FILE, subject.own, found["agent"], steps, subject.env_id)
    text = (
        "Principal components of the activity over all trials of all episodes. The participation "
        "ratio, (sum of variances)² / sum of squared variances, is the number of dimensions used.",
    )
    caption = (
        f"{EPISODES} episodes over the first two components, from the first trial to the last, as "
        "in Fig. 1e of Wang et al. 2018; and at the last one, as in Fig. 1f."
    )
    return Section(
        "Principal components",
        text,
        [Table("components", "network", columns, rows)],
        [Figure(FILE, caption)],
    )


def _row(components: Components) -> list[str]:
    shares = np.pad(components.explained, (0, SHOWN))[:SHOWN]
    return [f"{components.participation_ratio:.2f}", *(f"{share:.3f}" for share in shares)]


def believed_at_the_end(recording: Recording, step: int) -> Course | None:
    """The number believed of the task that varies most between episodes at a step."""
    best: Course | None = None
    for name, values in recording.belief.items():
        last = values[:, step]
        # Probabilities and means are comparable; counts are not.
        if np.abs(values).max() <= 1 and (
            best is None or last.std(axis=0).max() > best.values.std()
        ):
            column = int(last.std(axis=0).argmax())
            suffix = f" [{column + 1}]" if values.shape[2] > 1 else ""
            best = Course(f"{name}{suffix}", last[:, column])
    return best


def draw_components(
    path: Path,
    recording: Recording,
    components: Components,
    steps: NDArray[np.int64],
    title: str,
) -> None:
    """Draws the episodes' course over two components, and the first one against a belief."""
    shown = slice(0, EPISODES)
    projected = components.project(recording.activity[shown, steps])
    course = believed_at_the_end(recording, int(steps[-1]))
    panels = 2 if course is None else 3
    with figure_file(path, 1, panels, dpi=90, figsize=(4.2 * panels, 4.2)) as (figure, axes):
        figure.suptitle(title)
        _draw_trials(figure, axes[0], projected, components)
        colours: Any = "0.4" if course is None else course.values[shown]
        drawn = axes[1].scatter(*projected[:, -1].T, c=colours, cmap="cividis", s=12)
        _name_axes(axes[1], components)
        axes[1].set_title(f"last of {len(steps)} trials", fontsize=10)
        if course is not None:
            figure.colorbar(drawn, ax=axes[1], label=f"believed: {course.name}")
            _draw_against(axes[2], projected[:, -1], course.values[shown], course.name)
        for panel in axes:
            despine(panel)


def _draw_trials(figure: Any, axes: Any, projected: NDArray[Any], components: Components) -> None:
    trials = np.broadcast_to(np.arange(1, projected.shape[1] + 1), projected.shape[:2])
    # Late trials would hide early ones wherever they are drawn in order.
    order = np.random.default_rng(0).permutation(trials.size)
    points = projected.reshape(-1, 2)[order]
    drawn = axes.scatter(
        *points.T, c=trials.ravel()[order], cmap="viridis", s=2, alpha=0.5, rasterized=True
    )
    figure.colorbar(drawn, ax=axes, label="trial")
    _name_axes(axes, components)
    axes.set_title("all trials", fontsize=10)


def _name_axes(axes: Any, components: Components) -> None:
    first, second = 100 * components.explained[:2]
    axes.set(xlabel=f"PC 1 ({first:.0f} %)", ylabel=f"PC 2 ({second:.0f} %)")


def _draw_against(axes: Any, last: NDArray[Any], values: NDArray[Any], name: str) -> None:
    """The component that goes with the belief most, against it."""
    together = [abs(np.corrcoef(component, values)[0, 1]) for component in last.T]
    best = int(np.nanargmax(together)) if np.isfinite(together).any() else 0
    axes.scatter(values, last[:, best], color="C0", s=12)
    axes.set(xlabel=f"believed: {name}", ylabel=f"PC {best + 1}")
    axes.set_title(f"|r| = {together[best]:.2f} at the last trial", fontsize=10)
