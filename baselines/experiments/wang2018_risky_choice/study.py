"""Risky choices with the prediction error as it is and changed, beside Wang et al. 2018, Fig. 7.

Simulation 6, after the optogenetics of Stopper et al. 2014. An agent of two LSTMs (`--cell
actor-critic-lstm`), trained without any manipulation, plays with frozen weights while the
prediction error that its actor gets is changed after some outcomes. The manipulations are those of
the paper. It does not say whether they act on forced trials too, so both are shown: on all trials,
and on the free ones only.
`data/wang2018_fig7.csv` holds the published shares of risky choices in percent, of networks and of
rats, read off to 0.3; each manipulation has a control of its own there, and ours share one.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.a2c_lstm.policy import A2CLSTMPolicy
from baselines.common.errors import InputError
from baselines.common.intervals import confidence_interval
from baselines.common.progress import track
from baselines.common.run_folder import runs_in
from baselines.evaluation.episodes import Episode, draw_episodes
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.load import load
from baselines.evaluation.result import Evaluation
from baselines.experiments.wang2018_risky_choice.figure import draw
from baselines.experiments.wang2018_risky_choice.manipulations import (
    CONDITIONS,
    CONTROL,
    ENV,
    FREE,
    MANIPULATIONS,
    manipulation,
)
from baselines.experiments.wang2018_risky_choice.shares import (
    PROBABILITIES,
    Pair,
    Shares,
    over_runs,
    risky_shares,
)
from baselines.reporting.markdown import Table, write_markdown
from baselines.reporting.page import Figure, Section

DATA = Path(__file__).parents[1] / "data" / "wang2018_fig7.csv"
FILE = "risky_choices.svg"
QUESTION = (
    "If the prediction error that an actor gets is changed after some outcomes, do its choices "
    "change as those of rats do whose dopamine cells are stimulated?"
)
DIFFERS = (
    "The paper does not say whether forced trials are manipulated too: both are shown. Each of its "
    "manipulations has a control of its own, ours share one.",
    "The network must have two LSTMs and a prediction error that can be changed, as `--cell "
    "actor-critic-lstm` has; the included agents have not. docs/results.md tells how three of them "
    "were trained.",
)


def run(out: Path, episodes: int = 1_333, seed: int = 0, agent: str | None = None) -> Section:
    """Plays the optimum and a trained agent, and writes tables and a figure.

    Args:
        out: Folder to write into.
        episodes: Of each agent and condition.
        seed: Noise and sampling follow from it.
        agent: The trained agent; or a folder of runs with several seeds, as `train` makes it.

    Raises:
        InputError: If the agent has no prediction error.
    """
    # The user's agent comes first: what cannot be used is refused before the work.
    agents = {} if agent is None else {path: _load(path) for path in runs_in(agent)}
    played = balanced_episodes(episodes, seed)
    jobs = [(name, what) for name in agents for what in CONDITIONS]
    found: dict[str, dict[str, Evaluation]] = {"optimal": {}, **{name: {} for name in agents}}
    for name, what in track([("optimal", CONTROL), *jobs], " in ".join):
        player: Any = name
        if name in agents:
            player = agents[name]
            player.change_prediction_error(manipulation(what))
        found[name][what] = evaluate(player, ENV, played, seed)
    control = write_control(out / "control.md", {name: of[CONTROL] for name, of in found.items()})
    ours = {name: {what: risky_shares(e) for what, e in of.items()} for name, of in found.items()}
    if len(agents) > 1:
        ours["all runs"] = over_runs([ours[name] for name in agents])
    networks, rats = read_published("networks"), read_published("rats")
    shares = write_shares(out / "risky_choices.md", ours, networks, rats)
    draw(ours, networks, rats, out / FILE)
    told = [
        f"{name}, without manipulation: {mean:.1f} % of free pulls are of the risky arm, p = {p:g}."
        for name, of in ours.items()
        for p, mean in zip(PROBABILITIES, of[CONTROL].mean, strict=True)
    ]
    figure = Figure(FILE, "Risky choices by manipulation. Open marks: as published.")
    tables = [shares, control]
    return Section("Risky choice, Wang et al. 2018", told, tables, [figure], QUESTION, DIFFERS)


def _load(path: str) -> A2CLSTMPolicy:
    policy = load(path, ENV)
    if not isinstance(policy, A2CLSTMPolicy):
        raise InputError(f"{path} must be an A2C-LSTM, whose prediction error can be changed")
    policy.change_prediction_error(None)  # Refused here if it has none.
    return policy


def balanced_episodes(count: int, seed: int) -> list[Episode]:
    """As many for each chance and side, as nearly as the count allows."""
    tasks = [{"risky_side": side, "risky_probability": p} for side in (0, 1) for p in PROBABILITIES]
    return draw_episodes(seed, count, tasks)


def read_published(who: str) -> dict[str, tuple[Pair, Pair]]:
    """Published shares by manipulation: in control, and stimulated."""
    with DATA.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["who"] == who]
    values = {
        (row["manipulation"], float(row["probability"])): (row["control"], row["stimulated"])
        for row in rows
    }
    published = {}
    for what in MANIPULATIONS:
        table = np.array([values[what, p] for p in PROBABILITIES], float).T.tolist()
        published[what] = (table[0][0], table[0][1]), (table[1][0], table[1][1])
    return published


def write_control(path: Path, found: Mapping[str, Evaluation]) -> Table:
    """Writes how well agents do without manipulation."""

    def row(evaluation: Evaluation) -> list[str]:
        gap = evaluation.optimality_gaps
        assert gap is not None
        invalid = 100 * float((evaluation.rewards < 0).mean())
        cells = [_cell(*_mean_and_half(values)) for values in (evaluation.returns, gap)]
        return [*cells, f"{invalid:.3f}"]

    columns = ("return", "optimality gap", "invalid responses, %")
    rows = ((name, row(evaluation)) for name, evaluation in found.items())
    return write_markdown(path, "control", columns, rows)


def _mean_and_half(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = confidence_interval(values)
    return (low + high) / 2, (high - low) / 2


def _cell(mean: float, half: float, digits: int = 2) -> str:
    return f"{mean:.{digits}f} ± {half:.{digits}f}"


def write_shares(
    path: Path,
    ours: Mapping[str, Mapping[str, Shares]],
    networks: Mapping[str, tuple[Pair, Pair]],
    rats: Mapping[str, tuple[Pair, Pair]],
) -> Table:
    """Writes shares with 95 % intervals, those of published networks in brackets beside them."""
    columns = [f"p = {p:g}, {what}" for p in PROBABILITIES for what in (CONTROL, "stimulated")]
    rows: dict[str, Sequence[object]] = {}
    for name, shares in ours.items():
        if len(shares) == 1:
            first, second = (_cell(*both, 1) for both in zip(*shares[CONTROL], strict=True))
            rows[name] = [first, "-", second, "-"]
            continue
        for condition in CONDITIONS[1:]:
            pairs = networks[condition.removesuffix(FREE)]
            rows[f"{name}: {condition}"] = [
                f"{_cell(found.mean[i], found.half[i], 1)} ({pair[i]:.1f})"
                for i in range(len(PROBABILITIES))
                for found, pair in zip((shares[CONTROL], shares[condition]), pairs, strict=True)
            ]
    for who, values in (("networks", networks), ("rats", rats)):
        for what, published in values.items():
            cells = [f"({pair[i]:.1f})" for i in range(len(PROBABILITIES)) for pair in published]
            rows[f"{who} (2018): {what}"] = cells
    return write_markdown(path, "risky choices, %", columns, rows.items())
