"""How an episode of a bandit looks to people: a row an arm and a column a trial."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.family import TaskFamily
from meta_envs.rendering import font
from meta_envs.rendering.bars import NONE, bars
from meta_envs.rendering.frame import (
    GAP,
    INNER,
    LINE,
    SCALE,
    Entry,
    Image,
    bar,
    beside,
    compose,
    labels,
    swatch,
)
from meta_envs.rendering.palette import PALE, TASK, WHITE, mix

HEIGHT = 260
"""About how many pixels there are for the arms."""
GAUGE, CELL = 16, 48
"""Pixels of the column that shows the arms' means now, and that a trial has at most."""
FILL = mix(WHITE, TASK, 0.45)


class Scene(NamedTuple):
    """An episode so far.

    Attributes:
        num_arms: Of the bandit.
        num_trials: Of the episode.
        highest: The highest payoff.
        means: Mean payoff of each arm at each trial, shape (num_trials, num_arms); None where the
            task is hidden.
        history: The pulls so far, (arm, payoff) each.
    """

    num_arms: int
    num_trials: int
    highest: float
    means: NDArray[np.float64] | None
    history: Sequence[tuple[int, float]]

    @property
    def now(self) -> int:
        """The trial under way, the last one where all are over."""
        return min(len(self.history), self.num_trials - 1)


def text(scene: Scene) -> str:
    """One line an arm: its mean payoff now, then a mark a trial.

    A pull shows as `#` if it paid at least half of the highest payoff and `o` if less.
    """
    lines = [f"trial {len(scene.history)} of {scene.num_trials}"]
    for arm in range(scene.num_arms):
        marks = "".join(
            ("#" if 2 * reward >= scene.highest else "o") if action == arm else "."
            for action, reward in scene.history
        )
        mean = "" if scene.means is None else f"mean {scene.means[scene.now, arm]:4.2f}  "
        lines.append(f"arm {arm:<3d} {mean}{marks}")
    return "\n".join(lines) + "\n"


def draw(family: TaskFamily, scene: Scene) -> NDArray[np.uint8]:
    """One row an arm, one column a trial; nothing yet where trials are to come.

    The lower part of a row has a bar a pull, the taller and darker the more it paid. The upper
    part, and the gauge before it, show in purple the arm's mean payoff at that trial, and now.
    """
    height = min(max(HEIGHT // scene.num_arms, font.ROWS), 96)
    names = labels([f"arm {arm}" for arm in range(scene.num_arms)], height)
    room = INNER - names.shape[1] - GAUGE - 2 * GAP
    cell = min(max(room // scene.num_trials, 1), CELL)
    upper = height * 2 // 5
    rows = np.full((scene.num_arms, height, scene.num_trials * cell, 3), WHITE)
    pulls = bars(_payoffs(scene), height - upper, cell)
    rows[:, upper:] = pulls.reshape(scene.num_arms, -1, *pulls.shape[1:])
    gauges = np.full((scene.num_arms, height, GAUGE, 3), WHITE)
    if scene.means is not None:
        known = scene.means[: scene.now + 1] / scene.highest
        means = _levels(known, upper - 2).repeat(cell, axis=2)
        rows[:, 1 : upper - 1, : means.shape[2]] = means
        gauge = _levels(known[-1:], height - 3)
        gauges[:, 1:-2] = gauge
    body = beside(names, _joined(gauges), _joined(rows))
    if scene.means is not None and height >= 2 * LINE:
        for arm, mean in enumerate(scene.means[scene.now]):
            top = arm * height + height // 2 + LINE // 2
            font.write(body, f"{mean:.2f}", top, 0, SCALE, TASK)
    legend = [
        Entry(bar(1.0), f"pull that paid {scene.highest:g}"),
        Entry(bar(0.0), "paid 0"),
        Entry(swatch(FILL), "hidden: mean payoff", task=True),
    ]
    trial = (len(scene.history), scene.num_trials)
    return compose(family, "pulls by trial", trial, scene.history, body, legend)


def _payoffs(scene: Scene) -> NDArray[np.float64]:
    """What each pull paid as a share of the most, shape (num_arms, num_trials)."""
    payoffs = np.full((scene.num_arms, scene.num_trials), NONE)
    for trial, (arm, payoff) in enumerate(scene.history):
        payoffs[arm, trial] = payoff / scene.highest
    return payoffs


def _levels(means: NDArray[np.float64], height: int) -> Image:
    """Columns filled up to shares, (trials, arms), as shape (arms, height, trials, 3)."""
    levels = 1 - (np.arange(height, dtype=np.float32) + 0.5) / height
    filled = levels[:, None] < means.T[:, None]
    return np.where(filled[..., None], FILL, PALE)


def _joined(rows: Image) -> Image:
    """Rows one below the other, shape (arms * height, width, 3)."""
    return rows.reshape(-1, *rows.shape[2:])
