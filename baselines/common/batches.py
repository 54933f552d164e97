"""Batches of observations of any space: their size, one out of one, and as plain numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array, iterate
from numpy.typing import NDArray

from baselines.common.errors import InputError
from meta_envs.wrappers.parts import is_picture

LEAST_SIDE = 20
"""Pixels a side of the smallest images that leave something behind the convolutions of the encoder;
one of fewer, on both sides, is one of codes."""
CODES = 16
"""Bytes below this are told apart as codes; Minigrid has 11."""


def is_batch(space: spaces.Space[Any], observations: Any) -> bool:
    """Whether these are several observations of a space, and not one."""
    if isinstance(space, spaces.Dict):
        name = next(iter(space))
        return is_batch(space[name], observations[name])
    if isinstance(space, spaces.Tuple):
        return is_batch(space[0], observations[0])
    return np.ndim(observations) > len(space.shape or ())


def batch_of_one(space: spaces.Space[Any], observation: Any) -> Any:
    """A batch that consists of one observation."""
    empty: Any = create_empty_array(space, 1)
    return concatenate(space, [observation], empty)


def batch_size(space: spaces.Space[Any], observations: Any) -> int:
    """Observations in a batch of a space."""
    if isinstance(space, spaces.Dict):
        name = next(iter(space))
        return batch_size(space[name], observations[name])
    if isinstance(space, spaces.Tuple):
        return batch_size(space[0], observations[0])
    return len(observations)


def is_image(space: spaces.Space[Any]) -> bool:
    """Whether a space is one of images: bytes on three axes, more than a few a side."""
    return is_picture(space) and max((space.shape or ())[:2]) >= LEAST_SIDE


def is_code_image(space: spaces.Space[Any]) -> bool:
    """Whether a space is one of images of a few codes a side, such as Minigrid's 7 x 7 x 3."""
    return is_picture(space) and not is_image(space)


def is_text(space: spaces.Space[Any]) -> bool:
    """Whether a space is one of strings: Gymnasium's Text, and what other packages make of it."""
    return space.dtype is not None and space.dtype.kind == "U"


def flat_size(space: spaces.Space[Any], name: str = "") -> int:
    """How many numbers `flatten` makes of an observation.

    Args:
        space: Of one observation.
        name: Of the part of an observation that this is, for messages.

    Raises:
        InputError: If some part cannot be made a fixed count of numbers.
    """
    if isinstance(space, spaces.Dict | spaces.Tuple):
        return sum(flat_size(part, f"{name}[{key!r}]") for key, part in _items(space))
    if is_text(space):
        return 0
    if is_code_image(space):
        return _numbers_of_a_byte(space) * int(np.prod(space.shape or ()))
    try:
        return spaces.flatdim(space)
    except (ValueError, NotImplementedError) as error:
        what = f"their part {name} is" if name else "they are"
        raise InputError(
            "observations must be of a fixed count of numbers, images and text aside, but "
            f"{what} a {type(space).__name__}: change it with gymnasium's "
            "TransformObservation, or leave it out with FilterObservation"
        ) from error


def flatten(space: spaces.Space[Any], observations: Any, num_envs: int) -> NDArray[np.float32]:
    """A batch of observations of any space as one array.

    What is discrete is one-hot, and text is left out. So is each byte of an image of codes, as
    codes next to each other mean different things: a byte below 16 is one-hot, and where the space
    allows larger ones its share of 255 comes behind that, for pictures.

    Returns:
        Shape (num_envs, size).
    """
    if isinstance(space, spaces.Dict | spaces.Tuple):
        parts = [flatten(part, observations[key], num_envs) for key, part in _items(space)]
        return np.concatenate([np.zeros((num_envs, 0), np.float32), *parts], axis=1)
    if is_text(space):
        return np.zeros((num_envs, 0), np.float32)
    if is_code_image(space):
        return _codes(np.asarray(observations).reshape(num_envs, -1), _numbers_of_a_byte(space))
    if isinstance(space, spaces.Box):
        return np.ascontiguousarray(observations, np.float32).reshape(num_envs, -1)
    rows = [
        spaces.flatten(space, one) for one in iterate(batch_space(space, num_envs), observations)
    ]
    return np.asarray(rows, np.float32)


def _numbers_of_a_byte(space: spaces.Space[Any]) -> int:
    """How many numbers are made of a byte of an image of codes."""
    highest = int(space.high.max())  # type: ignore[attr-defined]
    return highest + 1 if highest < CODES else CODES + 1


def _codes(images: NDArray[np.uint8], size: int) -> NDArray[np.float32]:
    """Bytes of shape (num_envs, bytes) as `size` numbers each, shape (num_envs, bytes * size)."""
    numbers = (images[..., None] == np.arange(size)).astype(np.float32)
    if size > CODES:
        numbers[..., CODES] = images / np.float32(255)
    return numbers.reshape(len(images), -1)


def _items(space: spaces.Dict | spaces.Tuple[Any]) -> list[tuple[Any, spaces.Space[Any]]]:
    return list(space.items() if isinstance(space, spaces.Dict) else enumerate(space))
