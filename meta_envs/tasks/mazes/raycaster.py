"""Images of mazes in first person, by casting a ray for each column; compiled with Numba.

Nothing here depends on the machine but through sums, products and quotients of float64, which are
the same everywhere.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.compiled import compiled

EYE_HEIGHT = 0.5
"""In cells; walls are a cell high."""
FADE = 0.10
"""Light falls with distance d as 1 / (1 + FADE d)."""
SIDE_LIGHT = 0.8
"""Light on walls that face north or south, beside that on others."""
NEAREST = 0.1
"""Things nearer than this are not drawn, in cells."""


@compiled
def draw(
    envs: NDArray[np.intp],
    positions: NDArray[np.float64],
    directions: NDArray[np.float64],
    walls: NDArray[np.uint8],
    textures: NDArray[np.uint8],
    grounds: NDArray[np.uint8],
    things: NDArray[np.float64],
    sprites: NDArray[np.uint8],
    sizes: NDArray[np.float64],
    half_width: float,
    images: NDArray[np.uint8],
) -> None:
    """Draws the views of the episodes `envs` into `images[envs]`.

    Args:
        envs: Indices of the episodes to draw.
        positions: Where each episode's eye is, (x, y) in cells, shape (num_envs, 2).
        directions: Unit vectors that they look along, shape (num_envs, 2).
        walls: See `maze_map.Maze`.
        textures: Of each kind of wall, shape (kinds, side, side, 3).
        grounds: Ceiling, floor and the floor's other squares, shape (3, 3).
        things: What stands in each episode, (x, y, kind), shape (num_envs, things, 3); a
            negative kind is nothing.
        sprites: Images of each kind of thing, with opacity 0 or 255, (kinds, side, side, 4).
        sizes: Height and width of each kind of thing, in cells.
        half_width: Tangent of half the angle of view.
        images: uint8 of shape (num_envs, height, width, 3).
    """
    width = images.shape[2]
    scale = width / (2.0 * half_width)
    depths = np.empty(width)
    away = np.empty(things.shape[1])
    for env in envs:
        x, y = positions[env]
        ahead_x, ahead_y = directions[env]
        image = images[env]
        for column in range(width):
            # How far to the right a ray goes for each cell ahead.
            across = half_width * ((2.0 * column + 1.0) / width - 1.0)
            ray_x, ray_y = ahead_x - across * ahead_y, ahead_y + across * ahead_x
            depth, kind, along, light = cast(x, y, ray_x, ray_y, walls)
            depths[column] = depth
            top = draw_wall(image, column, scale, depth, textures[kind], along, light)
            draw_ground(image, column, scale, top, x, y, ray_x, ray_y, grounds)
        for thing in range(things.shape[1]):
            dx, dy = things[env, thing, 0] - x, things[env, thing, 1] - y
            away[thing] = dx * ahead_x + dy * ahead_y if things[env, thing, 2] >= 0 else -1.0
        for _ in range(things.shape[1]):  # The farthest first.
            far = np.argmax(away)
            if away[far] < NEAREST:
                break
            dx, dy = things[env, far, 0] - x, things[env, far, 1] - y
            side = dy * ahead_x - dx * ahead_y
            which = int(things[env, far, 2])
            draw_thing(image, depths, scale, away[far], side, sprites[which], sizes[which])
            away[far] = -1.0


@compiled
def cast(
    x: float, y: float, ray_x: float, ray_y: float, walls: NDArray[np.uint8]
) -> tuple[float, int, float, float]:
    """Follows a ray from cell to cell to the first wall.

    Returns:
        How far ahead it is, in units of the ray; its kind, from 0; where along the wall it was
        met, in [0, 1); and the light on that side of it.
    """
    column, row = int(x), int(y)
    # What the ray's length grows by from one line between columns, or rows, to the next.
    step_x = abs(1.0 / ray_x) if ray_x != 0.0 else 1e30
    step_y = abs(1.0 / ray_y) if ray_y != 0.0 else 1e30
    right, down = (1 if ray_x > 0.0 else -1), (1 if ray_y > 0.0 else -1)
    next_x = ((column + 1.0 - x) if ray_x > 0.0 else (x - column)) * step_x
    next_y = ((row + 1.0 - y) if ray_y > 0.0 else (y - row)) * step_y
    while True:
        upright = next_x < next_y  # The next line is one between columns.
        if upright:
            depth = next_x
            next_x += step_x
            column += right
        else:
            depth = next_y
            next_y += step_y
            row += down
        if walls[row, column]:
            break
    along = y + depth * ray_y if upright else x + depth * ray_x
    light = 1.0 if upright else SIDE_LIGHT
    return depth, walls[row, column] - 1, along - np.floor(along), light


@compiled
def draw_wall(
    image: NDArray[np.uint8],
    column: int,
    scale: float,
    depth: float,
    texture: NDArray[np.uint8],
    along: float,
    light: float,
) -> int:
    """Draws a column's piece of wall and returns its first row.

    As the eye is halfway up a wall, there is as much above it in the image as there is below.
    """
    height, side = image.shape[0], texture.shape[0]
    # A wall right before the eye is taller than the image, but not infinitely.
    tall = scale / max(depth, 1e-3)
    above = 0.5 * (height - tall)
    first = max(int(np.ceil(above - 0.5)), 0)
    shade = int(256.0 * light / (1.0 + FADE * depth))
    u = min(int(along * side), side - 1)
    for row in range(first, height - first):
        v = min(max(int((row + 0.5 - above) / tall * side), 0), side - 1)
        for channel in range(3):
            image[row, column, channel] = texture[v, u, channel] * shade >> 8
    return first


@compiled
def draw_ground(
    image: NDArray[np.uint8],
    column: int,
    scale: float,
    top: int,
    x: float,
    y: float,
    ray_x: float,
    ray_y: float,
    grounds: NDArray[np.uint8],
) -> None:
    """Draws a column's plain ceiling, `top` pixels of it, and as much floor, in squares.

    The squares are half a cell a side.
    """
    height = image.shape[0]
    for above in range(top):
        depth = EYE_HEIGHT * scale / (0.5 * height - above - 0.5)
        shade = int(256.0 / (1.0 + FADE * depth))
        floor_x, floor_y = x + depth * ray_x, y + depth * ray_y
        kind = 1 + ((int(2.0 * floor_x) + int(2.0 * floor_y)) & 1)
        below = height - 1 - above
        for channel in range(3):
            image[above, column, channel] = grounds[0, channel] * shade >> 8
            image[below, column, channel] = grounds[kind, channel] * shade >> 8


@compiled
def draw_thing(
    image: NDArray[np.uint8],
    depths: NDArray[np.float64],
    scale: float,
    depth: float,
    side: float,
    sprite: NDArray[np.uint8],
    size: float,
) -> None:
    """Draws a thing that stands on the floor, where no wall is before it.

    Args:
        image: To draw into.
        depths: How far ahead each column's wall is.
        scale: Pixels that one cell has at a distance of one cell.
        depth: How far ahead it is.
        side: How far to the right.
        sprite: Its image.
        size: Its height and width.
    """
    height, width, texels = image.shape[0], image.shape[1], sprite.shape[0]
    tall = scale * size / depth
    left = 0.5 * width + scale * side / depth - 0.5 * tall
    above = 0.5 * height + scale * EYE_HEIGHT / depth - tall
    shade = int(256.0 / (1.0 + FADE * depth))
    for column in range(
        max(int(np.ceil(left - 0.5)), 0), min(int(np.ceil(left + tall - 0.5)), width)
    ):
        if depths[column] < depth:
            continue
        u = min(max(int((column + 0.5 - left) / tall * texels), 0), texels - 1)
        for row in range(
            max(int(np.ceil(above - 0.5)), 0), min(int(np.ceil(above + tall - 0.5)), height)
        ):
            v = min(max(int((row + 0.5 - above) / tall * texels), 0), texels - 1)
            if sprite[v, u, 3]:
                for channel in range(3):
                    image[row, column, channel] = sprite[v, u, channel] * shade >> 8
