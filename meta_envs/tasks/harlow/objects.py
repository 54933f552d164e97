"""Objects to be told apart: drawn ones, two disjoint thousands of them, and a user's own images."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import shown
from meta_envs.core.extras import install_hint

SPLITS = ("train", "test")
NUM_OBJECTS = 1_000
"""Drawn objects in each split."""
SIZE = 34
"""Pixels a side."""

Image = NDArray[np.uint8]
"""An object, shape (34, 34, 3), read-only."""
Plane = NDArray[np.float64]
"""A coordinate of every point; the image reaches from -1 to 1, rows downwards."""
Mask = NDArray[np.bool_]

COLOURS = np.array(
    (
        (235, 60, 50),
        (60, 170, 70),
        (60, 100, 230),
        (250, 220, 60),
        (240, 140, 30),
        (150, 60, 190),
        (80, 210, 220),
        (250, 160, 200),
        (130, 85, 50),
        (245, 245, 240),
        (40, 40, 45),
        (150, 230, 110),
    ),
    np.uint16,
)
NUM_SHAPES, NUM_TEXTURES = 10, 10
MEMBERS = 2 * NUM_OBJECTS // (NUM_SHAPES * NUM_TEXTURES)
"""Objects with the same shape and texture, in other colours."""
ROTATIONS = ((1, 0, 1), (60, 11, 61), (60, -11, 61), (24, 7, 25), (24, -7, 25))
"""Cosine, sine and what both are to be divided by: 0, 10 and 16 degrees either way."""
SALT = 1611_05763
"""Sets what each object looks like; another number would be another set of objects."""


class Objects(Protocol):
    """Objects by index."""

    def __len__(self) -> int:
        """How many there are."""

    def image(self, index: int) -> Image:
        """What an object looks like."""


class DrawnObjects:
    """The thousand drawn objects of a split.

    Args:
        split: "train" or "test".
    """

    def __init__(self, split: str) -> None:
        self.parity = SPLITS.index(split)

    def __len__(self) -> int:
        return NUM_OBJECTS

    def image(self, index: int) -> Image:
        return draw_object(self.parity, index)


class FolderObjects:
    """The images of a folder, split by a hash of their names, so that new ones move no old one.

    Args:
        folder: With images of any size and kind that Pillow reads.
        split: "train" or "test".

    Raises:
        ValueError: If there is no such folder, or fewer than two images for the split.
        DependencyNotInstalled: If Pillow is missing.
    """

    def __init__(self, folder: Any, split: str) -> None:
        if not isinstance(folder, str | Path) or not folder or not os.path.isdir(folder):
            raise ValueError(f"image_dir must be a folder with images, got {shown(folder)}")
        known = _pillow().registered_extensions()
        parity = SPLITS.index(split)
        self.paths = [
            path
            for path in sorted(Path(folder).iterdir())
            if path.suffix.lower() in known and zlib.crc32(path.name.encode()) % 2 == parity
        ]
        if len(self.paths) < 2:
            raise ValueError(
                f"image_dir must hold at least 2 images that the split {split!r} falls to, "
                f"got {len(self.paths)} in {folder!r}"
            )
        self._images: dict[int, Image] = {}

    def __len__(self) -> int:
        return len(self.paths)

    def image(self, index: int) -> Image:
        if index not in self._images:
            try:
                with _pillow().open(self.paths[index]) as file:
                    small = file.convert("RGB").resize((SIZE, SIZE))
            except OSError as error:
                raise ValueError(f"image_dir: {self.paths[index]} is no image: {error}") from error
            self._images[index] = _frozen(np.asarray(small))
        return self._images[index]


def _pillow() -> Any:
    try:
        from PIL import Image
    except ImportError as error:
        raise gym.error.DependencyNotInstalled(
            f"image_dir needs Pillow: {install_hint('visual')}"
        ) from error
    return Image


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array.setflags(write=False)
    return array


@lru_cache(maxsize=2 * NUM_OBJECTS)
def draw_object(parity: int, index: int) -> Image:
    """Draws an object.

    A shape is filled with a texture of two colours, before a third. A shape goes with every
    other texture in the training objects, and with the rest in those held out. The same pair
    comes in `MEMBERS` pairs of colours. Rotation, width and place of the texture differ too.

    Only operations are used whose results IEEE 754 prescribes to the last bit, and words of
    `SeedSequence`, which NumPy keeps as they are: the images are the same everywhere.

    Args:
        parity: 0 for the training objects, 1 for those held out.
        index: In 0..999.
    """
    half = NUM_TEXTURES // 2
    member, pair = divmod(index, NUM_SHAPES * half)
    shape, texture = pair // half, 2 * (pair % half)
    texture += (shape + parity) % 2
    turn, width, shift_x, shift_y, back = np.random.SeedSequence(
        [SALT, shape, texture, member]
    ).generate_state(5)
    cosine, sine, norm = ROTATIONS[int(turn) % len(ROTATIONS)]
    y, x = (np.indices((2 * SIZE, 2 * SIZE)) + 0.5) / SIZE - 1
    u, v = (cosine * x - sine * y) / norm, (sine * x + cosine * y) / norm
    period = 0.4 + float(width) / 2**32 * 0.2
    place = u / period + float(shift_x) / 2**32, v / period + float(shift_y) / 2**32
    kinds = _inside(shape, u, v) * (1 + _texture(texture, u, v, *place))
    colours = _colours(shape, texture, member, int(back))[kinds]
    # Four points a pixel smooth the edges.
    sums = colours.reshape(SIZE, 2, SIZE, 2, 3).sum(axis=(1, 3))
    return _frozen(((sums + 2) // 4).astype(np.uint8))


def _colours(shape: int, texture: int, member: int, back: int) -> NDArray[np.uint16]:
    """The colours behind the shape and in it, shape (3, 3); the inner two differ by member."""
    count = len(COLOURS)
    words = np.random.SeedSequence([SALT, shape, texture]).generate_state(count * count)
    order = words.argsort(kind="stable")
    pairs = np.stack(np.divmod(order, count), axis=1)
    # Each pair of two colours once, whichever of the two is the shape's.
    first, second = pairs[pairs[:, 0] < pairs[:, 1]][member].tolist()
    if words[0] % 2:
        first, second = second, first
    others = [colour for colour in range(count) if colour not in (first, second)]
    return COLOURS[[others[back % len(others)], first, second]]


def _inside(shape: int, u: Plane, v: Plane) -> Mask:
    """Where a shape is: disc, square, diamond, triangle, cross, ring, hourglass, heart, ..."""
    a, b, square = np.abs(u), np.abs(v), u * u + v * v
    if shape == 7:
        x, y = 1.3 * u, 0.1 - 1.3 * v
        ball = x * x + y * y - 1
        return ball * ball * ball <= x * x * y * y * y
    masks: dict[int, Callable[[], Mask]] = {
        0: lambda: square <= 0.8,
        1: lambda: np.maximum(a, b) <= 0.72,
        2: lambda: a + b <= 0.95,
        3: lambda: (v <= 0.75) & (2 * a <= v + 0.95),
        4: lambda: (np.minimum(a, b) <= 0.3) & (np.maximum(a, b) <= 0.88),
        5: lambda: (square <= 0.85) & (square >= 0.18),
        6: lambda: (a <= 0.12 + 0.8 * b) & (b <= 0.85),
        8: lambda: (square <= 0.85) & ((u - 0.45) * (u - 0.45) + v * v >= 0.4),
        9: lambda: (a - 0.42) * (a - 0.42) + (b - 0.42) * (b - 0.42) <= 0.2,
    }
    return masks[shape]()


def _texture(texture: int, u: Plane, v: Plane, x: Plane, y: Plane) -> Mask:
    """Where the second colour is: stripes three ways, checks, dots, net, rings, zigzag, ...

    Args:
        texture: Which.
        u: Columns, turned with the object.
        v: Rows, turned with the object.
        x: The same, in units of the texture's period and from a place of its own.
        y: The same.
    """
    near_x, near_y = np.abs(x - np.floor(x) - 0.5), np.abs(y - np.floor(y) - 0.5)
    masks: dict[int, Callable[[], Mask]] = {
        0: lambda: near_y < 0.25,
        1: lambda: near_x < 0.25,
        2: lambda: (x + y) % 1 < 0.5,
        3: lambda: (near_x < 0.25) ^ (near_y < 0.25),
        4: lambda: near_x * near_x + near_y * near_y < 0.1,
        5: lambda: np.maximum(near_x, near_y) > 0.36,
        6: lambda: (2 * np.sqrt(u * u + v * v)) % 1 < 0.5,
        7: lambda: (y + near_x) % 1 < 0.5,
        8: lambda: (u > 0) ^ (v > 0) ^ (np.abs(u) > np.abs(v)),
        9: lambda: u > 0,
    }
    return masks[texture]()
