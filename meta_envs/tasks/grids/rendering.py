"""How an episode in a room looks to people: a map, and beside it the rewards by trial."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.family import TaskFamily
from meta_envs.rendering import font
from meta_envs.rendering.bars import NONE, bars
from meta_envs.rendering.frame import (
    GAP,
    INNER,
    Entry,
    Image,
    bar,
    beside,
    blank,
    compose,
    dot,
    labels,
    swatch,
    titled,
)
from meta_envs.rendering.palette import GREY, INK, TASK, WHITE, mix

MAP_SIZE = 306
"""About how many pixels the map has a side, and the strip of trials beside it in height."""
ROW, COLUMN = 40, 24
"""Pixels that a trial and a step have at most."""
PATH = mix(WHITE, GREY, 0.6)


class Mark(NamedTuple):
    """A hidden target.

    Attributes:
        cell: Where it is, None where the task is hidden.
        letter: That stands for it.
        name: What it is.
    """

    cell: int | None
    letter: str
    name: str


class Scene(NamedTuple):
    """A moment of an episode, and what led to it.

    Attributes:
        size: Cells a side.
        num_trials: Trials in the episode.
        trial_length: Steps in a trial.
        trial: The one under way.
        path: The cells that the agent has been in during it, the start first.
        marks: The hidden targets.
        history: Actions and rewards of all steps so far.
        reward_range: Least and largest reward of a step.
    """

    size: int
    num_trials: int
    trial_length: int
    trial: int
    path: Sequence[int]
    marks: Sequence[Mark]
    history: Sequence[tuple[int, float]]
    reward_range: tuple[float, float]


def text(scene: Scene) -> str:
    """A map: `A` the agent, `S` the start, `*` the path; a letter for each hidden target."""
    letters = np.full(scene.size * scene.size, ".")
    letters[list(scene.path)] = "*"
    letters[scene.path[0]] = "S"
    for mark in scene.marks[::-1]:  # Where two are in one cell, the first is seen.
        if mark.cell is not None:
            letters[mark.cell] = mark.letter
    letters[scene.path[-1]] = "A"
    header = (
        f"trial {scene.trial + 1} of {scene.num_trials}, step {len(scene.path) - 1} of "
        f"{scene.trial_length}, reward so far {sum(reward for _, reward in scene.history):.1f}"
    )
    rows = letters.reshape(scene.size, scene.size)[::-1]
    return "\n".join([header, *(" ".join(row) for row in rows.tolist())]) + "\n"


def draw(family: TaskFamily, scene: Scene) -> NDArray[np.uint8]:
    """The map, and beside it a row a trial with a column a step.

    The agent is the dark disc, its path grey, darker where it is recent, and the start a frame. A
    hidden target is a purple square with its letter. A bar is the taller and darker the more a step
    brought.
    """
    room = titled(_draw_map(scene), "the room from above")
    body = beside(room, _draw_trials(scene, INNER - room.shape[1] - 2 * GAP), gap=2 * GAP)
    low, high = family.reward_range
    legend = [
        Entry(dot(INK), "agent"),
        Entry(swatch(INK, WHITE), "start"),
        Entry(swatch(PATH), "path"),
        Entry(bar(1.0), f"reward {high:g}"),
        Entry(bar(0.0), f"reward {low:g}"),
        *(
            Entry(_lettered(mark.letter), f"hidden: {mark.name}", task=True)
            for mark in scene.marks[::-1]
        ),
    ]
    trial = (scene.trial, scene.num_trials)
    return compose(family, "a room and its hidden targets", trial, scene.history, body, legend)


def _lettered(letter: str) -> Callable[[Image], None]:
    """A purple square with a white letter in its middle."""

    def paint(patch: Image) -> None:
        patch[...] = TASK
        scale = max(len(patch) // 12, 1)
        top = (len(patch) - (font.ROWS - 1) * scale) // 2
        left = (patch.shape[1] - font.COLUMNS * scale) // 2
        font.write(patch, letter, top, left, scale, WHITE)

    return paint


def _draw_trials(scene: Scene, width: int) -> Image:
    """A row a trial with a bar a step."""
    high = min(max(MAP_SIZE // scene.num_trials, 2), ROW)
    names = labels([f"trial {trial + 1}" for trial in range(scene.num_trials)], high)
    room = width - names.shape[1] - GAP
    wide = min(max(room // scene.trial_length, 1), COLUMN)
    shares = np.full(scene.num_trials * scene.trial_length, NONE)
    low, most = scene.reward_range
    shares[: len(scene.history)] = [(reward - low) / (most - low) for _, reward in scene.history]
    strip = bars(shares.reshape(scene.num_trials, scene.trial_length), high, wide)
    return titled(beside(names, strip), "rewards by trial and step")


def _draw_map(scene: Scene) -> Image:
    """The room from above, y upwards, shape (pixels, pixels, 3)."""
    size, path = scene.size, scene.path
    pixels = max(MAP_SIZE // size, 9)
    image = blank(size * pixels, size * pixels)
    centre = (np.arange(pixels) - (pixels - 1) / 2) / pixels
    ring = np.maximum(np.abs(centre)[:, None], np.abs(centre))
    disc = np.hypot(centre[:, None], centre) < 0.3

    def cell(index: int) -> Image:
        top, left = (size - 1 - index // size) * pixels, index % size * pixels
        return image[top : top + pixels, left : left + pixels]

    for age, index in enumerate(path):
        cell(index)[...] = mix(WHITE, GREY, 0.15 + 0.65 * (age + 1) / len(path))
    for mark in scene.marks[::-1]:
        if mark.cell is not None:
            edge = pixels // 8 + 1
            _lettered(mark.letter)(cell(mark.cell)[edge : 1 - edge, edge : 1 - edge])
    cell(path[0])[(ring > 0.38) & (ring < 0.46)] = INK
    cell(path[-1])[disc] = INK
    image[::pixels] = image[:, ::pixels] = GREY
    image[-1] = image[:, -1] = GREY
    return image
