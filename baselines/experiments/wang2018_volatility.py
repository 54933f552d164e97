"""Learning rates in stable and volatile times, beside Fig. 3 of Wang et al. 2018, simulation 2.

Agents are trained on schedules that are drawn, and tested on two: a stable half and then a
volatile one, and the other way round. One that has learnt to learn learns fast in the volatile half
and slowly in the stable one, and a learner of fixed rate does not. The rates are those of
`baselines.analysis.cued_learning_rates`; `data/wang2018_fig3.csv` holds the published ones of eight
networks (their mean, Fig. 3d) and of people (Fig. 3c), read off the vectors.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.analysis.cued_learning_rates import (
    WINDOW,
    LearningRates,
    estimated_volatility,
    learning_rates,
    read_cued_choices,
)
from baselines.common.progress import track
from baselines.evaluation.evaluate import evaluate
from baselines.reporting.figures import Label, despine, figure_file, label_lines
from baselines.reporting.markdown import Cell, Table, write_markdown
from baselines.reporting.page import Figure, Section
from meta_envs.tasks.bandits.volatility import DRAWN, HIGH_FIRST, LOW_FIRST, SCHEDULES

ENV_ID = "MetaVolatility-v0"
OPTIMUM = "optimal"
AGENTS = (OPTIMUM, "cued-rescorla-wagner", "pearce-hall")
TESTS = (LOW_FIRST, HIGH_FIRST)
DATA = Path(__file__).parent / "data" / "wang2018_fig3.csv"
COLUMNS = ("stable first", "volatile first", "volatile second", "stable second")
FIGURE_RANGE = (0.03, 1.0)
"""Learning rates that the figure shows."""
FILE = "learning_rates.svg"
QUESTION = "Does an agent learn faster where the world changes more often?"
DIFFERS = (
    "Published rates are higher than the optimum's for the networks and lower for people; which "
    "prior of volatilities they had is not known. A learner of fixed rate has one rate everywhere.",
)


class Played(NamedTuple):
    """What an agent did.

    Attributes:
        regrets: Of each episode by schedule, shape (episodes,).
        rates: Its learning rates by test schedule.
    """

    regrets: Mapping[str, NDArray[np.float64]]
    rates: Mapping[str, LearningRates]

    @property
    def halves(self) -> tuple[tuple[float, float], ...]:
        """Learning rate and half its interval for each of `COLUMNS`."""
        low, high = (self.rates[schedule] for schedule in TESTS)
        return (
            (low.first, low.first_half),
            (high.first, high.first_half),
            (low.second, low.second_half),
            (high.second, high.second_half),
        )


def run(out: Path, episodes: int = 400, seed: int = 0, agent: str | None = None) -> Section:
    """Plays the agents on all schedules and writes two tables and a figure.

    Args:
        out: Folder to write into.
        episodes: Of each agent on each schedule.
        seed: Tasks, noise and sampling follow from it.
        agent: One more, trained on drawn schedules.

    Raises:
        InputError: If that agent cannot play the task, or there are too few episodes.
    """
    # The user's agent comes first: what cannot be used is refused before the work.
    names = [*AGENTS] if agent is None else [agent, *AGENTS]
    played: dict[str, Played] = {}
    volatility: dict[str, NDArray[np.float64]] = {}
    try:
        for name in track(names):
            played[name] = play(name, episodes, seed, volatility)
    finally:
        # Also after Ctrl-C: what has been played is kept.
        ours = {name: played[name] for name in (*AGENTS, *names) if name in played}
        if ours:
            published = read_published()
            tables = [
                write_rates(out / "learning_rates.md", ours, published),
                write_regrets(out / "regret.md", ours),
            ]
            draw(out / FILE, ours, published, volatility)
    told = [
        f"{name}: a learning rate of {one.halves[0][0]:.2f} and {one.halves[3][0]:.2f} in stable "
        f"halves, {one.halves[1][0]:.2f} and {one.halves[2][0]:.2f} in volatile ones."
        for name, one in ours.items()
    ]
    caption = (
        "Learning rates through both test schedules, and the volatility the optimum estimates."
    )
    title = "Volatility, Wang et al. 2018"
    return Section(title, told, tables, [Figure(FILE, caption)], QUESTION, DIFFERS)


def play(
    agent: str, episodes: int, seed: int, volatility: dict[str, NDArray[np.float64]]
) -> Played:
    """Plays an agent on all schedules.

    Args:
        agent: Its name or path.
        episodes: On each schedule.
        seed: Tasks, noise and sampling follow from it.
        volatility: Takes what the optimum holds the volatility to be, by test schedule, shape
            (trials,). Outcomes do not depend on who plays, nor does it.
    """
    regrets, rates = {}, {}
    for schedule in SCHEDULES:
        kwargs = {"schedule": schedule}
        # A network trained on drawn schedules plays the others as they are.
        evaluation = evaluate(agent, ENV_ID, episodes, seed, kwargs, transfer=True)
        assert evaluation.regrets is not None
        regrets[schedule] = evaluation.regrets
        if schedule != DRAWN:
            choices = read_cued_choices(evaluation)
            rates[schedule] = learning_rates(choices)
            volatility[schedule] = estimated_volatility(choices.first_paid).mean(axis=0)
    return Played(regrets, rates)


def read_published() -> dict[str, list[float]]:
    """Learning rates in the order of `COLUMNS`, by source."""
    with DATA.open(newline="") as file:
        rows = list(csv.DictReader(file))
    keys = [column.replace(" ", "_") for column in COLUMNS]
    return {row["source"]: [float(row[key]) for key in keys] for row in rows}


def write_rates(
    path: Path, played: Mapping[str, Played], published: Mapping[str, Sequence[float]]
) -> Table:
    """Writes the learning rates with 95 % intervals, the published ones below."""
    rows: dict[str, Sequence[object]] = {
        name: [f"{mean:.3f} ± {half:.3f}" for mean, half in one.halves]
        for name, one in played.items()
    }
    rows |= {name: [f"({value:.3f})" for value in values] for name, values in published.items()}
    return write_markdown(path, "learning rate", COLUMNS, rows.items())


def write_regrets(path: Path, played: Mapping[str, Played]) -> Table:
    """Writes the regret on each schedule, and what of it is more than the optimum's."""
    columns = [text for s in SCHEDULES for text in (s, f"{s}, minus the optimum's")]
    best = played[OPTIMUM].regrets if OPTIMUM in played else {}
    rows: dict[str, list[object]] = {name: [] for name in played}
    for name, one in played.items():
        for schedule, regrets in one.regrets.items():
            more = regrets - best.get(schedule, regrets)
            rows[name] += [Cell.from_values(regrets), Cell.from_values(more) if more.any() else "-"]
    return write_markdown(path, "regret after 200 pulls", columns, rows.items())


def draw(
    path: Path,
    played: Mapping[str, Played],
    published: Mapping[str, Sequence[float]],
    volatility: Mapping[str, NDArray[np.float64]],
) -> None:
    """Draws rates through both test schedules, and below the volatility that seems to be."""
    stable_1, volatile_1, volatile_2, stable_2 = published["networks (2018)"]
    pairs = {LOW_FIRST: (stable_1, volatile_2), HIGH_FIRST: (volatile_1, stable_2)}
    kwargs: dict[str, Any] = {"figsize": (9.6, 5.0), "sharex": True, "sharey": "row"}
    with figure_file(path, 2, 2, height_ratios=(2.6, 1), **kwargs) as (_, panels):
        for schedule, column in zip(TESTS, panels.T, strict=True):
            trials = len(volatility[schedule])
            for axes in column:
                shade(axes, trials, schedule)
                despine(axes)
            rates, below = column
            rates.set_title(schedule)
            labels = draw_rates(rates, schedule, played, pairs[schedule], trials)
            below.plot(np.arange(1, trials + 1), volatility[schedule], color="k")
            below.set(xlabel="trial", ylim=(0, 0.2))
        panels[0, 0].set_ylabel(f"learning rate of {WINDOW} trials")
        panels[1, 0].set_ylabel("estimated\nvolatility")
        label_lines(panels[0, 1], labels)


def shade(axes: Any, trials: int, schedule: str) -> None:
    """Marks the volatile half."""
    start = trials // 2 if schedule == LOW_FIRST else 0
    axes.axvspan(start + 0.5, start + trials - trials // 2 + 0.5, color="0.93", linewidth=0)
    axes.set_xlim(0.5, trials + 0.5)


def draw_rates(
    axes: Any,
    schedule: str,
    played: Mapping[str, Played],
    published: tuple[float, float],
    trials: int,
) -> list[Label]:
    """Draws a line an agent, and the published means of both halves; returns their labels."""
    axes.set(yscale="log", ylim=FIGURE_RANGE)
    ticks = (0.05, 0.1, 0.2, 0.5, 1.0)
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    start = trials // 2 if schedule == LOW_FIRST else 0
    axes.text(start + trials / 4, 0.9, "volatile", ha="center", va="top", color="0.35")
    labels = []
    for number, (name, one) in enumerate(played.items()):
        alpha = one.rates[schedule].alpha
        colour, style = ("k", "--") if name == OPTIMUM else (f"C{number - 1}", "-")
        # A window stands in the middle of its trials.
        axes.plot(np.arange(len(alpha)) + (WINDOW + 1) / 2, alpha, style, color=colour)
        labels.append(Label(float(alpha[-1]), name, colour, len(alpha) + WINDOW / 2))
    for half, rate in enumerate(published):
        ends = np.array([0.5, trials / 2 + 0.5]) + half * trials / 2
        axes.plot(ends, [rate, rate], ":", color="0.4", linewidth=2.5)
    labels.append(Label(published[1], "networks (2018), means", "0.4"))
    return labels
