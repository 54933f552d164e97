"""Draws docs/figures/i_maze.png: the I-maze from above, and from eight viewpoints."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from meta_envs.rendering.shapes import disc, line
from meta_envs.tasks.mazes import rendering
from meta_envs.tasks.mazes.i_maze import HEADINGS, IMAGE_SHAPE, IMaze

FILE = Path(__file__).parent / "figures" / "i_maze.png"
GOAL = 0
VIEWPOINTS = (
    ("corridor, up", 5.5, 5.5, 270),
    ("corridor, down", 5.5, 7.5, 90),
    ("corridor, across", 4.5, 6.5, 0),
    ("junction, left", 5.5, 2.0, 180),
    ("upper left arm", 3.5, 2.5, 135),
    ("alcove with the goal", 1.5, 3.3, 90),
    ("upper right arm", 7.5, 1.8, 30),
    ("lower right arm", 7.2, 11.0, 340),
)
"""Name, place (x, y) in cells and heading in degrees, clockwise from the right."""
SCALE, GAP, LABEL = 2, 8, 16
"""Pixels for each of the agent's, between images, and of a line of text."""


def views(family: IMaze) -> NDArray[np.uint8]:
    """What the agent sees from each viewpoint, shape (8, 84, 84, 3)."""
    for env, (_, x, y, degrees) in enumerate(VIEWPOINTS):
        family.positions[env] = x, y
        family.headings[env] = degrees * HEADINGS // 360
    images = np.zeros((len(VIEWPOINTS), *IMAGE_SHAPE), np.uint8)
    family.draw_images(np.arange(len(VIEWPOINTS)), images)
    return images


def draw() -> Image.Image:
    """The figure."""
    family = IMaze(len(VIEWPOINTS))
    envs = np.arange(len(VIEWPOINTS))
    family.begin(envs, [np.random.default_rng(0)] * len(envs), [{"goal": GOAL}] * len(envs))
    images = views(family)
    side = SCALE * len(images[0])
    above = rendering.draw_map(family.scene(0))
    pixels = len(above) // len(family.maze.walls)
    for position, heading in zip(family.positions, family.headings, strict=True):
        place = position[::-1] * pixels
        end = place + pixels * family.tables.directions[heading][::-1]
        line(above, place, end, 2.5, rendering.DARK)
        disc(above, place, 8.5, rendering.DARK)
    figure = Image.new(
        "RGB", (above.shape[1] + 4 * (side + GAP), 2 * (side + LABEL) + GAP), "white"
    )
    figure.paste(Image.fromarray(np.rint(above).astype(np.uint8)), (0, LABEL))
    pen = ImageDraw.Draw(figure)
    for number, (name, x, y, _) in enumerate(VIEWPOINTS):
        pen.text((x * pixels, y * pixels + LABEL), str(number + 1), fill="white", anchor="mm")
        left = above.shape[1] + GAP + number % 4 * (side + GAP)
        top = number // 4 * (side + LABEL + GAP)
        pen.text((left, top), f"{number + 1}  {name}", fill="black")
        shown = Image.fromarray(images[number]).resize((side, side), Image.Resampling.NEAREST)
        figure.paste(shown, (left, top + LABEL))
    return figure


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    draw().save(FILE, optimize=True)
    print(f"wrote {FILE}")
