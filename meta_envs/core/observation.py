"""The meta-observation: what every agent sees of an episode, written here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from meta_envs.core.checks import shown
from meta_envs.core.family import TaskFamily

PARTS = {
    "action": "last_action",
    "reward": "last_reward",
    "done": "last_done",
    "timestep": "timestep",
}
"""What the parts are called in an observation, by the words of `inputs`. Other frameworks keep
"action" and "reward" for themselves."""
INPUTS = tuple(PARTS)
"""The parts of the meta-observation that an environment can add to the task's own observation."""
DEFAULT_INPUTS = ("action", "reward", "timestep")
"""The parts that it adds unless told otherwise."""
Observation = NDArray[np.float32] | Mapping[str, NDArray[Any]]
"""A batch of meta-observations: one array, or, with images, an array for each part."""
LARGEST = float(np.finfo(np.float32).max)
"""Bound of a reward that has none, in the observation space."""


class MetaObservationWriter:
    """The task's own observation, then one-hot last action, last reward, done and timestep.

    All stand in one preallocated float32 array. Done is 1 where the last step ended a trial, and
    the timestep is the number of steps taken divided by the episode length. At the first step
    of an episode all four are zero, so "no action yet" cannot be taken for action 0.

    Where the agent sees an image, the observation is a dict: the image as "image", and each part
    of the array by its name in `layout`.

    Args:
        family: The family whose episodes are observed.
        inputs: The parts to show, any of `INPUTS`; their order in the array is that of `INPUTS`.

    Attributes:
        inputs: The parts shown.
        layout: The columns of each part shown, as slices of the observation's last axis, by the
            part's name: "observation", the task's own where it has one, then "last_action",
            "last_reward", "last_done" and "timestep".
        space: Space of one observation, of shape (size,) or, with images, a Dict.
        array: The current observations without their images, shape (num_envs, size).
        images: The current images, uint8 of shape (num_envs, height, width, 3), or None.

    Raises:
        ValueError: If `inputs` is empty, repeats a part or names one that does not exist.
    """

    def __init__(self, family: TaskFamily, inputs: Sequence[str] = DEFAULT_INPUTS) -> None:
        self.inputs = check_inputs(inputs)
        self.family = family
        levels = family.reward_levels
        sizes = {
            "action": family.num_actions,
            "reward": 1 if levels is None else len(levels),
            "done": 1,
            "timestep": 1,
        }
        self.layout: dict[str, slice] = {}
        size = family.observation_size
        if size:
            self.layout["observation"] = slice(0, size)
        for name, part in PARTS.items():
            if name in self.inputs:
                self.layout[part] = slice(size, size + sizes[name])
                size += sizes[name]
        self.num_actions = family.num_actions
        self.reward_range = family.reward_range
        self.reward_levels = levels
        self.array = np.zeros((family.num_envs, size), np.float32)
        shape = family.image_shape
        self.images = None if shape is None else np.zeros((family.num_envs, *shape), np.uint8)
        self.space = self._make_space(family, size)
        self._all = np.arange(family.num_envs)
        # Lookup tables: a gather is several times faster than computing the same columns.
        self._level_one_hot = None if levels is None else np.eye(len(levels), dtype=np.float32)
        length = family.episode_length
        self._time = (np.arange(length + 1) / length).astype(np.float32)
        self._action_rows: NDArray[np.float32] | None = None
        if "last_action" in self.layout:
            self._action_rows = np.zeros((family.num_actions, size), np.float32)
            np.fill_diagonal(self._action_rows[:, self.layout["last_action"]], 1.0)
        self._own_columns = self.layout.get("observation")
        self._reward_columns = self.layout.get("last_reward")
        self._done_column = self.layout["last_done"].start if "last_done" in self.layout else None
        self._time_column = self.layout["timestep"].start if "timestep" in self.layout else None

    def _make_space(self, family: TaskFamily, size: int) -> spaces.Box | spaces.Dict:
        low, high = np.zeros(size, np.float32), np.ones(size, np.float32)
        if "last_reward" in self.layout and family.reward_levels is None:
            # Gymnasium's checker warns of infinite bounds.
            low[self.layout["last_reward"]] = max(min(0.0, family.reward_range[0]), -LARGEST)
            high[self.layout["last_reward"]] = min(family.reward_range[1], LARGEST)
        if family.image_shape is None:
            return spaces.Box(low, high, dtype=np.float32)
        parts: dict[str, spaces.Space[Any]] = {
            name: spaces.Box(low[part], high[part], dtype=np.float32)
            for name, part in self.layout.items()
        }
        return spaces.Dict({"image": spaces.Box(0, 255, family.image_shape, np.uint8)} | parts)

    def write_first(self, envs: NDArray[np.intp]) -> None:
        """Writes the observation of episodes that have just started."""
        self.array[envs] = 0.0
        if self._own_columns is not None:
            self.array[envs, self._own_columns] = self.family.observe()[envs]
        if self.images is not None:
            self.family.draw_images(envs, self.images)

    def write(
        self,
        actions: NDArray[np.int64],
        rewards: NDArray[np.float64],
        steps: NDArray[np.int64],
    ) -> None:
        """Writes what a step has brought, for every episode; all arrays of shape (num_envs,)."""
        if self._action_rows is not None:
            # Whole rows, zero but for the action: faster than to write its columns alone. With
            # mode="raise" NumPy would write to a copy first.
            self._action_rows.take(actions, axis=0, out=self.array, mode="clip")
        if self._own_columns is not None:
            self.array[:, self._own_columns] = self.family.observe()
        if self._reward_columns is not None:
            if self._level_one_hot is None or self.reward_levels is None:
                self.array[:, self._reward_columns.start] = rewards
            else:
                index = self.reward_levels.searchsorted(rewards)
                self.array[:, self._reward_columns] = self._level_one_hot.take(index, axis=0)
        if self._done_column is not None:
            self.array[:, self._done_column] = self.family.trial_over
        if self._time_column is not None:
            self.array[:, self._time_column] = self._time.take(steps)
        if self.images is not None:
            self.family.draw_images(self._all, self.images)

    def restore(self, array: NDArray[np.float32]) -> None:
        """Goes on from a copy of `array`; images are drawn again."""
        self.array[...] = array
        if self.images is not None:
            self.family.draw_images(self._all, self.images)

    def all(self) -> Any:
        """A copy of the current observations, a batch of `space`."""
        if self.images is None:
            return self.array.copy()
        parts = {name: self.array[:, part].copy() for name, part in self.layout.items()}
        return {"image": self.images.copy(), **parts}

    def one(self, env: int) -> Any:
        """A copy of one episode's current observation, a member of `space`."""
        if self.images is None:
            return self.array[env].copy()
        parts = {name: self.array[env, part].copy() for name, part in self.layout.items()}
        return {"image": self.images[env].copy(), **parts}

    def own(self, observation: Observation) -> NDArray[np.float32]:
        """The task's own observation in a batch of observations."""
        return self._part(observation, "observation")

    def last_action(self, observation: Observation) -> NDArray[np.float32]:
        """The one-hot last action in a batch of observations, all zero at a first step."""
        return self._part(observation, "last_action")

    def last_reward(self, observation: Observation) -> NDArray[np.float64]:
        """The last reward in a batch of observations, shape (batch,), 0 at a first step."""
        part = self._part(observation, "last_reward")
        if self.reward_levels is None:
            return part[:, 0].astype(np.float64)
        return np.asarray(part @ self.reward_levels)

    def _part(self, observation: Observation, name: str) -> NDArray[np.float32]:
        if name not in self.layout:
            part = name.replace("_", " ")
            raise ValueError(f"the {part} is not in the observation: add it to inputs")
        if isinstance(observation, Mapping):
            return observation[name]
        return observation[:, self.layout[name]]


def check_inputs(inputs: object) -> tuple[str, ...]:
    """Returns `inputs` as a tuple, or raises a ValueError that lists the parts there are."""
    parts: tuple[Any, ...]
    try:
        parts = () if isinstance(inputs, str) else tuple(inputs)  # type: ignore[arg-type]
    except TypeError:
        parts = ()
    names = [part for part in parts if isinstance(part, str) and part in INPUTS]
    if not parts or len(names) < len(parts) or len(set(names)) < len(names):
        raise ValueError(
            f"inputs must be a sequence of {', '.join(INPUTS)}, at least one and each at most "
            f"once, got {shown(inputs)}"
        )
    return parts


def count(observation: Observation) -> int:
    """How many meta-observations there are in a batch."""
    return len(
        next(iter(observation.values())) if isinstance(observation, Mapping) else observation
    )


def select(observation: Observation, rows: NDArray[Any]) -> Observation:
    """The meta-observations of a batch that an index or a mask picks out."""
    if isinstance(observation, Mapping):
        return {name: part[rows] for name, part in observation.items()}
    return observation[rows]
