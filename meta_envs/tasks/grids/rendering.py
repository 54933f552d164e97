"""How an episode in a room looks to people: a map, and below it the rewards by trial."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meta_envs.rendering.palette import BLUE, GREEN, WHITE

MAP_SIZE, STRIP_HEIGHT, GAP = 306, 100, 6
"""About how many pixels the map has a side, the strip of trials has in height; and between."""
GREY = np.array((150, 150, 150), np.float32)


class Mark(NamedTuple):
    """A hidden target as the viewer sees it."""

    cell: int
    letter: str
    colour: NDArray[np.float32]


class Scene(NamedTuple):
    """A moment of an episode, and what led to it.

    Attributes:
        size: Cells a side.
        num_trials: Trials in the episode.
        trial_length: Steps in a trial.
        trial: The one under way.
        path: The cells that the agent has been in during it, the start first.
        marks: The hidden targets.
        rewards: Of all steps so far.
    """

    size: int
    num_trials: int
    trial_length: int
    trial: int
    path: Sequence[int]
    marks: Sequence[Mark]
    rewards: Sequence[float]


def text(scene: Scene) -> str:
    """A map: `A` the agent, `S` the start, `*` the path; a letter for each hidden target."""
    letters = np.full(scene.size * scene.size, ".")
    letters[list(scene.path)] = "*"
    letters[scene.path[0]] = "S"
    for mark in scene.marks:
        letters[mark.cell] = mark.letter
    letters[scene.path[-1]] = "A"
    header = (
        f"trial {scene.trial + 1} of {scene.num_trials}, step {len(scene.path) - 1} of "
        f"{scene.trial_length}, reward so far {sum(scene.rewards):.1f}"
    )
    rows = letters.reshape(scene.size, scene.size)[::-1]
    return "\n".join([header, *(" ".join(row) for row in rows.tolist())]) + "\n"


def draw(scene: Scene) -> NDArray[np.uint8]:
    """The map, and below it a row a trial with a column a step, green where it paid.

    The agent is the blue disc, its fading path pale blue, the start a grey frame and a hidden
    target a square.
    """
    room = _draw_map(scene)
    strip = _draw_strip(scene, len(room))
    width = max(room.shape[1], strip.shape[1])
    image = np.full((len(room) + GAP + len(strip), width, 3), WHITE)
    image[: len(room), : room.shape[1]] = room
    image[len(room) + GAP :, : strip.shape[1]] = strip
    return np.rint(image).astype(np.uint8)


def _draw_strip(scene: Scene, width: int) -> NDArray[np.float32]:
    high, wide = max(STRIP_HEIGHT // scene.num_trials, 2), max(width // scene.trial_length, 1)
    steps = scene.num_trials * scene.trial_length
    colours = np.full((steps, 3), WHITE + (GREY - WHITE) * 0.15, np.float32)
    for step, reward in enumerate(scene.rewards):
        colours[step] = GREEN if reward > 0 else WHITE + (BLUE - WHITE) * 0.45
    cells = colours.reshape(scene.num_trials, scene.trial_length, 3)
    strip = cells.repeat(min(high, 20), axis=0).repeat(wide, axis=1)
    if high > GAP:
        strip[min(high, 20) - 1 :: min(high, 20)] = WHITE
    if wide > GAP:
        strip[:, wide - 1 :: wide] = WHITE
    return strip


def _draw_map(scene: Scene) -> NDArray[np.float32]:
    """The room from above, y upwards, shape (pixels, pixels, 3)."""
    size, path = scene.size, scene.path
    pixels = max(MAP_SIZE // size, 9)
    image = np.full((size * pixels, size * pixels, 3), WHITE)
    centre = (np.arange(pixels) - (pixels - 1) / 2) / pixels
    ring = np.maximum(np.abs(centre)[:, None], np.abs(centre))
    disc = np.hypot(centre[:, None], centre) < 0.3

    def cell(index: int) -> NDArray[np.float32]:
        top, left = (size - 1 - index // size) * pixels, index % size * pixels
        return image[top : top + pixels, left : left + pixels]

    for age, index in enumerate(path):
        cell(index)[...] = WHITE + (BLUE - WHITE) * (0.1 + 0.4 * (age + 1) / len(path))
    for mark in scene.marks:
        cell(mark.cell)[ring < 0.42] = mark.colour
    cell(path[0])[(ring > 0.34) & (ring < 0.44)] = GREY
    cell(path[-1])[disc] = BLUE * 0.7
    image[::pixels] = image[:, ::pixels] = WHITE + (GREY - WHITE) * 0.5
    image[-1] = image[:, -1] = WHITE + (GREY - WHITE) * 0.5
    return image
