"""How an episode of a bandit looks to people: a row an arm and a column a trial."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.family import TaskFamily
from meta_envs.rendering import font
from meta_envs.rendering.bars import LEAST, NONE, bar_height, bars
from meta_envs.rendering.frame import (
    GAP,
    INNER,
    LINE,
    PATCH,
    SCALE,
    Entry,
    Image,
    bar,
    beside,
    blank,
    compose,
    labels,
    swatch,
)
from meta_envs.rendering.palette import INK, PALE, TASK, WHITE, mix

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
        offers: What each arm pays at each trial if it pays, shape (num_trials, num_arms), where
            the agent is shown it beforehand.
        measure: What `means` are in a word.
    """

    num_arms: int
    num_trials: int
    highest: float
    means: NDArray[np.float64] | None
    history: Sequence[tuple[int, float]]
    offers: NDArray[np.float64] | None = None
    measure: str = "mean"

    @property
    def now(self) -> int:
        """The trial under way, the last one where all are over."""
        return min(len(self.history), self.num_trials - 1)

    def paid(self, reward: float) -> bool:
        """Whether a pull counts as one that paid.

        Where there are offers, one that paid anything; else at least half of the highest payoff.
        """
        return reward > 0 if self.offers is not None else 2 * reward >= self.highest


def text(scene: Scene) -> str:
    """One line an arm: its offer and its mean payoff or chance now, then a mark a trial.

    A pull shows as `#` if it paid (see `Scene.paid`) and `o` if not.
    """
    lines = [f"trial {len(scene.history)} of {scene.num_trials}"]
    for arm in range(scene.num_arms):
        marks = "".join(
            ("#" if scene.paid(reward) else "o") if action == arm else "."
            for action, reward in scene.history
        )
        offer = "" if scene.offers is None else f"offers {scene.offers[scene.now, arm]:4.2f}  "
        measure = scene.measure
        mean = "" if scene.means is None else f"{measure} {scene.means[scene.now, arm]:4.2f}  "
        lines.append(f"arm {arm:<3d} {offer}{mean}{marks}")
    return "\n".join(lines) + "\n"


def draw(family: TaskFamily, scene: Scene) -> NDArray[np.uint8]:
    """One row an arm, one column a trial; nothing yet where trials are to come.

    The lower part of a row has a bar a pull, the taller and darker the more it paid, and where
    there are offers a line as high as the bar would be if the arm paid. The upper part, and the
    gauge before it, show in purple the arm's mean payoff or chance at that trial, and now.
    """
    height = min(max(HEIGHT // scene.num_arms, font.ROWS), 96)
    names = labels([f"arm {arm}" for arm in range(scene.num_arms)], height)
    if scene.offers is not None:
        names = _with_offers(names, scene.offers[scene.now], height)
    room = INNER - names.shape[1] - GAUGE - 2 * GAP
    cell = min(max(room // scene.num_trials, 1), CELL)
    upper = height * 2 // 5
    rows = np.full((scene.num_arms, height, scene.num_trials * cell, 3), WHITE)
    pulls = bars(_payoffs(scene), height - upper, cell)
    rows[:, upper:] = pulls.reshape(scene.num_arms, -1, *pulls.shape[1:])
    if scene.offers is not None:
        _mark_offers(rows[:, upper:], scene.offers[: scene.now + 1], cell)
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
    hidden = {"mean": "mean payoff", "chance": "chance that it pays"}[scene.measure]
    legend = [
        Entry(bar(1.0), f"pull that paid {scene.highest:g}"),
        Entry(bar(0.0), "paid 0"),
        *([] if scene.offers is None else [Entry(_offer, "offer: paid if the arm pays")]),
        Entry(swatch(FILL), f"hidden: {hidden}", task=True),
    ]
    trial = (len(scene.history), scene.num_trials)
    return compose(family, "pulls by trial", trial, scene.history, body, legend)


def _with_offers(names: Image, offers: NDArray[np.float64], height: int) -> Image:
    """The column of labels with what each arm offers now above its name."""
    texts = [f"offer {offer:.2f}" for offer in offers.tolist()]
    wider = blank(len(names), max(font.width(text, SCALE) for text in texts))
    wider[:, : names.shape[1]] = names
    for arm, line in enumerate(texts):
        font.write(wider, line, arm * height + height // 2 - 3 * LINE // 2, 0, SCALE, INK)
    return wider


def _mark_offers(rows: Image, offers: NDArray[np.float64], cell: int) -> None:
    """Draws a line at each offer, (trials, arms), into the rows of bars of all arms."""
    lines = bar_height(rows.shape[1])
    levels = np.rint(lines * (1 - LEAST - (1 - LEAST) * offers)).astype(np.intp)
    across = np.arange(len(offers) * cell).reshape(-1, cell)[:, : max(cell - 1, 1)]
    for arm in range(len(rows)):
        for thickness in range(2):
            rows[arm, (levels[:, arm, None] + thickness).clip(0, lines - 1), across] = INK


def _offer(patch: Image) -> None:
    """The line of an offer, for the legend."""
    patch[:] = PALE
    patch[PATCH // 3 : PATCH // 3 + 2] = INK


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
