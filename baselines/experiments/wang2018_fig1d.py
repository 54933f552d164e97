"""Regret on the single bandit p = (0.25, 0.75), beside Fig. 1d of Wang et al. 2018.

Wang et al. 2018, "Prefrontal cortex as a meta-reinforcement learning system", Nature Neuroscience
21, Fig. 1d: 300 test episodes. `data/wang2018_fig1d.csv` holds its curves, read off the published
vectors to 0.01. The two arms take each other's place in half of our episodes, so that no agent
gains from a liking for one of them.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from baselines.common.progress import track
from baselines.evaluation.episodes import draw_episodes
from baselines.evaluation.evaluate import evaluate
from baselines.reporting.figures import Label, despine, figure_file, label_lines
from baselines.reporting.markdown import Cell, write_markdown
from baselines.reporting.page import Figure, Section

DATA = Path(__file__).parent / "data" / "wang2018_fig1d.csv"
AGENTS = {
    "optimal-independent": "gittins",
    "optimal-dependent": None,
    "thompson": "thompson",
    "ucb": "ucb",
    "gittins": "gittins",
}
"""Our agents, and the published curve that each is shown beside."""
TRIALS = (1, 2, 5, 10, 20, 50, 80, 100)

QUESTION = "How fast does regret grow on one bandit, p = (0.25, 0.75), with each classic agent?"
DIFFERS = (
    "The published curves are of 300 episodes, whose noise is several times that of ours.",
    "Our UCB pulls both arms once before anything else, the published one seems not to.",
)


def run(out: Path, episodes: int = 20_000, seed: int = 0) -> Section:
    """Plays the agents and writes a table and a figure.

    Args:
        out: Folder to write into.
        episodes: Of each agent.
        seed: Noise and sampling follow from it.
    """
    with DATA.open(newline="") as file:
        rows = list(csv.DictReader(file))
    published = {
        name: np.array([float(row[name]) for row in rows]) for name in rows[0] if name != "trial"
    }
    tasks = [{"probabilities": p} for p in ([0.25, 0.75], [0.75, 0.25])]
    played = draw_episodes(seed, episodes, tasks)
    curves = {}

    def row(agent: str) -> list[Cell]:
        regret = evaluate(agent, "MetaBandit-v0", played, seed).regret
        assert regret is not None
        cumulative = regret.cumsum(axis=1)
        curves[agent] = cumulative.mean(axis=0)
        name = AGENTS[agent]
        return [
            Cell.from_values(
                cumulative[:, trial - 1], None if name is None else published[name][trial - 1]
            )
            for trial in TRIALS
        ]

    table = ((agent, row(agent)) for agent in track(list(AGENTS)))
    columns = [f"trial {t}" for t in TRIALS]
    written = write_markdown(out / "fig1d.md", "regret so far", columns, table)
    _plot(curves, published, out / "fig1d.svg")
    told = ", ".join(f"{name} {cells[-1]}" for name, cells in written.rows)
    text = (f"Regret after 100 trials, in brackets as published: {told}.",)
    figure = Figure("fig1d.svg", "Regret so far; dotted: Wang et al. 2018, Fig. 1d.")
    title = "Regret on one bandit, Wang et al. 2018"
    return Section(title, text, [written], [figure], QUESTION, DIFFERS)


def _plot(curves: dict[str, np.ndarray], published: dict[str, np.ndarray], path: Path) -> None:
    """Draws our curves, and dotted the published ones; one agent's two have one colour."""
    names = list(dict.fromkeys([*curves, *published]))
    with figure_file(path, figsize=(8.4, 4.2)) as (_, axes):
        trials, labels = np.arange(1, 101), []
        for source, style, found in (("ours", "-", curves), ("published", ":", published)):
            for name, curve in found.items():
                colour = f"C{names.index(name)}"
                axes.plot(trials, curve, style, color=colour)
                text = f"{name}, {source} ({curve[-1]:.2f})"
                labels.append(Label(float(curve[-1]), text, colour))
        axes.set(xlabel="trial", ylabel="regret so far", title="p = (0.25, 0.75)", ylim=(0, None))
        axes.margins(x=0)
        despine(axes)
        label_lines(axes, labels)
