"""What a meta-observation adds to an observation, for one environment or a batch of them.

The parts, their order and their names are those of `meta_envs.core.observation`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector.utils import batch_space, iterate
from numpy.typing import NDArray

from meta_envs.core.checks import is_whole, shown
from meta_envs.core.observation import LARGEST, PARTS, check_inputs
from meta_envs.wrappers.actions import ActionEncoder

AnySpace = spaces.Space[Any]
Floats = NDArray[np.float32]


class MetaParts:
    """The last action, last reward, done and timestep of a batch of episodes.

    Args:
        observation_space: Of one environment, as it is without the parts.
        action_space: Of one environment.
        inputs: The parts to add.
        episode_length: The timestep is counted in units of it; None where there is no timestep.
        num_envs: Episodes side by side.

    Attributes:
        inputs: The parts added.
        space: Of one observation with its parts.
        layout: The columns of each part, as slices of `array`.
        array: The parts of every episode, shape (num_envs, size); all zero at a first step.
        steps: Taken in each episode so far.

    Raises:
        ValueError: If a space cannot be used, or the observations have a part of the same name.
    """

    def __init__(
        self,
        observation_space: AnySpace,
        action_space: AnySpace,
        inputs: Sequence[str],
        episode_length: int | None,
        num_envs: int,
    ) -> None:
        self.inputs = check_inputs(inputs)
        self.num_envs, self.episode_length = num_envs, episode_length
        self._actions = ActionEncoder(action_space) if "action" in self.inputs else None
        self.layout: dict[str, slice] = {}
        size = 0
        for word, name in PARTS.items():
            if word in self.inputs:
                width = self._actions.size if word == "action" and self._actions else 1
                self.layout[name] = slice(size, size + width)
                size += width
        self.array = np.zeros((num_envs, size), np.float32)
        self.steps = np.zeros(num_envs, np.int64)
        self._observation_space = observation_space
        self._batched = batch_space(observation_space, num_envs)
        self.space = self._make_space(size)

    def _make_space(self, size: int) -> AnySpace:
        low, high = np.zeros(size, np.float32), np.ones(size, np.float32)
        if self._actions is not None:
            columns = self.layout["last_action"]
            low[columns], high[columns] = self._actions.low, self._actions.high
        if "reward" in self.inputs:
            columns = self.layout["last_reward"]
            low[columns], high[columns] = -LARGEST, LARGEST
        parts = {n: spaces.Box(low[c], high[c], dtype=np.float32) for n, c in self.layout.items()}
        seen = self._observation_space
        if is_picture(seen):
            seen = spaces.Dict({"image": seen})
        if isinstance(seen, spaces.Dict):
            taken = [name for name in parts if name in seen.spaces]
            if taken:
                raise ValueError(
                    f"inputs must leave out what the observations already have: {', '.join(taken)}"
                )
            return spaces.Dict({**seen.spaces, **parts})
        try:
            flat: AnySpace = spaces.flatten_space(seen)
        except NotImplementedError:  # A kind that is not Gymnasium's.
            flat = seen
        if not isinstance(flat, spaces.Box):
            raise ValueError(
                f"observations must be a Dict or such that can be flattened to numbers, got {seen}"
            )
        return spaces.Box(
            np.concatenate([finite(flat.low), low]), np.concatenate([finite(flat.high), high])
        )

    def clear(self, envs: Any) -> None:
        """Notes that episodes have just started; `envs` picks them, by index or mask."""
        self.array[envs] = 0.0
        self.steps[envs] = 0

    def write(self, actions: Any, rewards: Any, done: Any) -> None:
        """Notes what a step has brought in every episode; a batch of each."""
        self.steps += 1
        for name, columns in self.layout.items():
            if name == "last_action" and self._actions is not None:
                self.array[:, columns] = self._actions.encode(actions)
            elif name == "timestep":
                assert self.episode_length is not None
                time = np.minimum(self.steps / self.episode_length, 1.0)
                self.array[:, columns.start] = time
            else:
                self.array[:, columns.start] = rewards if name == "last_reward" else done

    def one(self, observation: Any, env: int = 0) -> Any:
        """One environment's observation with its parts, a member of `space`."""
        row = self.array[env]
        if isinstance(self.space, spaces.Dict):
            return self._with_parts(observation, row)
        return np.concatenate([self._flatten(observation), row])

    def all(self, observations: Any) -> Any:
        """A batch of observations with their parts."""
        if isinstance(self.space, spaces.Dict):
            return self._with_parts(observations, self.array)
        if isinstance(self._observation_space, spaces.Box):
            flat = to_float32(np.asarray(observations).reshape(self.num_envs, -1))
        else:
            flat = np.stack([self._flatten(one) for one in iterate(self._batched, observations)])
        return np.concatenate([flat, self.array], axis=1)

    def _flatten(self, observation: Any) -> Floats:
        return to_float32(np.asarray(spaces.flatten(self._observation_space, observation)))

    def _with_parts(self, observation: Any, array: Floats) -> dict[str, Any]:
        seen = observation if isinstance(observation, Mapping) else {"image": observation}
        return {**seen, **{name: array[..., part].copy() for name, part in self.layout.items()}}


def is_picture(space: AnySpace) -> bool:
    """Whether a space is of pictures: bytes along three axes."""
    return isinstance(space, spaces.Box) and space.dtype == np.uint8 and len(space.shape) == 3


def to_float32(array: NDArray[Any]) -> Floats:
    """The same numbers as float32; what it cannot hold becomes infinite."""
    with np.errstate(over="ignore"):
        return array.astype(np.float32)


def finite(bounds: NDArray[Any]) -> Floats:
    """Bounds of a space as float32, without infinity: Gymnasium's checker warns of it."""
    return to_float32(bounds).clip(-LARGEST, LARGEST)


def check_length(episode_length: Any, found: int | None, inputs: Sequence[str]) -> int | None:
    """The number of steps that a timestep is counted in; None where none is shown.

    Args:
        episode_length: As the user gave it.
        found: What the environment says of itself.
        inputs: The parts of the meta-observation.

    Raises:
        ValueError: If it is no whole number of at least 1, or is needed and not known.
    """
    if episode_length is not None and not (is_whole(episode_length) and episode_length >= 1):
        raise ValueError(
            "episode_length must be None or a whole number of at least 1, got "
            f"{shown(episode_length)}"
        )
    if "timestep" not in inputs:
        return None
    length = found if episode_length is None else int(episode_length)
    if length is None:
        raise ValueError(
            "episode_length must be the most steps of an episode, as the environment has no time "
            "limit that would tell: pass it, or leave 'timestep' out of inputs"
        )
    return length
