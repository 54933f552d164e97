"""How an episode of the two-step task looks to people, as text and as an image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meta_envs.rendering.palette import BLUE, GREEN, RED, WHITE

DARK, GREY, PALE = np.array(((50, 50, 60), (150, 150, 150), (225, 225, 225)), np.float32)
ORANGE, PALE_GREEN = np.array(((235, 150, 40), (215, 240, 220)), np.float32)

WIDTH = 500
"""About how many pixels there are for the trials."""
DIAGRAM_HEIGHT, NODE, LINE, FRAME = 150, 40, 6, 5
"""Pixels of the part that shows the states, of a state, of a transition and of the good one's
frame."""
LANE, GAP = 15, 6
"""Pixels of half a row of the strip, and between rows."""


class Trial(NamedTuple):
    """What is known of a trial.

    Attributes:
        steps: Steps taken in it.
        good: 0 where S2 is the good state, 1 where S3 is.
        choice: The action in S1, None before it.
        common: Whether the transition is the common one.
        reward: None before the trial's end.
    """

    steps: int
    good: int
    choice: int | None
    common: bool
    reward: float | None

    @property
    def second(self) -> int | None:
        """0 where the choice led to S2, 1 where it led to S3, None before it."""
        if self.choice is None:
            return None
        return self.choice if self.common else 1 - self.choice

    @property
    def place(self) -> str:
        """The name of the present state; none after the trial's end."""
        if self.reward is not None:
            return ""
        if self.second is not None:
            return ("S2", "S3")[self.second]
        return "S1"


def text(trials: Sequence[Trial], num_trials: int, fixation: bool) -> str:
    """The trials so far, one column each under a line that says where things stand."""
    now = trials[-1]
    place = _place(now, fixation)
    over = sum(trial.reward is not None for trial in trials)
    chosen = [trial for trial in trials if trial.choice is not None]
    rewards = [trial.reward for trial in trials if trial.reward is not None]
    lines = [
        f"trial {over} of {num_trials}, {f'in {place}' if place else 'over'}, "
        f"good state {('S2', 'S3')[now.good]}",
        "choice     " + "".join(str(trial.choice) for trial in chosen),
        "transition " + "".join("-" if trial.common else "~" for trial in chosen),
        "reward     " + "".join("#" if reward else "o" for reward in rewards),
    ]
    return "\n".join(lines) + "\n"


def _place(now: Trial, fixation: bool) -> str:
    return "fixation" if fixation and now.steps == 0 else now.place


def draw(trials: Sequence[Trial], num_trials: int, fixation: bool) -> NDArray[np.uint8]:
    """The states and the present trial's path above, the strip of trials below."""
    cell = max(WIDTH // num_trials, 1)
    width = max(cell * num_trials, WIDTH)
    image = np.full((DIAGRAM_HEIGHT + 3 * (2 * LANE + GAP), width, 3), WHITE)
    _draw_states(image[:DIAGRAM_HEIGHT], trials[-1], fixation)
    for number, trial in enumerate(trials):
        left = number * cell
        # A white line between columns, where there is room for one.
        _draw_column(image[DIAGRAM_HEIGHT:, left : left + max(cell - (cell > GAP), 1)], trial)
    return np.rint(image).astype(np.uint8)


def _draw_states(image: NDArray[np.float32], now: Trial, fixation: bool) -> None:
    height, width = image.shape[:2]
    middle = (height - NODE) // 2
    corners = {
        "fixation": (middle, width // 10),
        "S1": (middle, width * 3 // 10),
        "S2": (GAP + FRAME, width * 7 // 10),
        "S3": (height - NODE - GAP - FRAME, width * 7 // 10),
    }
    seconds = [corners["S2"], corners["S3"]]
    for corner in seconds:
        _draw_transition(image, corners["S1"], corner, PALE)
    if now.second is not None:
        colour = DARK if now.common else ORANGE
        _draw_transition(image, corners["S1"], seconds[now.second], colour)
    if fixation:
        _draw_transition(image, corners["fixation"], corners["S1"], DARK if now.steps else PALE)
    place = _place(now, fixation)
    for name, (top, left) in corners.items():
        if name == "fixation" and not fixation:
            continue
        if name == ("S2", "S3")[now.good]:
            image[top - FRAME : top + NODE + FRAME, left - FRAME : left + NODE + FRAME] = GREEN
        image[top : top + NODE, left : left + NODE] = DARK if name == place else PALE
    if fixation:
        _draw_cross(image, *corners["fixation"])


def _draw_transition(
    image: NDArray[np.float32],
    start: tuple[int, int],
    end: tuple[int, int],
    colour: NDArray[np.float32],
) -> None:
    """Draws a line with two bends from one state's middle to another's."""
    (y0, x0), (y1, x1) = (((top + NODE // 2), (left + NODE // 2)) for top, left in (start, end))
    bend, half = (x0 + x1) // 2, LINE // 2
    image[y0 - half : y0 + half, x0 : bend + half] = colour
    image[min(y0, y1) - half : max(y0, y1) + half, bend - half : bend + half] = colour
    image[y1 - half : y1 + half, bend - half : x1] = colour


def _draw_cross(image: NDArray[np.float32], top: int, left: int) -> None:
    middle, half, arm = NODE // 2, LINE // 2, NODE // 4
    y, x = top + middle, left + middle
    image[y - half : y + half, x - arm : x + arm] = GREY
    image[y - arm : y + arm, x - half : x + half] = GREY


def _draw_column(image: NDArray[np.float32], trial: Trial) -> None:
    """Fills a trial's column of the strip, as far as the trial has gone."""
    rows = [image[top : top + 2 * LANE] for top in range(0, len(image), 2 * LANE + GAP)]
    rows[2][_lane(trial.good)] = PALE_GREEN
    if trial.choice is None or trial.second is None:
        return
    rows[0][_lane(trial.choice)] = BLUE
    rows[1][_lane(trial.second)] = GREY if trial.common else ORANGE
    if trial.reward is not None:
        rows[2][_lane(trial.second)] = GREEN if trial.reward else RED


def _lane(which: int) -> slice:
    return slice(which * LANE, (which + 1) * LANE)
