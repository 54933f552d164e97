"""Matching of choices to rewards, beside Fig. 2 of Wang et al. 2018 (simulation 1).

The tasks have all base rates (`split="all"`), so that those held out of training are among them.
The paper's line of choice ratios by reward ratios has a slope of .60 over all points and of .75
where one arm brought less than four times as much as the other (Fig. 2d). `data/wang2018_fig2.csv`
holds the coefficients of past rewards and choices (Fig. 2f). All were read off the figures.

The axis of the choices is drawn upside down there, from 6 below to -2 above, and which sign is
meant is not said. The tables have it as labelled. The figure here has the opposite sign: with it
the last choice speaks against its arm and those before it for theirs, as in an agent that visits
the poorer arm now and then.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.analysis.matching import (
    ChoiceHistory,
    Line,
    Ratios,
    choice_history,
    fit_line,
    invalid_share,
    ratios,
    read_choices,
)
from baselines.common.intervals import Z95
from baselines.common.progress import track
from baselines.evaluation.evaluate import evaluate
from baselines.reporting.figures import despine, figure_file
from baselines.reporting.markdown import Cell, Table, write_markdown
from baselines.reporting.page import Figure, Section

ENV_ID, TASKS = "MetaMatching-v0", {"split": "all"}
AGENTS = ("optimal", "local-matching", "random")
DATA = Path(__file__).parent / "data" / "wang2018_fig2.csv"
SLOPES = {"all": 0.60, "below 4:1": 0.75}
"""Fig. 2d, by which points."""
HELD_OUT = ((0.1, 0.2), (0.3, 0.4))
"""Base rates of the left arm that training leaves out."""
LAGS = 15
DOTS: dict[str, Any] = {"markersize": 3, "alpha": 0.45, "markeredgewidth": 0, "rasterized": True}
FILE = "matching.svg"
QUESTION = (
    "Do choices follow Herrnstein's law, as those of monkeys do: is the share of choices of an arm "
    "its share of the rewards?"
)
DIFFERS = (
    "The published points level off at a choice ratio of about four to one, ours do not, so that "
    "the slope over all points is steeper here. Below 4:1 they can be compared.",
    "The axis of the weights of past choices is drawn upside down in the paper, and which sign is "
    "meant is not said: the tables have it as labelled, the figure here the other way round.",
)


class Played(NamedTuple):
    """What an agent did.

    Attributes:
        returned: Its mean return, and half of the 95 % interval.
        invalid: Share of invalid responses.
        ratios: A point an episode.
        history: Weights of past trials.
    """

    returned: Cell
    invalid: float
    ratios: Ratios
    history: ChoiceHistory


def run(out: Path, episodes: int = 500, seed: int = 0, agent: str | None = None) -> Section:
    """Plays the agents and writes two tables and a figure.

    Args:
        out: Folder to write into.
        episodes: Of each agent.
        seed: Tasks, noise and sampling follow from it.
        agent: One more, trained on `MetaMatching-v0`.

    Raises:
        InputError: If that agent cannot play it.
    """
    # The user's agent comes first: what cannot be used is refused before the work.
    names = [*AGENTS] if agent is None else [agent, *AGENTS]
    played: dict[str, Played] = {}
    try:
        for name in track(names):
            played[name] = play(name, episodes, seed)
    finally:
        # Also after Ctrl-C: what has been played is kept.
        if played:
            rewards, choices = read_published()
            tables = [
                write_slopes(out / "slopes.md", played),
                write_history(out / "history.md", played, rewards, choices),
            ]
            draw(played, rewards, choices, out / FILE)
    told = [
        f"{name}: a slope of {_slope(fit_line(one.ratios))} over all points, "
        f"{_slope(fit_line(parts(one.ratios)['below 4:1']))} below 4:1."
        for name, one in played.items()
    ]
    published = ", ".join(f"{slope:.2f} {what}" for what, slope in SLOPES.items())
    text = [*told, f"Published: {published}. A slope of 1 is perfect matching."]
    caption = "Choices by rewards, a point an episode; below the weights of past trials."
    title = "Matching, Wang et al. 2018"
    return Section(title, text, tables, [Figure(FILE, caption)], QUESTION, DIFFERS)


def play(agent: str, episodes: int, seed: int) -> Played:
    """Plays an agent and analyses its choices.

    Raises:
        InputError: If it cannot play the task.
    """
    # An agent from a run was trained with another split.
    evaluation = evaluate(agent, ENV_ID, episodes, seed, TASKS, transfer=True)
    choices = read_choices(evaluation)
    return Played(
        Cell.from_values(evaluation.returns),
        invalid_share(evaluation),
        ratios(choices),
        choice_history(choices, LAGS),
    )


def read_published() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coefficients of rewards and of choices by lag, each of shape (lags,)."""
    with DATA.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["lag"]) for row in rows] == list(range(1, LAGS + 1))
    rewards, choices = (np.array([float(row[c]) for row in rows]) for c in ("rewards", "choices"))
    return rewards, choices


def parts(points: Ratios) -> dict[str, Ratios]:
    """The points by what they are of: all, near the middle, trained and held-out base rates."""
    near = np.abs(points.rewards) < 2
    held_out = np.any([(a < points.left_rates) & (points.left_rates < b) for a, b in HELD_OUT], 0)
    return {
        "all": points,
        "below 4:1": points.where(near),
        "trained": points.where(~held_out),
        "held out": points.where(held_out),
        "trained, below 4:1": points.where(~held_out & near),
        "held out, below 4:1": points.where(held_out & near),
    }


def _slope(line: Line) -> str:
    return "-" if np.isnan(line.slope) else str(Cell(line.slope, Z95 * line.error))


def write_slopes(path: Path, played: Mapping[str, Played]) -> Table:
    """Writes returns, invalid responses and slopes with 95 % intervals, published ones below."""
    rows: dict[str, Sequence[object]] = {}
    for name, one in played.items():
        slopes = {part: _slope(fit_line(points)) for part, points in parts(one.ratios).items()}
        invalid = f"{100 * one.invalid:.3f} %"
        rows[name] = [one.returned, invalid, len(one.ratios.rewards), *slopes.values()]
    published = [f"({SLOPES[part]:.2f})" if part in SLOPES else "-" for part in slopes]
    rows["networks (2018, Fig. 2d)"] = ["-", "-", "(658)", *published]
    columns = ["return", "invalid", "points", *(f"slope, {part}" for part in slopes)]
    return write_markdown(
        path, "log2 choices by log2 rewards, right to left", columns, rows.items()
    )


def write_history(
    path: Path,
    played: Mapping[str, Played],
    rewards: NDArray[np.float64],
    choices: NDArray[np.float64],
) -> Table:
    """Writes coefficients with 95 % intervals, the published ones below.

    A dash stands where there is no finite fit.
    """
    rows: dict[str, Sequence[object]] = {}
    for name, (*_, history) in played.items():
        for kind, means, errors in zip(
            ("rewards", "choices"), history[:2], history[2:], strict=True
        ):
            cells = zip(means.tolist(), (Z95 * errors).tolist(), strict=True)
            rows[f"{name}: {kind}"] = ["-" if np.isnan(m) else Cell(m, half) for m, half in cells]
    for kind, values in (("rewards", rewards), ("choices", choices)):
        rows[f"networks (2018, Fig. 2f): {kind}"] = [f"({value:.2f})" for value in values]
    columns = [f"{lag} trial{'s'[: lag > 1]} ago" for lag in range(1, LAGS + 1)]
    return write_markdown(path, "log-odds of an arm by a trial", columns, rows.items())


def draw(
    played: Mapping[str, Played],
    rewards: NDArray[np.float64],
    choices: NDArray[np.float64],
    path: Path,
) -> None:
    """Draws a column an agent: choices by rewards above, weights of past trials below."""
    size = 2.7 * len(played) + 0.4, 7.2
    kwargs: dict[str, Any] = {"figsize": size, "sharey": "row", "sharex": "row", "squeeze": False}
    with figure_file(path, 3, len(played), dpi=110, **kwargs) as (_, panels):
        for (name, one), column in zip(played.items(), panels.T, strict=True):
            _points(column[0], one.ratios)
            # The end of a path tells more than its beginning.
            column[0].set_title(name if len(name) < 25 else f"...{name[-22:]}", fontsize="medium")
            history = one.history
            _weights(column[1], history.rewards, history.reward_errors, rewards, "Fig. 2f")
            sign = "Fig. 2f, sign reversed"
            _weights(column[2], history.choices, history.choice_errors, -choices, sign)
        titles = ("log2 choices, right / left", "log-odds by a reward", "log-odds by a choice")
        for axes, title in zip(panels[:, 0], titles, strict=True):
            axes.set_ylabel(title)
        panels[0, 0].legend(fontsize=7, loc="upper left", handlelength=1, frameon=False)
        for row in (1, 2):
            panels[row, 0].legend(fontsize=7, frameon=False)


def _points(axes: Any, points: Ratios) -> None:
    axes.axline((0, 0), slope=1, color="0.8", linewidth=0.8, zorder=0)
    for part, colour, marker in (("trained", "C0", "o"), ("held out", "C1", "^")):
        some = parts(points)[part]
        axes.plot(
            some.rewards, some.choices, marker, color=colour, label=f"{part} base rates", **DOTS
        )
    line = fit_line(points)
    if not np.isnan(line.slope):
        axes.axline((0, line.intercept), slope=line.slope, color="k", label="fit to all")
    axes.axline((0, 0), slope=SLOPES["all"], color="k", linestyle=":", label="slope, Fig. 2d")
    text = f"slope {line.slope:.2f}"
    axes.text(0.97, 0.04, text, transform=axes.transAxes, ha="right", fontsize=9)
    axes.set(xlabel="log2 rewards, right / left", xlim=(-6, 6), ylim=(-6, 6))
    despine(axes)


def _weights(
    axes: Any,
    means: NDArray[np.float64],
    errors: NDArray[np.float64],
    published: NDArray[np.float64],
    source: str,
) -> None:
    lags = np.arange(1, LAGS + 1)
    axes.axhline(0, color="0.8", linewidth=0.8)
    axes.errorbar(lags, means, Z95 * errors, marker="o", markersize=3, label="ours")
    axes.plot(lags, published, "kD", markersize=4, markerfacecolor="w", label=source)
    if np.isnan(means).all():
        axes.text(0.5, 0.95, "no finite fit", transform=axes.transAxes, ha="center", va="top")
    axes.set(xlabel="trials ago", xticks=(1, 5, 10, 15))
    despine(axes)
