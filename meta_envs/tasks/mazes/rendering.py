"""How an episode in a maze looks to people: the agent's view, the map from above, the steps."""

from __future__ import annotations

from collections.abc import Sequence
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
    compose,
    dot,
    swatch,
    titled,
)
from meta_envs.rendering.palette import INK, RARE, TASK, WHITE
from meta_envs.rendering.shapes import disc, line, square
from meta_envs.tasks.mazes.maze_map import Maze

WALL_COLOURS = np.array(
    (
        (150, 146, 140),
        (190, 75, 60),
        (75, 150, 80),
        (75, 105, 195),
        (205, 165, 60),
        (165, 80, 175),
        (60, 165, 175),
    ),
    np.float32,
)
"""Of the walls in the order of `maze_map.WALLS`."""
FLOOR, GOLD, DARK = np.array(((240, 238, 232), (235, 180, 30), (60, 58, 66)), np.float32)
SIDE = 336
"""Pixels that the view and the map have a side, about."""
MARK, ROW = 3, 12
"""Pixels of a step's bar in width at least, and of a row of bars in height."""
ARROWS = ">\\v/<\\^/"
"""Eight headings, clockwise on the map."""


class Scene(NamedTuple):
    """A moment of an episode.

    Attributes:
        maze: The maze.
        goal: The goal's cell, None where the task is hidden.
        apples: The cells of the apples that are there.
        place: Where the agent is, (x, y) in cells from the top left.
        heading: The unit vector (x, y) that it looks along, None where it has no heading.
    """

    maze: Maze
    goal: int | None
    apples: NDArray[np.intp]
    place: NDArray[np.float64]
    heading: NDArray[np.float64] | None


def text(scene: Scene, num_steps: int, history: Sequence[tuple[int, float]]) -> str:
    """The map as text under a line that says how far the episode has gone."""
    columns = scene.maze.walls.shape[1]
    letters = np.where(scene.maze.open, " ", "#").ravel()
    letters[scene.apples] = "a"
    if scene.goal is not None:
        letters[scene.goal] = "G"
    column, row = np.floor(scene.place).astype(int).tolist()
    letters[row * columns + column] = "@"
    if scene.heading is not None:
        turn = np.arctan2(scene.heading[1], scene.heading[0]) / (2 * np.pi)
        letters[row * columns + column] = ARROWS[round(8 * turn) % 8]
    earned = sum(reward for _, reward in history)
    header = f"step {len(history)} of {num_steps}, reward so far {earned:.0f}"
    return "\n".join([header, *("".join(row) for row in letters.reshape(-1, columns))]) + "\n"


def draw(
    family: TaskFamily,
    view: Image,
    scene: Scene,
    run: int,
    history: Sequence[tuple[int, float]],
) -> NDArray[np.uint8]:
    """The agent's view, beside it the map from above, and below a bar a step.

    Args:
        family: Whose episode it is.
        view: Colours in 0..255, shape (height, width, 3).
        scene: The moment to draw.
        run: To the goal, counted from 0.
        history: Actions and rewards so far.
    """
    parts = beside(titled(view, "what the agent sees"), titled(draw_map(scene), "from above"))
    steps = titled(_draw_steps(family.episode_length, history), "rewards by step")
    legend = [
        Entry(dot(INK), "agent"),
        Entry(dot(RARE), "apple"),
        Entry(swatch(GOLD, FLOOR), "possible goal"),
        Entry(bar(1.0), "goal found"),
        Entry(bar(0.5), "apple found"),
        Entry(bar(0.0), "nothing"),
        Entry(swatch(TASK), "hidden: goal", task=True),
    ]
    return compose(family, "a maze", (run, None), history, below(parts, steps), legend)


def draw_map(scene: Scene) -> Image:
    """The maze from above: apples orange, the agent dark, the goal a purple square with a G.

    Cells where the goal could be have a gold frame. The line is the agent's heading.
    """
    walls = scene.maze.walls
    pixels = max(SIDE // max(walls.shape), 5)
    colours = np.concatenate([FLOOR[None], WALL_COLOURS])
    image = colours[walls].repeat(pixels, axis=0).repeat(pixels, axis=1)
    for cell in scene.maze.goals.tolist():
        top, left = np.multiply(divmod(cell, walls.shape[1]), pixels).tolist()
        _draw_goal(image[top : top + pixels, left : left + pixels], cell == scene.goal)

    def pixel(place: NDArray[np.float64]) -> NDArray[np.float64]:
        """(x, y) in cells as (row, column) in pixels."""
        return place[::-1] * pixels - 0.5

    for place in scene.maze.centres(scene.apples):
        disc(image, pixel(place), pixels * 0.22, RARE)
    if scene.heading is not None:
        end = pixel(scene.place + 0.6 * scene.heading)
        line(image, pixel(scene.place), end, pixels * 0.12, INK)
    disc(image, pixel(scene.place), pixels * 0.27, INK)
    return image


def _draw_goal(cell: Image, hidden_goal: bool) -> None:
    """A cell where the goal could be, and, if `hidden_goal`, is."""
    edge = len(cell) // 10
    square(cell[edge : len(cell) - edge, edge : len(cell) - edge], GOLD, FLOOR)
    if hidden_goal:
        scale = SCALE if len(cell) >= 2 * font.ROWS else 1
        cell[edge : len(cell) - edge, edge : len(cell) - edge] = TASK
        top = (len(cell) - (font.ROWS - 1) * scale) // 2
        font.write(cell, "G", top, (len(cell) - font.COLUMNS * scale) // 2, scale, WHITE)


def draw_view(seen: NDArray[np.float32]) -> Image:
    """The cells that the agent of a grid sees, with letters on what lies there.

    Args:
        seen: Open cells, the goal and, where there are any, apples, (channels, side, side).
    """
    side = seen.shape[-1]
    pixels = max(SIDE // side, 3)
    colours = np.where(seen[0][..., None] > 0, FLOOR, DARK)
    image = np.repeat(np.repeat(colours, pixels, axis=0), pixels, axis=1).astype(np.float32)
    for channel, colour, letter in zip(seen[1:], (GOLD, RARE), "GA", strict=False):
        for row, column in np.argwhere(channel > 0).tolist():
            top, left = row * pixels, column * pixels
            image[top : top + pixels, left : left + pixels] = colour
            font.write(image, letter, top + pixels // 10, left + pixels // 10, SCALE)
    disc(image, np.full(2, side * pixels / 2 - 0.5), pixels * 0.3, INK)
    image[::pixels] = image[:, ::pixels] = DARK
    return image


def enlarge(view: NDArray[np.uint8]) -> Image:
    """An image that the agent sees, about as large as the map, shape (height, width, 3)."""
    factor = max(SIDE // len(view), 1)
    return view.repeat(factor, axis=0).repeat(factor, axis=1).astype(np.float32)


def _draw_steps(num_steps: int, history: Sequence[tuple[int, float]]) -> Image:
    """A bar a step from left to right, in as many rows as it takes."""
    wide = min(max(INNER // num_steps, MARK), ROW)
    columns = min(INNER // wide, num_steps)
    rows = -(-num_steps // columns)
    shares = np.full(rows * columns, NONE)
    for step, (_, reward) in enumerate(history):
        shares[step] = 1.0 if reward >= 10 else 0.5 * (reward > 0)
    image = bars(shares.reshape(rows, columns), ROW, wide)
    # The last row may be longer than the episode.
    image[-ROW:, (num_steps - (rows - 1) * columns) * wide :] = WHITE
    return image
