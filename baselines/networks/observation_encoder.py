"""What the network takes of an observation: numbers in one array, or an image beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from baselines.common.batches import batch_of_one, flat_size, flatten, is_image
from baselines.common.errors import InputError

Array = NDArray[np.float32]
REWARD = "last_reward"
"""The part of a Dict that is the last reward."""


class ImageAndVector(NamedTuple):
    """A batch of images and of the numbers that come with them.

    Attributes:
        image: Shape (batch, height, width, channels).
        vector: Shape (batch, size).
    """

    image: NDArray[np.uint8]
    vector: Array


Encoded = Array | ImageAndVector
"""A batch of observations as the network takes them; an array, shape (batch, size), where there
is no image."""


class ObservationEncoder:
    """Turns observations of a space into what the network takes of them.

    A uint8 Box with three axes is an image, by itself or as a part of a Dict, unless it is one of
    codes: of fewer than 20 pixels on both sides. Everything else is made numbers by
    `baselines.common.batches.flatten`: one-hot where it is discrete, and without text.

    Args:
        space: Of one observation.
        reward_columns: Which numbers are the last reward, where there is no image and it is
            known.

    Attributes:
        image_shape: (height, width, channels) of the image; None if there is none.
        size: Numbers in an observation besides the image.
        reward_columns: Which of these are the last reward; None if that is not known. With an
            image they are the Dict's "last_reward", and come first.

    Raises:
        InputError: If there is more than one image, or some part cannot be made numbers.
    """

    def __init__(self, space: spaces.Space[Any], reward_columns: slice | None = None) -> None:
        self.space = space
        self.image_shape: tuple[int, ...] | None = None
        self.reward_columns = reward_columns
        self._image: str | None = None
        self._others: dict[str, spaces.Space[Any]] = {}
        if is_image(space):
            self.image_shape, self.size = space.shape, 0
            return
        self.size = flat_size(space)
        if not self.size and not isinstance(space, spaces.Box):
            raise InputError(f"observations must hold more than text, got {space}")
        if not isinstance(space, spaces.Dict):
            return
        images = [name for name, part in space.items() if is_image(part)]
        if len(images) > 1:
            raise InputError(f"an observation can have one image, got {', '.join(images)}")
        if images:
            self._image = images[0]
            self.image_shape = space[self._image].shape
            self._others = {name: part for name, part in space.items() if name != self._image}
            if REWARD in self._others:
                self._others = {REWARD: self._others[REWARD]} | self._others
                self.reward_columns = slice(0, flat_size(self._others[REWARD]))
            self.size = sum(map(flat_size, self._others.values()))

    def encode(self, observations: Any, num_envs: int) -> Encoded:
        """Encodes a batch of observations; an array that fits as it is is not copied."""
        if self.image_shape is None:
            return flatten(self.space, observations, num_envs)
        image = observations if self._image is None else observations[self._image]
        empty = np.zeros((num_envs, 0), np.float32)
        parts = [flatten(part, observations[name], num_envs) for name, part in self._others.items()]
        return ImageAndVector(np.asarray(image), np.concatenate([empty, *parts], axis=1))

    def with_rows(self, encoded: Encoded, rows: Mapping[int, Any]) -> Encoded:
        """A copy of a batch in which some rows are other observations, as the space has them."""
        copy: Encoded = (
            ImageAndVector(encoded.image.copy(), encoded.vector.copy())
            if isinstance(encoded, ImageAndVector)
            else encoded.copy()
        )
        for row, observation in rows.items():
            one = self.encode(batch_of_one(self.space, observation), 1)
            for whole, part in zip(_arrays(copy), _arrays(one), strict=True):
                whole[row] = part[0]
        return copy


def _arrays(encoded: Encoded) -> tuple[NDArray[Any], ...]:
    return encoded if isinstance(encoded, ImageAndVector) else (encoded,)
