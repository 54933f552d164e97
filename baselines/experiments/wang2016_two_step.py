"""Stays in the two-step task of Wang et al. 2016, section 3.2.1, `MetaTwoStep-v0`.

Fig. 5b has the stays of a model-based and a model-free learner, Fig. 5c those of the trained
network, all read off to 0.01. The paper does not say which trials it counts. The optimum has its
figures only from the first trial to the second: later it knows too much to change its mind after
one rare transition. So both are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from baselines.analysis.two_step import Trials, stay_probabilities
from baselines.experiments.two_step.figure import Row, draw
from baselines.experiments.two_step.trials import ERRING, play_all, told_stays, write_stays
from baselines.reporting.page import Figure, Section

ENV_ID = "MetaTwoStep-v0"
FIG_5B = {
    "two-step-model-based": np.array([0.97, 0.0, 0.0, 0.94]),
    "two-step-model-free": np.array([0.85, 0.85, 0.18, 0.18]),
}
"""Stays that Wang et al. 2016 predict, by agent, in the order of `KINDS`."""
FIG_5C = np.array([1.0, 0.0, 0.0, 0.965])
"""Stays of their trained network."""

FILE = "two_step.svg"
QUESTION = (
    "Does an agent that was trained by reward alone plan with a model, so that a rare transition "
    "turns what it makes of a reward around?"
)
DIFFERS = (
    "The paper does not say which trials it counts. Over all ten the optimum changes its mind "
    "after a rare transition only half of the time, because by then it has learnt which state is "
    "good; from the first trial to the second it has the published figures. So both are shown.",
)


def run(out: Path, episodes: int = 20_000, seed: int = 0, agent: str | None = None) -> Section:
    """Plays the agents and writes tables and a figure.

    Args:
        out: Folder to write into.
        episodes: Of each agent.
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
    stays, first = (
        {name: stay_probabilities(played, last) for name, played in trials.items()}
        for last in (None, 2)
    )
    network = {"network (2016, Fig. 5c)": FIG_5C}
    predicted = {f"{name} (2016, Fig. 5b)": values for name, values in FIG_5B.items()}
    tables = [
        write_stays(out / "stays.md", stays, predicted | network),
        write_stays(out / "stays_from_first_to_second.md", first, network),
    ]
    # What a trained network did stands beside what can learn as well as it.
    able = dict.fromkeys([n for n in ("optimal", ERRING, agent) if n is not None], FIG_5C)
    rows = [Row("stays", stays, FIG_5B | able), Row("stays, trial 1 to 2", first, able)]
    draw(rows, out / FILE)
    told = [f"From trial 1 to 2: {told_stays(n, first)}" for n in ("optimal", agent) if n in first]
    figure = Figure(FILE, "Stays over all trials, and below from the first trial to the second.")
    return Section("Two-step task, Wang et al. 2016", told, tables, [figure], QUESTION, DIFFERS)
