"""How an episode in a maze looks to people: the agent's view, the map from above, the steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meta_envs.rendering.palette import BLUE, RED, WHITE
from meta_envs.rendering.shapes import disc, line
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
SIDE, GAP = 336, 8
"""Pixels that the view and the map have a side, about; and between them."""
MARK, ROW = 2, 10
"""Pixels of a step's mark in width at least, and of a row of marks in height."""
ARROWS = ">\\v/<\\^/"
"""Eight headings, clockwise on the map."""


class Scene(NamedTuple):
    """A moment of an episode.

    Attributes:
        maze: The maze.
        goal: The goal's cell.
        apples: The cells of the apples that are there.
        place: Where the agent is, (x, y) in cells from the top left.
        heading: The unit vector (x, y) that it looks along, None where it has no heading.
    """

    maze: Maze
    goal: int
    apples: NDArray[np.intp]
    place: NDArray[np.float64]
    heading: NDArray[np.float64] | None


def text(scene: Scene, num_steps: int, history: Sequence[tuple[int, float]]) -> str:
    """The map as text under a line that says how far the episode has gone."""
    columns = scene.maze.walls.shape[1]
    letters = np.where(scene.maze.open, " ", "#").ravel()
    letters[scene.apples] = "a"
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
    view: NDArray[np.float32],
    scene: Scene,
    num_steps: int,
    history: Sequence[tuple[int, float]],
) -> NDArray[np.uint8]:
    """The agent's view, beside it the map from above, and below a mark a step.

    Args:
        view: Colours in 0..255, shape (height, width, 3).
        scene: The moment to draw.
        num_steps: Steps in an episode.
        history: Actions and rewards so far.
    """
    above = draw_map(scene)
    height, width = max(len(view), len(above)), view.shape[1] + GAP + above.shape[1]
    marks = _draw_marks(width, num_steps, history)
    image = np.full((height + GAP + len(marks), width, 3), WHITE)
    image[: len(view), : view.shape[1]] = view
    image[: len(above), view.shape[1] + GAP :] = above
    image[height + GAP :] = marks
    return np.rint(image).astype(np.uint8)


def draw_map(scene: Scene) -> NDArray[np.float32]:
    """The maze from above: the goal a gold square, apples red, the agent blue.

    Other cells where the goal could be have a gold frame. The line is the agent's heading.
    """
    walls = scene.maze.walls
    pixels = max(SIDE // max(walls.shape), 5)
    colours = np.concatenate([FLOOR[None], WALL_COLOURS])
    image = colours[walls].repeat(pixels, axis=0).repeat(pixels, axis=1)
    centre = np.abs((np.arange(pixels) + 0.5) / pixels - 0.5)
    ring = np.maximum(centre[:, None], centre)
    for cell in scene.maze.goals.tolist():
        row, column = np.multiply(divmod(cell, walls.shape[1]), pixels).tolist()
        inside = ring < 0.4 if cell == scene.goal else (ring > 0.3) & (ring < 0.4)
        image[row : row + pixels, column : column + pixels][inside] = GOLD

    def pixel(place: NDArray[np.float64]) -> NDArray[np.float64]:
        """(x, y) in cells as (row, column) in pixels."""
        return place[::-1] * pixels - 0.5

    for place in scene.maze.centres(scene.apples):
        disc(image, pixel(place), pixels * 0.18, RED)
    if scene.heading is not None:
        end = pixel(scene.place + 0.6 * scene.heading)
        line(image, pixel(scene.place), end, pixels * 0.12, DARK)
    disc(image, pixel(scene.place), pixels * 0.25, BLUE)
    return image


def draw_view(seen: NDArray[np.float32]) -> NDArray[np.float32]:
    """The cells that the agent of a grid sees.

    Args:
        seen: Open cells, the goal and, where there are any, apples, (channels, side, side).
    """
    side = seen.shape[-1]
    pixels = max(SIDE // side, 3)
    colours = np.where(seen[0][..., None] > 0, FLOOR, DARK)
    for channel, colour in zip(seen[1:], (GOLD, RED), strict=False):
        colours[channel > 0] = colour
    image = np.repeat(np.repeat(colours, pixels, axis=0), pixels, axis=1).astype(np.float32)
    middle = np.full(2, side * pixels / 2 - 0.5)
    disc(image, middle, pixels * 0.3, BLUE)
    image[::pixels] = image[:, ::pixels] = DARK
    return image


def enlarge(view: NDArray[np.uint8]) -> NDArray[np.float32]:
    """An image that the agent sees, about as large as the map, shape (height, width, 3)."""
    factor = max(SIDE // len(view), 1)
    return view.repeat(factor, axis=0).repeat(factor, axis=1).astype(np.float32)


def _draw_marks(
    width: int, num_steps: int, history: Sequence[tuple[int, float]]
) -> NDArray[np.float32]:
    """A mark a step from left to right, in as many rows as it takes."""
    mark = max(width // num_steps, MARK)
    columns = width // mark
    rows = -(-num_steps // columns)
    colours = np.full((rows * columns, 3), WHITE)
    colours[:num_steps] = WHITE + (DARK - WHITE) * 0.08
    for step, (_, reward) in enumerate(history):
        if reward >= 10:
            colours[step] = GOLD
        else:
            colours[step] = RED if reward else WHITE + (BLUE - WHITE) * 0.45
    marks = np.full((rows * ROW, width, 3), WHITE)
    strips = colours.reshape(rows, columns, 3).repeat(mark, axis=1)
    for row, strip in enumerate(strips):
        marks[row * ROW : row * ROW + ROW - 2, : columns * mark] = strip
    return marks
