"""How an episode of the Harlow task looks from outside, as text and as an image."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meta_envs.rendering.palette import BLUE, GREEN, RED, WHITE
from meta_envs.rendering.shapes import disc, line
from meta_envs.tasks.harlow.gaze import CHOICE, DEGREE, GAP, OBJECT_ANGLE, SCREEN

GREY, DARK = np.array(((225, 225, 225), (50, 50, 60)), np.float32)
SIDE, EDGE, STRIP, BAR = 336, 8, 30, 6
"""Pixels of the view and of the map, between parts, of the strip of trials, and of the bar."""
FAR = 130
"""Pixels from the agent to the screen, seen from above."""


class Scene(NamedTuple):
    """What is shown of a moment.

    Attributes:
        gaze: Thousandths of a degree to the right of the screen's middle.
        phase: As in `gaze.py`.
        good_right: Whether the object on the right pays.
        choices: Of the trials that are over, whether they were right.
        num_trials: Of the episode.
        steps: Taken so far.
        episode_length: The most there can be.
        earned: Sum of the rewards so far.
    """

    gaze: int
    phase: int
    good_right: bool
    choices: Sequence[bool]
    num_trials: int
    steps: int
    episode_length: int
    earned: float

    @property
    def place(self) -> str:
        """What is on the screen."""
        if self.phase < CHOICE:
            return f"cross, held for {self.phase} frames"
        if self.phase == CHOICE:
            return f"objects, the {'right' if self.good_right else 'left'} one pays"
        return f"empty for {self.phase - GAP} frames"


def text(scene: Scene) -> str:
    """A line on the moment, one on what is seen, and one with a mark a trial."""
    lines = [
        f"step {scene.steps} of {scene.episode_length}, {len(scene.choices)} of "
        f"{scene.num_trials} trials over, reward so far {scene.earned:.1f}",
        f"gaze {scene.gaze / DEGREE:+.1f} degrees; screen: {scene.place}",
        "choices " + "".join("#" if right else "o" for right in scene.choices),
    ]
    return "\n".join(lines) + "\n"


def draw(view: NDArray[np.uint8], scene: Scene) -> NDArray[np.uint8]:
    """The view and the map side by side, then a cell a trial and a bar for the time.

    Args:
        view: What the agent sees, shape (height, width, 3).
        scene: The rest.
    """
    width = 2 * SIDE + EDGE
    image = np.full((SIDE + 2 * EDGE + STRIP + BAR, width, 3), WHITE)
    rows, columns = (np.arange(SIDE) * length // SIDE for length in view.shape[:2])
    image[:SIDE, :SIDE] = view[rows][:, columns]
    _draw_map(image[:SIDE, SIDE + EDGE :], scene)
    edges = np.linspace(0, width, scene.num_trials + 1).astype(int)
    strip = image[SIDE + EDGE : SIDE + EDGE + STRIP]
    for trial, (left, right) in enumerate(pairwise(edges)):
        # A white line between cells, where there is room for one.
        cell = strip[:, left : max(right - (right - left > EDGE) * 2, left + 1)]
        over = trial < len(scene.choices)
        cell[...] = (GREEN if scene.choices[trial] else RED) if over else GREY
    # The last column of the bar is as dark as it is full: every step can be seen.
    full = np.clip(scene.steps / scene.episode_length * width - np.arange(width), 0, 1)
    image[-BAR:] = GREY + full[:, None].astype(np.float32) * (BLUE - GREY)
    return np.rint(image).astype(np.uint8)


def _draw_map(image: NDArray[np.float32], scene: Scene) -> None:
    """The agent in the middle, its gaze, and the screen ahead, from above."""
    middle = np.array([SIDE / 2, SIDE / 2])

    def at(angle: float, far: float) -> NDArray[np.float64]:
        radians = np.deg2rad(angle / DEGREE)
        return middle + far * np.array([-np.cos(radians), np.sin(radians)])

    half = SCREEN / 2
    for side in (-half, half):
        line(image, middle, at(scene.gaze + side, FAR + EDGE), 1.5, GREY)
    arc = np.linspace(-half, half, 40)
    for start, end in pairwise(arc):
        line(image, at(start, FAR), at(end, FAR), 5, DARK)
    if scene.phase < CHOICE:
        disc(image, at(0, FAR - EDGE), 6, RED)
    elif scene.phase == CHOICE:
        for right in (False, True):
            colour = GREEN if right == scene.good_right else DARK
            disc(image, at(OBJECT_ANGLE * (1 if right else -1), FAR - 2 * EDGE), 10, colour)
    line(image, middle, at(scene.gaze, FAR - 4 * EDGE), 4, BLUE)
    disc(image, middle, 10, BLUE)
