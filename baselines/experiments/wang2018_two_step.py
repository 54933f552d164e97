"""Stays and lagged regression in the two-step task with reversals, beside Wang et al. 2018, Fig. 5.

`MetaTwoStepReversal-v0` is simulation 4, after Miller et al. 2017. `data/wang2018_fig5.csv` holds
the stays of eight networks (their mean) and of six rats, and the networks' regression coefficients
by lag, read off the published vectors. The choices of the optimum follow from the last five trials
so surely that no regression has a finite fit; one that errs in one choice out of a hundred stays
about as often as the networks.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from baselines.analysis.lagged_regression import lagged_regression
from baselines.analysis.two_step import KINDS, Trials, stay_probabilities
from baselines.experiments.two_step.figure import Row, draw
from baselines.experiments.two_step.trials import (
    ERRING,
    play_all,
    told_stays,
    write_coefficients,
    write_stays,
)
from baselines.reporting.page import Figure, Section

ENV_ID = "MetaTwoStepReversal-v0"
DATA = Path(__file__).parent / "data" / "wang2018_fig5.csv"
LAGS = 5
FILE = "two_step.svg"
QUESTION = (
    "Where the good state changes, does a trained agent choose as if it planned, and how far back "
    "does it look?"
)
DIFFERS = (
    "The choices of the optimum follow from the last five trials so surely that no regression has "
    "a finite fit; beside the published networks stands one that errs in one choice out of a "
    "hundred, which stays about as often as they do.",
)


def run(out: Path, episodes: int = 2_000, seed: int = 0, agent: str | None = None) -> Section:
    """Plays the agents and writes tables and a figure.

    Args:
        out: Folder to write into.
        episodes: Of each agent; the paper has 300.
        seed: Tasks, noise and sampling follow from it.
        agent: One more.

    Raises:
        InputError: If that agent cannot play.
    """
    return play_all(ENV_ID, episodes, seed, agent, lambda trials: report(out, trials, agent))


def report(out: Path, trials: Mapping[str, Trials], agent: str | None) -> Section:
    """Writes the tables and the figure.

    Args:
        out: Folder to write into.
        trials: By agent.
        agent: The user's, if there is one.
    """
    networks, rats, lags = read_published()
    stays = {name: stay_probabilities(played) for name, played in trials.items()}
    fits = {name: lagged_regression(played, LAGS) for name, played in trials.items()}
    published = {"networks (2018)": networks, "rats (2018)": rats}
    tables = [
        write_stays(out / "stays.md", stays, published),
        write_coefficients(out / "lags.md", fits, lags),
    ]
    able = [name for name in ("optimal", ERRING, agent) if name is not None]
    rows = [
        Row("stays", stays, dict.fromkeys(able, networks)),
        Row("log-odds by lag", fits, dict.fromkeys(able, lags)),
    ]
    draw(rows, out / FILE)
    told = [told_stays(name, stays) for name in (*able, "two-step-model-free") if name in stays]
    figure = Figure(FILE, "Stays, and below what past trials add to the log-odds of a stay.")
    title = "Two-step task with reversals, Wang et al. 2018"
    return Section(title, told, tables, [figure], QUESTION, DIFFERS)


def read_published() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Stays of networks and of rats, shape (4,) each, and coefficients, shape (4, lags)."""
    with DATA.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(row["kind"] for row in rows) == KINDS
    networks, rats = (np.array([float(r[c]) for r in rows]) for c in ("networks", "rats"))
    lags = [[float(row[f"lag{lag}"]) for lag in range(1, LAGS + 1)] for row in rows]
    return networks, rats, np.array(lags)
