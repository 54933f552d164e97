"""How an episode of the Harlow task looks from outside, as text and as an image."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.family import TaskFamily
from meta_envs.rendering import font
from meta_envs.rendering.bars import NONE, bars
from meta_envs.rendering.frame import (
    INNER,
    SCALE,
    Entry,
    Image,
    bar,
    below,
    beside,
    blank,
    compose,
    dot,
    swatch,
    titled,
)
from meta_envs.rendering.palette import GREY, INK, PALE, TASK
from meta_envs.rendering.shapes import disc, line
from meta_envs.tasks.harlow.gaze import CHOICE, DEGREE, GAP, OBJECT_ANGLE, SCREEN

SIDE, STRIP, BAR = 336, 30, 8
"""Pixels of the view and of the map a side, of the strip of trials and of the bar in height."""
FAR = 130
"""Pixels from the agent to the screen, seen from above."""


class Scene(NamedTuple):
    """What is shown of a moment.

    Attributes:
        gaze: Thousandths of a degree to the right of the screen's middle.
        phase: As in `gaze.py`.
        good_right: Whether the object on the right pays; None where the task is hidden.
        choices: Of the trials that are over, whether they were right.
        num_trials: Of the episode.
        history: Actions and rewards so far.
        episode_length: The most steps there can be.
    """

    gaze: int
    phase: int
    good_right: bool | None
    choices: Sequence[bool]
    num_trials: int
    history: Sequence[tuple[int, float]]
    episode_length: int

    @property
    def place(self) -> str:
        """What is on the screen."""
        if self.phase < CHOICE:
            return f"cross, held for {self.phase} frames"
        if self.phase == CHOICE:
            if self.good_right is None:
                return "objects"
            return f"objects, the {'right' if self.good_right else 'left'} one pays"
        return f"empty for {self.phase - GAP} frames"


def text(scene: Scene) -> str:
    """A line on the moment, one on what is seen, and one with a mark a trial."""
    earned = sum(reward for _, reward in scene.history)
    lines = [
        f"step {len(scene.history)} of {scene.episode_length}, {len(scene.choices)} of "
        f"{scene.num_trials} trials over, reward so far {earned:.1f}",
        f"gaze {scene.gaze / DEGREE:+.1f} degrees; screen: {scene.place}",
        "choices " + "".join("#" if right else "o" for right in scene.choices),
    ]
    return "\n".join(lines) + "\n"


def draw(family: TaskFamily, view: NDArray[np.uint8], scene: Scene) -> NDArray[np.uint8]:
    """The view and the map side by side, then a bar a trial and one for the time.

    Args:
        family: Whose episode it is.
        view: What the agent sees, shape (height, width, 3).
        scene: The rest.
    """
    rows, columns = (np.arange(SIDE) * length // SIDE for length in view.shape[:2])
    seen = view[rows][:, columns].astype(np.float32)
    above = blank(SIDE, SIDE)
    _draw_map(above, scene)
    parts = beside(titled(seen, "what the agent sees"), titled(above, "gaze and screen from above"))
    trials = titled(_draw_trials(scene), "choices by trial, and the time that is gone")
    legend = [
        Entry(bar(1.0), "right choice"),
        Entry(bar(0.0), "wrong choice"),
        Entry(dot(GREY), "object"),
        Entry(swatch(INK), "time gone"),
        Entry(dot(TASK), "hidden: object that pays", task=True),
    ]
    trial = (len(scene.choices), scene.num_trials)
    body = below(parts, trials)
    return compose(family, "objects to choose from", trial, scene.history, body, legend)


def _draw_trials(scene: Scene) -> Image:
    """A bar a trial, tall and dark where the choice was right, and below them the time."""
    shares = np.full(scene.num_trials, NONE)
    shares[: len(scene.choices)] = scene.choices
    choices = bars(shares[None], STRIP, max(INNER // scene.num_trials, 1))
    width = choices.shape[1]
    # The last column of the bar is as dark as it is full: every step can be seen.
    gone = len(scene.history) / scene.episode_length * width
    full = np.clip(gone - np.arange(width, dtype=np.float32), 0, 1)[:, None]
    time = np.repeat((PALE + full * (INK - PALE))[None], BAR, axis=0)
    return below(choices, time, gap=4)


def _draw_map(image: Image, scene: Scene) -> None:
    """The agent in the middle, its gaze, and the screen ahead, from above."""
    middle = np.array([SIDE / 2, SIDE / 2])

    def at(angle: float, far: float) -> NDArray[np.float64]:
        radians = np.deg2rad(angle / DEGREE)
        return middle + far * np.array([-np.cos(radians), np.sin(radians)])

    half = SCREEN / 2
    for side in (-half, half):
        line(image, middle, at(scene.gaze + side, FAR + 8), 1.5, PALE * 0.9)
    arc = np.linspace(-half, half, 40)
    for start, end in pairwise(arc):
        line(image, at(start, FAR), at(end, FAR), 5, GREY)
    if scene.phase < CHOICE:
        top, left = at(0, FAR - 16).astype(int).tolist()
        font.write(image, "+", top - font.ROWS + 1, left - font.COLUMNS, SCALE)
    elif scene.phase == CHOICE:
        for right in (False, True):
            colour = TASK if right is scene.good_right else GREY
            disc(image, at(OBJECT_ANGLE * (1 if right else -1), FAR - 16), 10, colour)
    line(image, middle, at(scene.gaze, FAR - 32), 4, INK)
    disc(image, middle, 10, INK)
