"""How an episode of a bandit looks to people: a row an arm and a column a trial."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from meta_envs.rendering.palette import BLUE, GREEN, RED, WHITE

HEIGHT, WIDTH = 240, 500
"""About how many pixels there are for the arms and for the trials."""
GAUGE, GAP = 24, 4
"""Pixels of the column that shows the arms' means now, and of the gap beside it."""


def text(means: NDArray[np.float64], highest: float, history: Sequence[tuple[int, float]]) -> str:
    """One line an arm: its mean payoff now, then a mark a trial.

    A pull shows as `#` if it paid at least half of the highest payoff and `o` if less.

    Args:
        means: Mean payoff of each arm at each trial, shape (num_trials, num_arms).
        highest: The highest payoff.
        history: The pulls so far, (arm, payoff) each.
    """
    num_trials, num_arms = means.shape
    now = min(len(history), num_trials - 1)
    lines = [f"trial {len(history)} of {num_trials}"]
    for arm in range(num_arms):
        marks = "".join(
            ("#" if 2 * reward >= highest else "o") if action == arm else "."
            for action, reward in history
        )
        lines.append(f"arm {arm:<3d} mean {means[now, arm]:4.2f}  {marks}")
    return "\n".join(lines) + "\n"


def draw(
    means: NDArray[np.float64], highest: float, history: Sequence[tuple[int, float]]
) -> NDArray[np.uint8]:
    """One row an arm, one column a trial; nothing yet where trials are to come.

    The filled height is the arm's mean payoff at that trial, and on the left now. A pull colours
    its column, from red (nothing paid) to green (the highest payoff). Arguments as for `text`.
    """
    num_trials, num_arms = means.shape
    means = means / highest
    height = min(max(HEIGHT // num_arms, 8), 60)
    cell = max(WIDTH // num_trials, 1)
    levels = 1 - (np.arange(height, dtype=np.float32) + 0.5) / height
    filled = levels[:, None] < means.T[:, None]
    colours = np.full((num_arms, num_trials, 3), BLUE)
    # How strongly a column is coloured, below and above the mean.
    below, above = np.zeros((2, num_arms, num_trials), np.float32)
    below[:, : len(history)], above[:, : len(history)] = 0.35, 0.07
    for trial, (arm, reward) in enumerate(history):
        colours[arm, trial] = RED + (GREEN - RED) * reward / highest
        below[arm, trial], above[arm, trial] = 1.0, 0.4
    strength = np.where(filled, below[:, None], above[:, None])[..., None]
    trials = np.rint(WHITE + (colours[:, None] - WHITE) * strength).astype(np.uint8)
    now = min(len(history), num_trials - 1)
    gauge = np.where(filled[:, :, now, None], BLUE, WHITE + (BLUE - WHITE) * 0.1)
    image = np.full((num_arms, height, GAUGE + GAP + cell * num_trials, 3), WHITE)
    image = image.astype(np.uint8)
    image[:, :, :GAUGE] = gauge[:, :, None]
    image[:, :, GAUGE + GAP :] = trials.repeat(cell, axis=2)
    if cell > GAP:
        image[:, :, GAUGE + GAP + cell - 1 :: cell] = 255
    image[:, -GAP // 2 :] = 255
    return image.reshape(-1, *image.shape[2:])
