"""Regret of classic agents and the optimum on the bandits of Wang et al. 2016, section 3.1.

The paper prints no numbers. Beside ours stand values of an independent program of 40,000 episodes
for the bandits that stand still, and for the informative arm closed forms.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from baselines.common.progress import track
from baselines.evaluation.evaluate import evaluate
from baselines.reporting.figures import plot_regret
from baselines.reporting.markdown import Cell, write_markdown

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


def run(out: Path, episodes: int = 40_000, seed: int = 0) -> None:
    """Plays all agents on all bandits and writes tables and figures.

    Args:
        out: Folder to write into.
        episodes: Of each agent on each bandit; a tenth of it on the restless ones.
        seed: Tasks, noise and sampling follow from it.
    """

    def row(agent: str) -> list[Cell]:
        return [
            Cell.of(evaluate(agent, env_id, episodes, seed), reference)
            for env_id, reference in zip(DISTRIBUTIONS.values(), DERIVED[agent], strict=True)
        ]

    rows = ((agent, row(agent)) for agent in track(list(DERIVED)))
    write_markdown(out / "stationary.md", "regret after 100 pulls", list(DISTRIBUTIONS), rows)
    informative(out, episodes, seed)
    restless(out, max(episodes // 10, 1), seed)


def informative(out: Path, episodes: int, seed: int) -> None:
    """The informative arm: cumulative regret before each trial, as in the paper's Fig. 3."""
    curves = {
        "optimal": np.array([0, 4.45, 4.45, 4.45, 4.45]),
        "thompson": np.array([0, 3.6, 6.8, 9.6, 12.0]),
        "ucb": (5 - 14.55 / 11) * np.arange(5),
    }
    evaluations = []

    def row(agent: str) -> list[Cell]:
        evaluation = evaluate(agent, "MetaBanditInformative-v0", episodes, seed)
        evaluations.append(evaluation)
        assert evaluation.regret is not None
        before = np.cumsum(evaluation.regret, axis=1) - evaluation.regret
        return [
            Cell.from_values(values, reference)
            for values, reference in zip(before.T, curves[agent], strict=True)
        ]

    columns = [f"before trial {trial}" for trial in range(1, 6)]
    rows = ((agent, row(agent)) for agent in track(list(curves)))
    write_markdown(out / "informative.md", "regret so far", columns, rows)
    plot_regret(evaluations, out / "informative.png")


def restless(out: Path, episodes: int, seed: int) -> None:
    """Restless arms: the order of the agents, and Rescorla-Wagner by learning rate."""
    env_id = "MetaBanditRestless-v0"
    kinds = ("mixed", "low", "high")
    by_rate = (f"rescorla-wagner,alpha={a},beta=10" for a in LEARNING_RATES)
    agents = list(dict.fromkeys([*RESTLESS, *by_rate]))  # each once, in this order
    mixed = {}

    def row(agent: str) -> list[Cell]:
        played = [evaluate(agent, env_id, episodes, seed, {"volatility": kind}) for kind in kinds]
        mixed[agent] = played[0]
        return [Cell.of(evaluation) for evaluation in played]

    columns = [f"{kind} volatility" for kind in kinds]
    rows = ((agent, row(agent)) for agent in track(agents))
    write_markdown(out / "restless.md", "regret after 100 pulls", columns, rows)
    plot_regret([mixed[agent] for agent in RESTLESS], out / "restless.png")
