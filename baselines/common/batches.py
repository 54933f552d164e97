"""Batches of observations of any space: their size, one out of one, and as plain numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array, iterate
from numpy.typing import NDArray


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


def flatten(space: spaces.Space[Any], observations: Any, num_envs: int) -> NDArray[np.float32]:
    """A batch of observations of any space as one array, one-hot where discrete.

    Returns:
        Shape (num_envs, size).
    """
    if isinstance(space, spaces.Box):
        return np.ascontiguousarray(observations, np.float32).reshape(num_envs, -1)
    rows = [
        spaces.flatten(space, one) for one in iterate(batch_space(space, num_envs), observations)
    ]
    return np.asarray(rows, np.float32)
