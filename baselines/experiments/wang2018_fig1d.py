"""Regret on the single bandit p = (0.25, 0.75), beside Fig. 1d of Wang et al. 2018.

Wang et al. 2018, "Prefrontal cortex as a meta-reinforcement learning system", Nature Neuroscience
21, Fig. 1d: 300 test episodes. `data/wang2018_fig1d.csv` holds its curves, read off the published
vectors to 0.01. The two arms take each other's place in half of our episodes, so that no agent
gains from a liking for one of them.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np

from baselines.common.environments import derive_seeds
from baselines.common.progress import track
from baselines.evaluation.episodes import Episode
from baselines.evaluation.evaluate import evaluate
from baselines.reporting.figures import figure_file
from baselines.reporting.markdown import Cell, write_markdown

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


def run(out: Path, episodes: int = 20_000, seed: int = 0) -> None:
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
    tasks = [json.dumps({"probabilities": p}) for p in ([0.25, 0.75], [0.75, 0.25])]
    seeds = derive_seeds(seed, "evaluation", episodes)
    played = [Episode(s, tasks[i % 2]) for i, s in enumerate(seeds)]
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
    write_markdown(out / "fig1d.md", "regret so far", [f"trial {t}" for t in TRIALS], table)
    _plot(curves, published, out / "fig1d.png")


def _plot(curves: dict[str, np.ndarray], published: dict[str, np.ndarray], path: Path) -> None:
    with figure_file(path, figsize=(8.4, 4.2)) as (_, axes):
        trials = np.arange(1, 101)
        colours: dict[str | None, str] = {}
        for index, (name, curve) in enumerate(curves.items()):
            colours.setdefault(AGENTS[name], f"C{index}")
            axes.plot(trials, curve, f"C{index}", label=f"{name}, ours ({curve[-1]:.2f})")
        for index, (name, curve) in enumerate(published.items(), start=len(curves)):
            label = f"{name}, published ({curve[-1]:.2f})"
            axes.plot(trials, curve, ":", color=colours.get(name, f"C{index}"), label=label)
        axes.set(xlabel="trial", ylabel="regret so far", title="p = (0.25, 0.75)", ylim=(0, None))
        axes.legend(frameon=False, fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))
