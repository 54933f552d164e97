"""Colours of the renderings, each an array of shape (3,) in 0..255, by what they mean.

They can be told apart with red-green blindness: what matters differs in lightness, and in shape as
well. Purple is for what is hidden from the agent, and for nothing else.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Colour = NDArray[np.float32]

WHITE, INK, GREY, PALE = np.array(
    ((255, 255, 255), (38, 38, 46), (165, 165, 170), (236, 236, 238)), np.float32
)
"""The background; text, the agent and its path; what is of less weight; what is still to come."""
HIT, MISS = np.array(((0, 85, 150), (245, 180, 90)), np.float32)
"""The best that a step can bring, dark, and the least, light."""
TASK = np.array((140, 60, 150), np.float32)
"""What is hidden from the agent: the task."""
RARE = np.array((200, 80, 0), np.float32)
"""What seldom happens, or lies about to be picked up."""


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """A colour between two: the first where `share` is 0, the second where it is 1."""
    mixed: Colour = (first + (second - first) * np.float32(share)).astype(np.float32)
    return mixed
