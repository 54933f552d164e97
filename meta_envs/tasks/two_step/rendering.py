"""How an episode of the two-step task looks to people, as text and as an image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.family import TaskFamily
from meta_envs.rendering import font
from meta_envs.rendering.bars import bars
from meta_envs.rendering.frame import (
    GAP,
    INNER,
    LANE,
    SCALE,
    Entry,
    Image,
    bar,
    below,
    beside,
    blank,
    compose,
    draw_place,
    lane,
    named_lanes,
    swatch,
    titled,
)
from meta_envs.rendering.palette import GREY, INK, PALE, RARE, TASK, WHITE, Colour, mix
from meta_envs.rendering.shapes import around, dashes, line, square

DIAGRAM_HEIGHT, NODE, LINE, FRAME = 170, 44, 5, 6
"""Pixels of the part that shows the states, of a state, of a transition and of the good one's
frame."""
CELL = 48
"""Pixels that a trial has at most."""
SECONDS = "S2", "S3"
GOOD = mix(WHITE, TASK, 0.35)
MARKS = {0: "o", 1: "#", -1: "!"}
"""Of a trial's reward."""


class Trial(NamedTuple):
    """What is known of a trial.

    Attributes:
        steps: Steps taken in it.
        good: 0 where S2 is the good state, 1 where S3 is; None where the task is hidden.
        choice: The action in S1, None before it; what is neither 0 nor 1 is invalid.
        second: 0 where it led to S2, 1 where it led to S3, None before it.
        reward: None before the trial's end, below 0 if the last response was invalid.
    """

    steps: int
    good: int | None
    choice: int | None
    second: int | None
    reward: float | None

    @property
    def common(self) -> bool:
        """Whether the transition was one that is common after the choice, or after none."""
        return self.second == self.choice or self.choice not in (0, 1)

    @property
    def place(self) -> str:
        """The name of the present state; none after the trial's end."""
        if self.reward is not None:
            return ""
        return "S1" if self.second is None else SECONDS[self.second]


def text(trials: Sequence[Trial], num_trials: int, fixation: bool) -> str:
    """The trials so far, one column each under a line that says where things stand."""
    now = trials[-1]
    place = _place(now, fixation)
    over = sum(trial.reward is not None for trial in trials)
    chosen = [trial for trial in trials if trial.choice is not None]
    rewards = [trial.reward for trial in trials if trial.reward is not None]
    good = "" if now.good is None else f", good state {SECONDS[now.good]}"
    lines = [
        f"trial {over} of {num_trials}, {f'in {place}' if place else 'over'}{good}",
        "choice     " + "".join(str(t.choice) if t.choice in (0, 1) else "!" for t in chosen),
        "transition " + "".join("-" if trial.common else "~" for trial in chosen),
        "reward     " + "".join(MARKS[int(reward)] for reward in rewards),
    ]
    return "\n".join(lines) + "\n"


def _place(now: Trial, fixation: bool) -> str:
    return "fixation" if fixation and now.steps == 0 else now.place


def draw(
    family: TaskFamily,
    trials: Sequence[Trial],
    num_trials: int,
    fixation: bool,
    history: Sequence[tuple[int, float]],
) -> NDArray[np.uint8]:
    """The states and the present trial's path above, the strip of trials below."""
    room = INNER - 2 * GAP - font.width("transition", SCALE) - font.width("S2", SCALE)
    cell = min(max(room // num_trials, 1), CELL)
    rows = [np.full((2 * LANE, num_trials * cell, 3), PALE) for _ in range(3)]
    for number, trial in enumerate(trials):
        # A white line between columns, where there is room for one.
        columns = slice(number * cell, number * cell + max(cell - (cell > 3), 1))
        _draw_column([row[:, columns] for row in rows], trial)
    lanes = {"choice": ("0", "1"), "transition": SECONDS, "reward": SECONDS}
    named = [named_lanes(*row, ("transition", "S2"), GREY * 0.7) for row in lanes.items()]
    strip = [beside(*both) for both in zip(named, rows, strict=True)]
    body = below(_draw_states(trials[-1], fixation), titled(below(*strip, gap=6), "trials"))
    legend = [
        Entry(swatch(INK), "agent"),
        Entry(_two_bars(GREY, 2), "common transition"),
        Entry(_two_bars(RARE, 1), "rare transition"),
        Entry(bar(1.0), "reward 1"),
        Entry(bar(0.0), "reward 0"),
        Entry(swatch(TASK, WHITE), "hidden: good state", task=True),
    ]
    under_way = (len(history) // (2 + fixation), num_trials)
    return compose(family, "choices and where they led", under_way, history, body, legend)


def _two_bars(colour: Colour, part: int) -> Callable[[Image], None]:
    """A block of colour in a pale lane, of its height or half of it, for an entry of the legend."""

    def paint(patch: Image) -> None:
        patch[...] = PALE
        patch[-(len(patch) // part) :] = colour

    return paint


def _draw_states(now: Trial, fixation: bool) -> Image:
    image = blank(DIAGRAM_HEIGHT, INNER)
    high, middle = NODE // 2 + FRAME, DIAGRAM_HEIGHT // 2
    places = {"S1": (middle, INNER * 3 // 10)} | (
        {"fixation": (middle, INNER // 10)} if fixation else {}
    )
    seconds = (high, INNER * 7 // 10), (DIAGRAM_HEIGHT - high, INNER * 7 // 10)
    places |= dict(zip(SECONDS, seconds, strict=True))
    spots = {name: np.array(place, np.float64) for name, place in places.items()}
    for name in SECONDS:
        line(image, spots["S1"], spots[name], LINE, PALE)
    if now.second is not None:
        draw_line, colour = (line, INK) if now.common else (dashes, RARE)
        draw_line(image, spots["S1"], spots[SECONDS[now.second]], LINE, colour)
    if fixation:
        line(image, spots["fixation"], spots["S1"], LINE, INK if now.steps else PALE)
    here = _place(now, fixation)
    for name, (row, column) in places.items():
        if now.good is not None and name == SECONDS[now.good]:
            square(around(image, row, column, NODE // 2 + FRAME), TASK)
        sign = "+" if name == "fixation" else name
        draw_place(image, row, column, NODE // 2, sign, name == here)
    return image


def _draw_column(rows: Sequence[Image], trial: Trial) -> None:
    """Fills a trial's column of the strip, as far as the trial has gone."""
    choices, transitions, outcomes = rows
    if trial.good is not None:
        outcomes[lane(trial.good)] = GOOD
    if trial.choice is None or trial.second is None:
        return
    if trial.choice in (0, 1):
        choices[lane(trial.choice)] = INK
    # A common transition is half as tall.
    transition = transitions[lane(trial.second)]
    transition[LANE // 2 * trial.common :] = GREY if trial.common else RARE
    if trial.reward is not None and trial.reward >= 0:
        outcome = bars([[float(trial.reward > 0)]], LANE, 1)[: LANE - 2]
        outcomes[lane(trial.second)] = outcome
