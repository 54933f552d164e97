"""Actions as numbers, the way a meta-observation shows them."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from meta_envs.core.checks import shown
from meta_envs.core.observation import LARGEST


class ActionEncoder:
    """Turns a batch of actions into float32 numbers.

    Discrete and MultiDiscrete actions become one-hot vectors, one for each number of theirs;
    those of Box and MultiBinary stay the numbers they are, in one row.

    Args:
        space: Of one action.

    Attributes:
        size: Numbers an action becomes.
        low: The least of each, 0 included: "no action yet" is all zeros. Shape (size,).
        high: The largest of each, likewise.

    Raises:
        ValueError: If the actions are of another kind.
    """

    def __init__(self, space: spaces.Space[Any]) -> None:
        self._counts: NDArray[np.int64] | None = None
        self._start = np.zeros(1, np.int64)
        if isinstance(space, spaces.Discrete):
            self._counts, self._start = np.array([space.n]), np.array([space.start])
        elif isinstance(space, spaces.MultiDiscrete):
            self._counts, self._start = space.nvec.ravel(), space.start.ravel()
        elif not isinstance(space, spaces.Box | spaces.MultiBinary):
            raise ValueError(
                "actions must be Discrete, MultiDiscrete, Box or MultiBinary to be shown, got "
                f"{space}: leave 'action' out of inputs"
            )
        self.size = spaces.flatdim(space)
        if self._counts is not None:
            self._offsets = np.cumsum(self._counts) - self._counts
        self.low, self.high = np.zeros(self.size, np.float32), np.ones(self.size, np.float32)
        if isinstance(space, spaces.Box):
            with np.errstate(over="ignore"):
                low, high = space.low.astype(np.float32), space.high.astype(np.float32)
            self.low = np.minimum(low.ravel(), 0.0).clip(-LARGEST)
            self.high = np.maximum(high.ravel(), 0.0).clip(None, LARGEST)

    def encode(self, actions: Any) -> NDArray[np.float32]:
        """The numbers of a batch of actions, shape (batch, size).

        Raises:
            ValueError: If a Discrete or MultiDiscrete action is out of range.
        """
        batch = np.asarray(actions)
        batch = batch.reshape(len(batch), -1)
        if self._counts is None:
            return batch.astype(np.float32)
        index = batch - self._start
        if not ((index >= 0) & (index < self._counts)).all():
            raise ValueError(f"actions must be within the action space, got {shown(actions)}")
        numbers = np.zeros((len(batch), self.size), np.float32)
        numbers[np.arange(len(batch))[:, None], index + self._offsets] = 1.0
        return numbers
