"""The base of every task family: a distribution of tasks, and the dynamics of its episodes."""

from __future__ import annotations

import importlib
import inspect
import json
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_count, check_memory, is_whole, shown

Task = dict[str, Any]
"""One task, JSON-able: numbers, strings and lists of them under the family's own names."""

ONE = np.array(1)
StepResult = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64], NDArray[np.bool_]]
"""Rewards, regret, trial and termination of each episode, every array of shape (num_envs,)."""


class TaskFamily(ABC):
    """A distribution of tasks and the dynamics of its episodes, over a batch of them.

    An instance holds `num_envs` episodes side by side in NumPy arrays. The vector environment
    holds one instance for all of its episodes and the scalar environment one with
    `num_envs=1`, so there is a single copy of the dynamics.

    Everything random in an episode, its task and its noise alike, is drawn when the episode
    starts (`begin`) into the episode's row of `draws`. From then on an outcome is a pure
    function of the task, the row and the actions.

    A subclass implements `_load_tasks`, `step`, `task`, `_parse_task`, `_set_task` and
    `action_values`; `observe` where the agent sees more than what it did and what that brought,
    `draw_images` where it sees an image; `render_ansi` and `render_rgb` where people can look
    at an episode; and `_draw` where uniform numbers are not enough. Its docstring is the page of
    its environments. `meta_envs.check_family` tells what does not hold.

    Where trials take several steps, `step` notes in `trial_over` whether this one was its
    trial's last.

    Args:
        num_envs: Episodes held side by side.
        num_actions: Size of the discrete action space.
        episode_length: The most steps an episode can take; the timestep in the
            meta-observation is counted in units of it.
        num_draws: Random numbers an episode needs, its task's first.
        observation_size: Numbers in the task's own observation, each in [0, 1]; 0 if it has none.
        image_shape: (height, width, 3) of the image that the agent sees; None if it sees none.
        reward_range: Least and largest possible reward.
        reward_levels: Every possible reward, in increasing order, where the reward is to be
            shown to the agent as a one-hot vector; None shows it as a number.
        episode_size: Numbers that the family holds for an episode beside its draws.
        table_size: Numbers in tables of the family that all episodes share.

    The last two need to be told only where an argument can make them large: what would take
    more than `checks.MOST_MEMORY` is refused here, so a family makes its arrays afterwards.

    Raises:
        ValueError: If an argument is out of its range or asks for too much memory.
    """

    has_regret: ClassVar[bool] = True
    """Whether regret is known exactly. A family that says False needs no `action_values`, and
    its environments report no regret."""
    action_names: tuple[str, ...] = ()
    """What each action is called, for people; empty where they have no names."""
    reveal: bool = True
    """Whether `render_ansi` and `render_rgb` may show the task. Where it is False they show only
    what the agent, or a person who plays, could know. `play` sets it to False until an episode is
    over. No agent meets it."""
    episode_arrays: ClassVar[tuple[str, ...]] = ("steps", "draws", "trial_over")
    """Attributes that hold the episodes under way, arrays whose first axis is `num_envs`: what
    `state` gives out. A subclass adds its own: `(*TaskFamily.episode_arrays, "positions")`. What
    stays the same from episode to episode does not belong here."""
    optimum: ClassVar[str | None] = None
    """The module, "package.module", that holds the best possible policy; see `meta_envs.optimal`
    for what stands in it. None where none is known. A subclass whose tasks or dynamics are others
    must name its own."""

    def __init__(
        self,
        num_envs: int,
        *,
        num_actions: int,
        episode_length: int,
        num_draws: int,
        observation_size: int = 0,
        image_shape: tuple[int, int, int] | None = None,
        reward_range: tuple[float, float] = (0.0, 1.0),
        reward_levels: Sequence[float] | None = None,
        episode_size: int = 0,
        table_size: int = 0,
    ) -> None:
        self.num_envs = check_count("num_envs", num_envs, minimum=1)
        self.num_actions = num_actions
        self.episode_length = episode_length
        self.observation_size = observation_size
        self.image_shape = image_shape
        self.reward_range = reward_range
        self._check_memory(num_draws + episode_size, table_size)
        self.reward_levels = None if reward_levels is None else np.array(reward_levels)
        self.steps = np.zeros(self.num_envs, np.int64)
        self._length = np.array(episode_length)
        self.draws = np.zeros((self.num_envs, num_draws))
        self.trial_over = np.ones(self.num_envs, np.bool_)

    def _check_memory(self, episode_size: int, table_size: int) -> None:
        """Refuses what takes too much memory, by the argument that is largest beside its default.

        Counted are the family's numbers and the environment's: of every episode its generator
        and its observation, also in the bounds of the vector environment's space and as a copy;
        and the tables by action and by timestep.
        """
        observation = 4 * (self.observation_size + self.num_actions + 8)
        episode = 8 * (episode_size + observation) + 1024
        if self.image_shape is not None:
            episode += 9 * math.prod(self.image_shape)
        actions = self.num_actions * (self.num_actions + self.observation_size)
        tables = 8 * (table_size + actions + 4 * self.episode_length)
        times: dict[str, int] = {"num_envs": self.num_envs}
        for name, parameter in inspect.signature(type(self)).parameters.items():
            value: Any = getattr(self, name, None)
            default = parameter.default
            if is_whole(value):
                times[name] = value // default if is_whole(default) and default > 0 else value
        name = max(times, key=times.__getitem__)
        check_memory(
            name, getattr(self, name), self.num_envs * episode + tables, of="its environments"
        )

    @property
    def render_modes(self) -> tuple[str, ...]:
        """What the family draws for people: "ansi", "rgb_array", both or nothing."""
        drawn = {"ansi": "render_ansi", "rgb_array": "render_rgb"}
        return tuple(
            mode
            for mode, name in drawn.items()
            if getattr(type(self), name) is not getattr(TaskFamily, name)
        )

    def begin(
        self,
        envs: NDArray[np.intp],
        generators: Sequence[np.random.Generator],
        tasks: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        """Starts new episodes.

        Args:
            envs: Indices of the episodes to start.
            generators: One generator for each of the `num_envs` episodes. Each started episode
                takes the same numbers from its own, whether or not `tasks` are given.
            tasks: The task to play instead of a drawn one, for each of `envs`.

        Raises:
            ValueError: If a task does not fit the family; then nothing has changed.
        """
        parsed = [self._parse_task(task) for task in tasks or ()]
        for env in envs.tolist():
            self._draw(generators[env], self.draws[env])
        self.steps[envs] = 0
        self._load_tasks(envs)
        for env, task in zip(envs.tolist(), parsed, strict=bool(parsed)):
            self._set_task(env, task)

    def _draw(self, generator: np.random.Generator, row: NDArray[np.float64]) -> None:
        """Fills an episode's row of `draws`; uniform on [0, 1) unless a family says otherwise."""
        generator.random(out=row)

    @abstractmethod
    def _load_tasks(self, envs: NDArray[np.intp]) -> None:
        """Turns the freshly filled rows `draws[envs]` into the tasks of those episodes."""

    @abstractmethod
    def _parse_task(self, task: Mapping[str, Any]) -> Any:
        """Reads a task as `task` writes it. Raises ValueError if it does not fit."""

    @abstractmethod
    def _set_task(self, env: int, parsed: Any) -> None:
        """Gives one episode a task that `_parse_task` has read."""

    @abstractmethod
    def task(self, env: int) -> Task:
        """The task of one episode."""

    @abstractmethod
    def step(self, actions: NDArray[np.int64]) -> StepResult:
        """Plays one step in every episode and adds 1 to `steps`, as `advance` does.

        Args:
            actions: Valid actions, shape (num_envs,).

        Returns:
            New arrays: they are the user's, so no later step may change them.
        """

    def advance(self) -> NDArray[np.bool_]:
        """Adds 1 to `steps`; returns which episodes have now taken all of theirs."""
        # Both are arrays: with Python's numbers NumPy takes twice as long.
        self.steps += ONE
        return self.steps >= self._length

    def observe(self) -> NDArray[np.float32]:
        """The task's own observation in every episode, shape (num_envs, observation_size)."""
        raise NotImplementedError(f"{type(self).__name__} has no observation of its own")

    def draw_images(self, envs: NDArray[np.intp], images: NDArray[np.uint8]) -> None:
        """Draws what the agent sees in the episodes `envs`, in one call for all of them.

        Args:
            envs: Indices of the episodes to draw.
            images: To be written at `images[envs]`, shape (num_envs, height, width, 3).
        """
        raise NotImplementedError(f"{type(self).__name__} has no images")

    def action_values(self) -> NDArray[np.float64]:
        """What each action is worth now to an informed agent, shape (num_envs, num_actions).

        The regret of a step is the largest of these values minus that of the action taken.
        """
        raise NotImplementedError(f"{type(self).__name__} has no exact regret")

    def state(self) -> dict[str, NDArray[Any]]:
        """A copy of the episodes under way, by `episode_arrays`."""
        return {name: getattr(self, name).copy() for name in self.episode_arrays}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Goes on from where `state` was called, on a family made with the same arguments.

        What the arguments were does not show in the arrays: `MetaVectorEnv` notes and compares
        them.

        Raises:
            ValueError: If the arrays are of other names, shapes or types; then nothing has changed.
        """
        mine = {name: getattr(self, name) for name in self.episode_arrays}
        kinds = [{n: (a.shape, a.dtype) for n, a in one.items()} for one in (mine, state)]
        if kinds[0] != kinds[1]:
            raise ValueError(f"the state does not fit this {type(self).__name__}")
        for name, array in mine.items():
            array[...] = state[name]

    def render_ansi(self, env: int, history: Sequence[tuple[int, float]]) -> str:
        """Draws an episode as text; `history` holds its (action, reward) pairs so far.

        The task itself should be left out where `reveal` is False.
        """
        raise NotImplementedError(f"{type(self).__name__} has no 'ansi' rendering")

    def render_rgb(self, env: int, history: Sequence[tuple[int, float]]) -> NDArray[np.uint8]:
        """Draws an episode for people, shape (height, width, 3); see `render_ansi`.

        `meta_envs.rendering.frame.compose` gives it a caption and a legend.
        """
        raise NotImplementedError(f"{type(self).__name__} has no 'rgb_array' rendering")


def load_family(family: str | type[TaskFamily]) -> type[TaskFamily]:
    """Resolves `"package.module:ClassName"` to the class it names.

    Raises:
        ValueError: If `family` is or names something else than a subclass of TaskFamily.
    """
    found: Any = family
    if isinstance(family, str):
        module, _, name = family.partition(":")
        found = getattr(importlib.import_module(module), name, None) if name else None
    if not (isinstance(found, type) and issubclass(found, TaskFamily)):
        raise ValueError(
            "family must be a subclass of TaskFamily or its name as 'package.module:ClassName', "
            f"got {shown(family)}"
        )
    return found


def arguments_of(family: type[TaskFamily], given: Mapping[str, Any]) -> dict[str, Any]:
    """What a family is made with, defaults included, but for `num_envs`; JSON-able.

    Args:
        family: The class.
        given: Keyword arguments that it takes.
    """

    def plain(value: Any) -> Any:
        if isinstance(value, np.floating):  # One of them is no float even in Python.
            return float(value)
        return value.tolist() if isinstance(value, np.ndarray | np.generic) else repr(value)

    bound = inspect.signature(family).bind(num_envs=1, **given)
    bound.apply_defaults()
    arguments = {name: value for name, value in bound.arguments.items() if name != "num_envs"}
    made: dict[str, Any] = json.loads(json.dumps(arguments, default=plain))
    return made
