"""Regret of classic agents and the optimum on the bandits of Wang et al. 2016, section 3.1.

The paper prints no numbers. Beside ours stand values of an independent program of 40,000 episodes
for the bandits that stand still, and for the informative arm closed forms.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from baselines.common.errors import InputError
from baselines.common.progress import track
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.pretrained import is_pretrained, pretrained_path
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

RESTLESS = ("optimal", "ucb", "rescorla-wagner,alpha=0.5,beta=10", "thompson,sigma=0.05", "random")
LEARNING_RATES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)

QUESTION = (
    "How much does an agent lose by not knowing the arms of a bandit: one that plays as well as "
    "can be, the classic ones of the paper, and a trained network?"
)
DIFFERS = (
    "The paper prints no numbers. In brackets stand those of an independent program (40,000 "
    "episodes), and for the informative arm closed forms.",
    "The paper draws Thompson sampling on the informative arm as a straight line, its mean regret "
    "a trial times the number of trials; the true curve bends.",
    "The paper does not give the volatilities of its restless bandits, so they are a choice here.",
)


def run(out: Path, episodes: int = 40_000, seed: int = 0, agent: str | None = None) -> Section:
    """Plays all agents on all bandits and writes tables and figures.

    Args:
        out: Folder to write into.
        episodes: Of each agent on each bandit; a tenth of it on the restless ones.
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
    tables.append(restless(out, max(episodes // 10, 1), seed, agent))
    first = {name: cells[0] for name, cells in stationary.rows}
    told = ", ".join(f"{name} {cell}" for name, cell in first.items())
    figures = (
        Figure("informative.svg", "Regret with an informative arm; bands: 95 % intervals."),
        Figure("restless.svg", "Regret where the arms drift, both volatilities mixed."),
    )
    text = (f"Regret after 100 pulls of two independent arms: {told}.",)
    return Section("Bandits of Wang et al. 2016", text, tables, figures, QUESTION, DIFFERS)


def play(
    agent: str, env_id: str, episodes: int, seed: int, env_kwargs: dict[str, Any] | None = None
) -> Evaluation | None:
    """Plays an agent; None if it is to be the included one, and there is none."""
    if is_pretrained(agent):
        try:
            pretrained_path(env_id, agent.partition(":")[2] or "a2c-lstm")
        except InputError:
            return None
    return evaluate(agent, env_id, episodes, seed, env_kwargs, transfer=env_kwargs is not None)


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


def restless(out: Path, episodes: int, seed: int, agent: str | None) -> Table:
    """Restless arms: the order of the agents, and Rescorla-Wagner by learning rate."""
    env_id = "MetaBanditRestless-v0"
    kinds = ("mixed", "low", "high")
    by_rate = (f"rescorla-wagner,alpha={a},beta=10" for a in LEARNING_RATES)
    drawn = list(RESTLESS) if agent is None else [agent, *RESTLESS]
    agents = list(dict.fromkeys([*drawn, *by_rate]))  # each once, in this order
    mixed = {}

    def row(agent: str) -> list[Cell | str]:
        played = [play(agent, env_id, episodes, seed, {"volatility": kind}) for kind in kinds]
        if played[0] is not None:
            mixed[agent] = played[0]
        return ["-" if one is None else Cell.of(one) for one in played]

    columns = [f"{kind} volatility" for kind in kinds]
    rows = ((agent, row(agent)) for agent in track(agents))
    table = write_markdown(out / "restless.md", "regret after 100 pulls", columns, rows)
    plot_regret([mixed[agent] for agent in drawn if agent in mixed], out / "restless.svg")
    return table
