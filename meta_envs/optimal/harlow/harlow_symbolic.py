"""The Harlow task from codes: as from pixels, but that objects are known by their codes."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.optimal.harlow.harlow import KnownTurns, optimal_bound, optimal_return
from meta_envs.policies import Memory
from meta_envs.tasks.harlow.gaze import OBJECT_ANGLE
from meta_envs.tasks.harlow.harlow_symbolic import CODE, NUM_PLACES, places

__all__ = ["OptimalPolicy", "optimal_bound", "optimal_return"]


class OptimalPolicy(KnownTurns):
    """Knows objects by their codes; its memory is that of the policy from pixels."""

    def identify(self, observation: Any, gazes: NDArray[np.int64]) -> Memory:
        seen = self.meta_observation.own(observation).reshape(len(gazes), NUM_PLACES, -1)
        numbers = np.empty((len(gazes), 2))
        for side, angle in enumerate((-OBJECT_ANGLE, OBJECT_ANGLE)):
            place, _ = places(angle - gazes)
            for row, view in enumerate(seen):
                numbers[row, side] = zlib.crc32(view[place[row], CODE:].tobytes())
        return numbers
