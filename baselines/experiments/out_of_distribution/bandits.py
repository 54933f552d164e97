"""Trained on one distribution of bandits, tested on another (Wang et al. 2016, Fig. 2f)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from baselines.common.errors import InputError
from baselines.common.progress import track
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.pretrained import included, pretrained_path
from baselines.evaluation.result import Evaluation
from baselines.registry import TRAINABLE
from baselines.reporting.figures import despine, figure_file
from baselines.reporting.markdown import Cell, Table, write_markdown

BANDITS = {
    "independent": "MetaBandit-v0",
    "dependent, uniform": "MetaBanditDependentUniform-v0",
    "easy": "MetaBanditDependentEasy-v0",
    "medium": "MetaBanditDependentMedium-v0",
    "hard": "MetaBanditDependentHard-v0",
}
FILE = "bandits.svg"


def across_bandits(out: Path, episodes: int, seed: int) -> tuple[list[Table], list[str]]:
    """Writes a table for each agent, and one figure of all.

    Returns:
        The tables, and what they show in words.

    Raises:
        InputError: If no agents are included.
    """
    agents = [agent for agent in TRAINABLE if has_all(agent)]
    if not agents:
        raise InputError("no agent is included for all five bandits: train them with sweep")
    best = {name: evaluate("optimal", env_id, episodes, seed) for name, env_id in BANDITS.items()}
    tables, told, excess = [], [], {}
    for agent in agents:
        played = {
            (train, test): play(agent, BANDITS[train], BANDITS[test], episodes, seed)
            for train, test in track([(a, b) for a in BANDITS for b in BANDITS], " on ".join)
        }
        rows = [(a, [Cell.of(played[a, b]) for b in BANDITS]) for a in BANDITS]
        rows.append(("optimum of the tested", [Cell.of(best[b]) for b in BANDITS]))
        corner = f"{agent}: regret, trained on"
        tables.append(write_markdown(out / f"bandits_{agent}.md", corner, list(BANDITS), rows))
        excess[agent] = np.array([[_gap(played[a, b]) for b in BANDITS] for a in BANDITS])
        told.append(_tell(agent, excess[agent]))
    draw(out / FILE, excess)
    return tables, told


def has_all(agent: str) -> bool:
    """Whether an agent is included for all five."""
    return {(env_id, agent) for env_id in BANDITS.values()} <= set(included())


def play(agent: str, trained_on: str, env_id: str, episodes: int, seed: int) -> Evaluation:
    """Plays the agent that is included for one environment in another one."""
    path = pretrained_path(trained_on, agent)
    return evaluate(path, env_id, episodes, seed, transfer=True)


def _gap(evaluation: Evaluation) -> float:
    """What was lost to the optimum: exactly, where a difference of regrets has the luck in it."""
    assert evaluation.mean_optimality_gap is not None
    return evaluation.mean_optimality_gap


def _tell(agent: str, excess: NDArray[np.float64]) -> str:
    names, own = list(BANDITS), np.diag(excess)
    away = np.where(np.eye(len(names), dtype=bool), -np.inf, excess)
    row, column = np.unravel_index(int(away.argmax()), away.shape)
    means = {name: (excess[i].sum() - own[i]) / (len(names) - 1) for i, name in enumerate(names)}
    widest = min(means, key=means.__getitem__)
    return (
        f"{agent} loses {own.mean():.2f} more than the optimum on the bandits it was trained on, "
        f"on average over the five. It is worst trained on {names[int(row)]} and tested on "
        f"{names[int(column)]} ({excess[row, column]:.2f} more than the optimum), and what was "
        f"trained on {widest} is best elsewhere ({means[widest]:.2f} more)."
    )


def draw(path: Path, excess: Mapping[str, NDArray[np.float64]]) -> None:
    """Draws a heat map for each agent, with its numbers.

    Args:
        path: Where to.
        excess: By agent the optimality gap, shape (trained on, tested on).
    """
    size = (1 + 4 * len(excess), 4.4)
    with figure_file(path, columns=len(excess), figsize=size) as (_, all_axes):
        for number, (axes, (agent, values)) in enumerate(
            zip(np.atleast_1d(all_axes), excess.items(), strict=True)
        ):
            shown = np.log10(np.maximum(values, 0.1))
            axes.imshow(shown, cmap="Blues", vmin=-1, vmax=max(1.0, float(shown.max())))
            for row, column in np.ndindex(values.shape):
                dark = shown[row, column] > 0.35
                axes.text(
                    *(column, row, f"{values[row, column]:.2f}"),
                    ha="center",
                    va="center",
                    color="white" if dark else "black",
                )
            axes.set_xticks(range(len(BANDITS)), list(BANDITS), rotation=30, ha="right")
            axes.set_yticks(range(len(BANDITS)), list(BANDITS) if number == 0 else [])
            axes.set(title=agent, xlabel="tested on")
            if number == 0:
                axes.set_ylabel("trained on")
            despine(axes)
