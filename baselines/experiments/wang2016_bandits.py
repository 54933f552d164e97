"""Regret of classic agents and the optimum on the bandits of Wang et al. 2016, 3.1.1 to 3.1.3.

The paper prints no numbers. Beside ours stand values of an independent program of 40,000 episodes
for the bandits that stand still, and for the informative arm closed forms.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from baselines.common.errors import InputError
from baselines.common.progress import track
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.pretrained import is_pretrained, pretrained_agent, pretrained_path
from baselines.evaluation.result import Evaluation
from baselines.reporting.figures import plot_regret
from baselines.reporting.markdown import Cell, Table, write_markdown
from baselines.reporting.page import Figure, Section

DISTRIBUTIONS = {
    "independent arms, both uniform (D_i)": "MetaBandit-v0",
    "dependent arms, uniform (D_u)": "MetaBanditDependentUniform-v0",
    "dependent arms, 0.1 and 0.9 (D_e)": "MetaBanditDependentEasy-v0",
    "dependent arms, 0.25 and 0.75 (D_m)": "MetaBanditDependentMedium-v0",
    "dependent arms, 0.4 and 0.6 (D_h)": "MetaBanditDependentHard-v0",
}
"""What each bandit is, with the paper's name, and its id."""
DERIVED = {
    "optimal-dependent": (2.82, 1.21, 0.62, 1.01, 2.28),
    "optimal-independent": (1.75, 1.54, 0.80, 1.36, 2.97),
    "thompson": (2.80, 2.80, 2.11, 2.99, 4.09),
    "ucb": (2.97, 2.87, 2.55, 3.01, 3.88),
    "ucb,c=1": (4.12, 4.18, 3.90, 4.69, 4.88),
    "random": (16.67, 25.0, 40.0, 25.0, 10.0),
}
"""Regret after 100 pulls by agent, in the order of `DISTRIBUTIONS`."""

QUESTION = (
    "How much does an agent lose by not knowing the arms of a bandit: one that plays as well as "
    "can be, the classic ones of the paper, and a trained network?"
)
DIFFERS = (
    "The paper prints no numbers. In brackets stand those of an independent program (40,000 "
    "episodes), and for the informative arm closed forms.",
    "The paper draws Thompson sampling on the informative arm as a straight line, its mean regret "
    "a trial times the number of trials; the true curve bends.",
)


def run(out: Path, episodes: int = 40_000, seed: int = 0, agent: str | None = None) -> Section:
    """Plays all agents on all bandits and writes tables and figures.

    Args:
        out: Folder to write into.
        episodes: Of each agent on each bandit.
        seed: Tasks, noise and sampling follow from it.
        agent: One more. Trained ones play one task each: `pretrained` is those that are included,
            and a dash stands where none is.

    Raises:
        InputError: If that agent cannot play them all.
    """
    agents = list(DERIVED) if agent is None else [agent, *DERIVED]
    nothing_published = (None,) * len(DISTRIBUTIONS)

    def row(agent: str) -> list[Cell | str]:
        references = DERIVED.get(agent, nothing_published)
        played = (play(agent, env_id, episodes, seed) for env_id in DISTRIBUTIONS.values())
        pairs = zip(played, references, strict=True)
        return ["-" if one is None else Cell.of(one, reference) for one, reference in pairs]

    rows = ((agent, row(agent)) for agent in track(agents))
    columns = list(DISTRIBUTIONS)
    stationary = write_markdown(out / "stationary.md", "regret after 100 pulls", columns, rows)
    tables = [stationary, informative(out, episodes, seed, agent)]
    first = {name: cells[0] for name, cells in stationary.rows}
    told = ", ".join(f"{name} {cell}" for name, cell in first.items())
    figures = (Figure("informative.svg", "Regret with an informative arm; bands: 95 % intervals."),)
    text = (f"Regret after 100 pulls of two independent arms: {told}.",)
    return Section("Bandits of Wang et al. 2016", text, tables, figures, QUESTION, DIFFERS)


def play(agent: str, env_id: str, episodes: int, seed: int) -> Evaluation | None:
    """Plays an agent; None if it is to be the included one, and there is none."""
    if is_pretrained(agent):
        try:
            pretrained_path(env_id, pretrained_agent(agent))
        except InputError:
            return None
    return evaluate(agent, env_id, episodes, seed)


def informative(out: Path, episodes: int, seed: int, agent: str | None) -> Table:
    """The informative arm: cumulative regret before each trial, as in the paper's Fig. 3."""
    curves = {
        "optimal": np.array([0, 4.45, 4.45, 4.45, 4.45]),
        "thompson": np.array([0, 3.6, 6.8, 9.6, 12.0]),
        "ucb": (5 - 14.55 / 11) * np.arange(5),
    }
    agents, evaluations = list(curves) if agent is None else [agent, *curves], []

    def row(agent: str) -> list[Cell | str]:
        evaluation = play(agent, "MetaBanditInformative-v0", episodes, seed)
        if evaluation is None:
            return ["-"] * 5
        evaluations.append(evaluation)
        assert evaluation.regret is not None
        before = np.cumsum(evaluation.regret, axis=1) - evaluation.regret
        references = curves.get(agent, (None,) * 5)
        return [Cell.from_values(*pair) for pair in zip(before.T, references, strict=True)]

    columns = [f"before trial {trial}" for trial in range(1, 6)]
    rows = ((agent, row(agent)) for agent in track(agents))
    table = write_markdown(out / "informative.md", "regret so far", columns, rows)
    plot_regret(evaluations, out / "informative.svg")
    return table
