"""The state of a vector environment, as arrays by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

FAMILY = "family."
"""Before the names of the family's arrays."""


class State(NamedTuple):
    """All that the steps and episodes to come depend on.

    Attributes:
        made_with: The environment's arguments, JSON-able.
        family: The family's arrays, by name.
        generators: Packed, shape (num_envs, 6).
        observation: Without the images, shape (num_envs, size).
        ended: Where an episode has ended and none started anew, shape (num_envs,); None in
            autoreset mode SAME_STEP, where that cannot be.
    """

    made_with: Mapping[str, Any]
    family: Mapping[str, NDArray[Any]]
    generators: NDArray[np.int64]
    observation: NDArray[np.float32]
    ended: NDArray[np.bool_] | None

    def arrays(self) -> dict[str, NDArray[Any]]:
        """As arrays by name."""
        arrays = {FAMILY + name: array for name, array in self.family.items()} | {
            "generators": self.generators,
            "observation": self.observation,
            "made_with": np.frombuffer(json.dumps(self.made_with).encode(), np.uint8).copy(),
        }
        return arrays if self.ended is None else arrays | {"ended": self.ended}


def read_state(
    arrays: Mapping[str, NDArray[Any]],
    made_with: Mapping[str, Any],
    shape: tuple[int, ...],
    has_ended: bool,
) -> State:
    """Reads what `State.arrays` gave out; the family's own arrays are left for it to check.

    Args:
        arrays: As given.
        made_with: Of the environment that they are for.
        shape: Of its observations without the images, (num_envs, size).
        has_ended: Whether its autoreset mode is another one than SAME_STEP.

    Raises:
        ValueError: If they are of another environment, or of one made with other arguments.
    """
    misfit = "the state does not fit this environment"
    try:
        noted = json.loads(arrays["made_with"].tobytes())
        generators, observation = arrays["generators"], arrays["observation"]
        ended = None
        if has_ended and noted == made_with:
            ended = arrays["ended"].astype(np.bool_)
    except (KeyError, ValueError):
        raise ValueError(misfit) from None
    if noted != made_with:
        raise ValueError(f"{misfit}: it is of one made with {noted}, not with {made_with}")
    fits = observation.shape == shape and len(generators) == shape[0]
    if not fits or (ended is not None and ended.shape != shape[:1]):
        raise ValueError(f"the state does not fit these {shape[0]} sub-environments")
    family = {n.removeprefix(FAMILY): a for n, a in arrays.items() if n.startswith(FAMILY)}
    return State(noted, family, generators, observation, ended)
