"""Figures of docs/concepts.md, drawn from what agents do on MetaBandit-v0."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import gymnasium as gym
import numpy as np

from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.pretrained import FIRST
from baselines.evaluation.result import Evaluation
from baselines.reporting.figures import Label, despine, figure_file, label_lines, plot_regret
from generate.animations import is_old

ENV = "MetaBandit-v0"
AGENTS = ("random", "win-stay-lose-shift", "ucb1", "ucb", "thompson", "pretrained", "optimal")
NETWORK = "pretrained"
SHOWN = 12
"""Episodes that are drawn one by one."""
EPISODES = 2_000


def draw(folder: Path) -> None:
    """Draws all of them, once for each state of the included agent.

    Args:
        folder: That they are drawn into.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not is_old(folder / "gap.svg", ENV, f"{NETWORK}:{FIRST}"):
        return
    found = [evaluate(name, ENV, EPISODES) for name in AGENTS]
    by_name = dict(zip(AGENTS, found, strict=True))
    draw_episodes(by_name[NETWORK], folder / "episodes.svg")
    plot_regret([by_name[name] for name in ("thompson", NETWORK, "optimal")], folder / "regret.svg")
    draw_scores(found, folder / "scores.svg")
    draw_gaps([by_name[name] for name in ("thompson", NETWORK, "ucb")], folder / "gap.svg")


def draw_episodes(evaluation: Evaluation, path: Path) -> None:
    """Draws episodes as rows: what each task's arms pay, and which one is pulled at each trial."""
    actions = evaluation.actions[:SHOWN]
    tasks = tasks_of(evaluation)
    with figure_file(path, 1, 2, figsize=(9, 3.6), width_ratios=(1, 5), sharey=True) as (_, axes):
        bars, pulls = axes
        for row, probabilities in enumerate(tasks):
            better = int(np.argmax(probabilities))
            for arm, probability in enumerate(probabilities):
                y = row + (arm - 0.5) * 0.4
                bars.barh(y, probability, 0.36, color="C0" if arm == better else "#cccccc")
            right = actions[row] == better
            for kind, colour in ((right, "C0"), (~right, "#cccccc")):
                pulls.vlines(np.flatnonzero(kind), row - 0.4, row + 0.4, color=colour, linewidth=3)
        bars.set(xlim=(1, 0), xlabel="the arms' chances to pay", ylabel="episodes, each a new task")
        bars.set_yticks([])
        bars.invert_yaxis()
        pulls.set(xlim=(-1, actions.shape[1]), xlabel="trial")
        pulls.set_title("the better arm is pulled", color="C0", loc="left", fontsize=10)
        pulls.set_title("the worse one", color="#888888", loc="right", fontsize=10)
        for one in axes:
            despine(one)
            one.spines["left"].set_visible(False)
            one.tick_params(left=False)


def tasks_of(evaluation: Evaluation) -> np.ndarray:
    """The arms' probabilities in the episodes that are drawn, shape (SHOWN, arms)."""
    env = gym.make(evaluation.env_id)
    tasks = []
    for episode in evaluation.episodes[:SHOWN]:
        env.reset(seed=episode.seed)
        tasks.append(env.unwrapped.task["probabilities"])
    env.close()
    return np.array(tasks)


def draw_scores(evaluations: Sequence[Evaluation], path: Path) -> None:
    """Draws agents on the line from chance, 0, to the optimum, 1."""
    ordered = sorted(evaluations, key=lambda one: one.normalized_score)
    with figure_file(path, figsize=(8, 2.8)) as (_, axes):
        for row, one in enumerate(ordered):
            score = one.normalized_score
            colour = "C1" if one.agent == NETWORK else "C0"
            axes.plot([0, score], [row, row], color=colour, linewidth=1, alpha=0.5)
            axes.plot(score, row, "o", color=colour)
            axes.annotate(f"{score:.3f}", (score, row), (6, 0), textcoords="offset points",
                          va="center", fontsize=9, color=colour)  # fmt: skip
        axes.set_yticks(range(len(ordered)), [one.agent for one in ordered])
        axes.set(xlim=(-0.02, 1.1), xlabel="normalised score: 0 is chance, 1 the optimum")
        despine(axes)


def draw_gaps(evaluations: Sequence[Evaluation], path: Path) -> None:
    """Draws where in an episode the distance from the optimum is lost."""
    with figure_file(path) as (_, axes):
        labels = []
        for number, one in enumerate(evaluations):
            curve = one.optimality_gap.mean(axis=0).cumsum()
            axes.plot(np.arange(1, len(curve) + 1), curve, color=f"C{number}")
            labels.append(Label(float(curve[-1]), f"{one.agent} ({curve[-1]:.2f})", f"C{number}"))
        axes.set(xlabel="trial", ylabel="optimality gap so far", ylim=(0, None))
        axes.margins(x=0)
        despine(axes)
        label_lines(axes, labels)
