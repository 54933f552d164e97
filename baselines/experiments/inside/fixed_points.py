"""Fixed points of the agent's memory, were the same trial to come again and again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.common.errors import InputError
from baselines.experiments.inside.kinds import look
from baselines.experiments.inside.subject import Subject
from baselines.inside.choices import Choices, read_choices
from baselines.inside.components import Components, principal_components
from baselines.inside.fixed_points import (
    FixedPoints,
    Visits,
    eigenvalues_at,
    fixed_points,
    time_constants,
    visit,
)
from baselines.inside.phase_portrait import Kind, PhasePortrait, phase_portrait
from baselines.reporting.figures import despine, figure_file
from baselines.reporting.markdown import Table
from baselines.reporting.page import Figure, Section

FILE = "fixed_points.svg"
STARTS = 40
"""States visited that the search starts from."""
EPISODES = 200
"""Whose states are visited and drawn."""
TRAJECTORIES = 25
"""Episodes whose course is drawn."""
NEAR = 1.0
"""Distance within which a point is among the states visited; see `FixedPoints.distances`."""
EIGENVALUES = 10
"""Of the first point of each kind, drawn."""


LONG = 20
"""Trials over which a direction is said to be kept."""


class Found(NamedTuple):
    """What was found for one kind of trial.

    Attributes:
        kind: Of the trial.
        points: The fixed and slow points.
        kept: Directions that are kept over `LONG` trials at the states visited, on average.
    """

    kind: Kind
    points: FixedPoints
    kept: float


def section(subject: Subject) -> Section:
    """Fixed points for each kind of trial in the middle of an episode, and their eigenvalues.

    Raises:
        InputError: If the task has not two choices, or the network cannot be taken apart.
    """
    choices = read_choices(subject.own)
    visits = visit(subject.policy, subject.own.evaluation)
    portrait = phase_portrait(choices)
    at_choice = visits.states[:EPISODES, choices.steps]
    states = at_choice[choices.counted[:EPISODES]]
    starts = np.random.default_rng(0).permutation(states)[:STARTS]
    found = [
        _find(subject.policy, kind, inputs, starts)
        for kind, inputs in zip(
            portrait.names, inputs_of_kinds(portrait, choices, visits), strict=True
        )
    ]
    components = principal_components(states)
    draw_fixed_points(subject.out / FILE, found, components, at_choice[:TRAJECTORIES])
    return Section("Fixed points", TEXT, [_table(found)], [Figure(FILE, CAPTION)])


def _find(
    policy: Any, kind: Kind, inputs: NDArray[np.float64], starts: NDArray[np.float64]
) -> Found:
    times = time_constants(eigenvalues_at(policy, inputs, starts))
    kept = float((times > LONG).sum(axis=1).mean())
    return Found(kind, fixed_points(policy, inputs, starts), kept)


TEXT = (
    "Were the same trial, with the same outcome and the same timestep, to come again and again: "
    "where would the memory come to rest (Sussillo and Barak 2013)? Trials are of the middle of an "
    "episode. Eigenvalues are those of the memory's whole course over a trial: one of modulus near "
    "1 is a direction in which a difference is kept, and its time constant is in trials. Where no "
    "fixed point is near, memory may be by counting: the last column is of the states visited.",
)
CAPTION = (
    "Left: states at the choice, over their first two principal components, of 25 episodes (grey), "
    "and fixed points in the colours of the kinds at the right: filled where stable, open where "
    "not, small where only slow; those farther off than the states are from their mean are left "
    "out. Right: a strip of the complex plane for each kind, with the ten largest eigenvalues of "
    "its nearest fixed point; what is at 1 is kept for ever."
)


def inputs_of_kinds(
    portrait: PhasePortrait, choices: Choices, visits: Visits
) -> list[NDArray[np.float64]]:
    """What the network sees between two choices, for each kind of trial, each (steps, size).

    It is that of the trial of this kind that is nearest to the middle of an episode.
    """
    middle = choices.actions.shape[1] // 2
    inputs = []
    for kind in range(len(portrait.names)):
        pairs = portrait.of(kind)
        nearest = int(np.abs(pairs.trials - middle).argmin())
        trial = pairs.trials[nearest]
        between = slice(choices.steps[trial] + 1, choices.steps[trial + 1] + 1)
        inputs.append(visits.inputs[pairs.episodes[nearest], between])
    return inputs


def nearest_fixed(points: FixedPoints) -> int | None:
    """The fixed point nearest to the states visited, a stable one if there is any; or None."""
    for among in (points.fixed & points.stable, points.fixed):
        if among.any():
            return int(np.where(among, points.distances, np.inf).argmin())
    return None


def _table(found: Sequence[Found]) -> Table:
    columns = (
        *("fixed, near", "fixed, far", "slow, near", "searches there", "distance"),
        *("L there", "moduli", "time constants"),
        f"kept over {LONG} trials, visited",
    )
    return Table(
        "fixed_points",
        "after",
        columns,
        [(look(f.kind).label, [*_row(f.points), f"{f.kept:.1f}"]) for f in found],
    )


def _row(points: FixedPoints) -> list[str]:
    near, fixed = points.distances <= NEAR, points.fixed
    counts = [f"{int(n.sum())}" for n in (fixed & near, fixed & ~near, ~fixed & near)]
    best = nearest_fixed(points)
    if best is None:
        return [*counts, *("-",) * 5]
    moduli = np.abs(points.eigenvalues[best, :4])
    return [
        *counts,
        f"{points.starts[best]} of {STARTS}",
        f"{points.distances[best]:.2f}",
        f"{points.logits[best, 0] - points.logits[best, 1]:.2f}",
        ", ".join(f"{modulus:.3f}" for modulus in moduli),
        ", ".join(f"{time:.3g}" for time in points.time_constants[best, :4]),
    ]


def draw_fixed_points(
    path: Path,
    found: Sequence[Found],
    components: Components,
    trajectories: NDArray[np.float64],
) -> None:
    """Draws points among the states visited, and eigenvalues.

    Args:
        path: Where to.
        found: By kind of trial.
        components: Of the states.
        trajectories: States, shape (episodes, trials, n).

    Raises:
        InputError: If there is no kind of trial.
    """
    if not found:
        raise InputError("there must be a kind of trial to draw")
    with figure_file(path, 1, 2, figsize=(11, 4.6)) as (_, (left, right)):
        for course in components.project(trajectories):
            left.plot(*course.T, color="0.6", linewidth=0.5, alpha=0.5)
        first, second = 100 * components.explained[:2]
        left.set(xlabel=f"PC 1 ({first:.0f} %)", ylabel=f"PC 2 ({second:.0f} %)")
        for kind, points, _ in found:
            _draw_points(left, points, components, look(kind).colour)
        despine(left)
        _draw_eigenvalues(right, found)


def _draw_points(axes: Any, points: FixedPoints, components: Components, colour: str) -> None:
    near = points.distances <= NEAR
    for among, style in (
        (near & ~points.fixed, {"marker": ".", "markersize": 4}),
        (
            near & points.fixed & ~points.stable,
            {"marker": "o", "markerfacecolor": "w", "markersize": 8},
        ),
        (near & points.fixed & points.stable, {"marker": "o", "markersize": 9}),
    ):
        where = components.project(points.states[among])
        axes.plot(*where.T, color=colour, linestyle="", zorder=3, **style)


def _draw_eigenvalues(axes: Any, found: Sequence[Found]) -> None:
    """A strip a kind: along it the real parts, across it the imaginary ones, -0.5 to 0.5."""
    axes.axvline(1, color="0.6", linewidth=0.8)
    rows = np.arange(len(found))[::-1]
    for row, (kind, points, _) in zip(rows, found, strict=True):
        axes.axhline(row, color="0.85", linewidth=0.8)
        best = nearest_fixed(points)
        if best is None:
            axes.text(1, row, "no fixed point ", va="center", ha="right", fontsize=9, color="0.4")
            continue
        values = points.eigenvalues[best, :EIGENVALUES]
        axes.plot(
            *(values.real, row + values.imag, "o"),
            color=look(kind).colour,
            markerfacecolor="none",
            markersize=6,
        )
    axes.set_yticks(rows, [look(kind).label for kind, *_ in found])
    for tick, (kind, *_) in zip(axes.get_yticklabels(), found, strict=True):
        tick.set_color(look(kind).colour)
    axes.set(xlabel="eigenvalue: real part (imaginary part across)", ylim=(-0.6, len(found) - 0.4))
    axes.tick_params(axis="y", length=0)
    despine(axes)
