"""How an episode of the risky choice looks to people, as text and as an image."""

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
    SCALE,
    Entry,
    Image,
    bar,
    below,
    beside,
    blank,
    compose,
    draw_place,
    labels,
    swatch,
    titled,
)
from meta_envs.rendering.palette import INK, PALE, RARE, TASK, WHITE
from meta_envs.rendering.shapes import around, square

ARMS = "left", "right"
ROWS = (*ARMS, "invalid")
NODE, FRAME, UPPER, ROW, CELL = 76, 6, 116, 40, 48
"""Pixels of an arm's square, of the risky one's frame, of the part with them, of a row of the
strip, and that a trial has at most."""


class Trial(NamedTuple):
    """What is known of a trial.

    Attributes:
        offered: The sides on offer.
        steps: Its actions and rewards so far.
    """

    offered: tuple[int, ...]
    steps: Sequence[tuple[int, float]]

    @property
    def pull(self) -> tuple[int, float] | None:
        """The side pulled and what it paid; None before, and where the response was invalid."""
        over = len(self.steps) == 2 and self.steps[1][1] >= 0
        return self.steps[1] if over else None

    @property
    def invalid(self) -> bool:
        """Whether one of its responses was."""
        return any(reward < 0 for _, reward in self.steps)


class Hidden(NamedTuple):
    """The task.

    Attributes:
        side: Of the risky arm.
        probability: That it pays.
    """

    side: int
    probability: float


class Scene(NamedTuple):
    """An episode so far.

    Attributes:
        trials: Those that have begun, the one under way last.
        num_trials: Of the episode.
        payoffs: Of the safe and of the risky arm.
        hidden: None where the task is hidden.
        history: Actions and rewards so far.
    """

    trials: Sequence[Trial]
    num_trials: int
    payoffs: tuple[float, float]
    hidden: Hidden | None
    history: Sequence[tuple[int, float]]

    @property
    def asked(self) -> tuple[str, ...]:
        """What asks for a response now: the fixation point, or arms; nothing after the end."""
        now = self.trials[-1]
        if len(now.steps) == 2:
            return ()
        return tuple(ARMS[side] for side in now.offered) if now.steps else ("fixation",)


def text(scene: Scene) -> str:
    """The trials so far, one column each under a line that says where things stand."""
    over = sum(len(trial.steps) == 2 for trial in scene.trials)
    place = " and ".join(scene.asked) or "over"
    hidden = scene.hidden
    told = "" if hidden is None else f", risky {ARMS[hidden.side]} (p = {hidden.probability:g})"
    lines = [f"trial {over} of {scene.num_trials}, {place}{told}"]
    # Of the trial under way only what can be seen.
    seen = [trial for trial in scene.trials if trial.steps]
    for side, name in enumerate(ARMS):
        lines.append(f"{name:8}" + "".join(_mark(scene, trial, side) for trial in seen))
    lines.append(f"{ROWS[2]:8}" + "".join("!" if trial.invalid else " " for trial in seen))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _mark(scene: Scene, trial: Trial, side: int) -> str:
    if side not in trial.offered:
        return " "
    if trial.pull is None or trial.pull[0] != side:
        return "."
    more = np.sign(trial.pull[1] - scene.payoffs[0])
    return {1: "#", 0: "=", -1: "o"}[int(more)]


def draw(family: TaskFamily, scene: Scene) -> NDArray[np.uint8]:
    """What is on offer now above, the strip of trials below."""
    highest = max(scene.payoffs) or 1.0
    names = labels(ROWS, ROW)
    cell = min(max((INNER - names.shape[1] - GAP) // scene.num_trials, 1), CELL)
    strip = _draw_trials(scene, cell, highest)
    body = below(_draw_arms(scene), titled(beside(names, strip), "trials"))
    safe, risky = scene.payoffs
    legend = [
        Entry(swatch(INK), "asks for a response now"),
        Entry(bar(risky / highest), f"pull that paid {risky:g}"),
        Entry(bar(safe / highest), f"paid {safe:g}"),
        Entry(bar(0.0), "paid 0"),
        Entry(swatch(PALE), "on offer"),
        Entry(swatch(RARE), "invalid response"),
        Entry(swatch(TASK, WHITE), "hidden: risky arm", task=True),
    ]
    trial = (len(scene.history) // 2, scene.num_trials)
    return compose(family, "what is on offer and what it paid", trial, scene.history, body, legend)


def _draw_arms(scene: Scene) -> Image:
    image = blank(UPPER, INNER)
    row = NODE // 2 + FRAME
    for place, name in enumerate(("left", "fixation", "right")):
        column = INNER * (2 * place + 1) // 6
        hidden = scene.hidden
        if hidden is not None and name == ARMS[hidden.side]:
            square(around(image, row, column, NODE // 2 + FRAME), TASK)
            label, top = f"risky, p = {hidden.probability:g}", row + NODE // 2 + FRAME + 4
            font.write(image, label, top, column - font.width(label, SCALE) // 2, SCALE, TASK)
        sign = "+" if name == "fixation" else name
        draw_place(image, row, column, NODE // 2, sign, name in scene.asked)
    return image


def _draw_trials(scene: Scene, cell: int, highest: float) -> Image:
    """A row for the left arm, one for the right, one for invalid responses."""
    paid = np.full((2, scene.num_trials), NONE)
    for number, trial in enumerate(scene.trials):
        if trial.pull is not None:
            paid[trial.pull[0], number] = trial.pull[1] / highest
    image = blank(3 * ROW, scene.num_trials * cell)
    pulls = bars(paid, ROW, cell)
    # A white line between columns, where there is room for one.
    wide = max(cell - (cell > 3), 1)
    for number, trial in enumerate(scene.trials):
        columns = slice(number * cell, number * cell + wide)
        for side in trial.offered if trial.steps else ():
            rows = slice(side * ROW, (side + 1) * ROW)
            image[rows, columns] = pulls[rows, columns]
        if trial.invalid:
            image[-ROW + 12 : -12, columns] = RARE
    return image
