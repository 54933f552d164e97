"""Where an agent explores: its choices between two arms over what is known of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from baselines.analysis.exploration import counts
from baselines.common.errors import InputError
from baselines.evaluation.replay import played_family
from baselines.evaluation.result import Evaluation
from baselines.experiments.inside.subject import Subject
from baselines.reporting.figures import figure_file
from baselines.reporting.page import Figure, Section
from meta_envs.optimal.bandits.bernoulli_bandit import solve
from meta_envs.tasks.bandits.bernoulli_bandit import BernoulliBandit

FILE = "exploration.svg"
MEANS = np.linspace(-0.825, 0.825, 34)
PULLS = np.array([0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 100])
"""Edges of the map's cells."""
LEAST_PULLS = 10
"""In a cell that is shown."""


def section(subject: Subject) -> Section:
    """A map of the agent's choices beside the optimum's at the same beliefs.

    Raises:
        InputError: If the environment is not a bandit with two independent arms.
    """
    evaluation = subject.own.evaluation
    family = played_family(evaluation, "not a bandit with independent arms", BernoulliBandit)
    if family.num_arms != 2:
        raise InputError(f"the map is of two arms, and here are {family.num_arms}")
    _draw(evaluation, family.num_trials, subject.out / FILE)
    text = (
        "How often the arm that is known less is pulled, by how much more often the other one has "
        "been pulled (to the right) and by how much higher the posterior mean of the less known "
        "arm is (upwards). Where a bonus is paid for what is unknown, the border lies below 0.",
    )
    return Section("Exploration by belief", text, (), [Figure(FILE, "Choices by belief.")])


def chosen_map(
    evaluation: Evaluation, chosen: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How often the less known arm is chosen, by what is known.

    Args:
        evaluation: Of two independent arms; its episodes say what is known at each pull.
        chosen: The probability that the first arm is chosen there, shape (episodes, steps).

    Returns:
        Shares and pulls in each cell, shape (differences in pulls, differences in means); nan
        where there are few pulls.
    """
    pulls, successes = counts(evaluation.actions, evaluation.rewards)
    means = (successes + 1) / (pulls + 2)
    less = np.where(pulls[..., 0] <= pulls[..., 1], 1, -1)
    apart = (less * (pulls[..., 1] - pulls[..., 0])).ravel()
    better = (less * (means[..., 0] - means[..., 1])).ravel()
    takes = np.where(less == 1, chosen, 1 - chosen).ravel()
    unequal = apart > 0  # Of arms pulled equally often neither is known less.
    cells = apart[unequal], better[unequal]
    number, *_ = np.histogram2d(*cells, bins=(PULLS, MEANS))
    total, *_ = np.histogram2d(*cells, bins=(PULLS, MEANS), weights=takes[unequal])
    with np.errstate(invalid="ignore"):
        share = np.where(number >= LEAST_PULLS, total / number, np.nan)
    return share, number


def _draw(evaluation: Evaluation, num_trials: int, path: Path) -> None:
    pulls, successes = counts(evaluation.actions, evaluation.rewards)
    advantage = solve(num_trials).advantage(pulls, successes)
    panels = {
        "agent": (evaluation.actions == 0).astype(np.float64),
        "optimum, at the same beliefs": (1 + np.sign(advantage)) / 2,
    }
    size = (9.0, 4.2)
    with figure_file(path, 1, 2, figsize=size, sharex=True, sharey=True) as (figure, axes):
        for panel, (name, chosen) in zip(axes, panels.items(), strict=True):
            share, _ = chosen_map(evaluation, chosen)
            edges = np.arange(len(PULLS))
            image = panel.pcolormesh(edges, MEANS, share.T, cmap="PuOr", vmin=0, vmax=1)
            panel.axhline(0, color="0.4", linewidth=0.8)
            panel.set(title=name, xlabel="more pulls of the other arm", ylim=(-0.6, 0.6))
            panel.set_xticks(edges[1:-1:2], PULLS[1:-1:2])
        axes[0].set_ylabel("posterior mean, less known arm minus other")
        figure.colorbar(image, ax=axes, label="the less known arm is pulled, share")
