"""The scalar environment: one episode of a task family behind Gymnasium's `Env`."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from meta_envs.core.checks import check_choice, check_options, shown
from meta_envs.core.family import Task, TaskFamily, load_family
from meta_envs.core.observation import DEFAULT_INPUTS, MetaObservationWriter

RENDER_MODES = ("ansi", "rgb_array")
MOST_DRAWN = 50_000
"""Steps times actions of the longest episode that is drawn, as some families draw each of them."""
ALL = np.zeros(1, np.intp)


class MetaEnv(gym.Env[Any, np.int64]):
    """A distribution of tasks: every episode draws a new one.

    Args:
        family: The task family, a class or `"package.module:ClassName"`.
        render_mode: None, or one of the family's `render_modes`: "ansi" or "rgb_array".
        inputs: What the agent sees besides the task's own observation: any of "action",
            "reward", "done" and "timestep".
        **family_kwargs: The family's own arguments.

    Raises:
        ValueError: If an argument is out of its range.
    """

    metadata = {"render_modes": list(RENDER_MODES), "render_fps": 10}  # noqa: RUF012

    def __init__(
        self,
        family: str | type[TaskFamily],
        render_mode: str | None = None,
        inputs: Sequence[str] = DEFAULT_INPUTS,
        **family_kwargs: Any,
    ) -> None:
        self.family = load_family(family)(num_envs=1, **family_kwargs)
        self.metadata = type(self).metadata | {"render_modes": list(self.family.render_modes)}
        check_render_mode(self.family, render_mode)
        self.meta_observation = MetaObservationWriter(self.family, inputs)
        self.observation_space = self.meta_observation.space
        self.action_space = spaces.Discrete(self.family.num_actions)
        self.render_mode = render_mode
        self._history: list[tuple[int, float]] = []
        self._actions = np.zeros(1, np.int64)
        self._needs_reset = True
        self._has_task = False

    @property
    def task(self) -> Task:
        """The task of the current episode. For oracles and analyses; no agent may see it."""
        if not self._has_task:
            raise gym.error.ResetNeeded("there is no task yet: call reset() first")
        return self.family.task(0)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Starts an episode on a new task.

        Args:
            seed: Seeds the generator that tasks and noise come from.
            options: `{"task": task}` plays that task, with the noise the seed would have brought.

        Raises:
            ValueError: If the task does not fit. The episode under way can then go on.
        """
        task = check_options(options).get("task")
        if isinstance(seed, bool):  # Python, and so Gymnasium, takes them for 0 and 1.
            raise ValueError(f"seed must be None or a whole number of at least 0, got {seed}")
        before = self._np_random, self._np_random_seed
        super().reset(seed=seed)
        try:
            self.family.begin(ALL, [self.np_random], None if task is None else [task])
        except ValueError:
            self._np_random, self._np_random_seed = before
            raise
        self.meta_observation.write_first(ALL)
        self._history.clear()
        self._needs_reset = False
        self._has_task = True
        return self.meta_observation.one(0), {}

    def step(self, action: np.int64 | int) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Takes one step; `info` holds the `trial` it was in and, where known, its `regret`.

        Raises:
            ResetNeeded: If no episode is under way.
            ValueError: If the action is not a whole number or is out of range.
        """
        if self._needs_reset:
            raise gym.error.ResetNeeded("no episode is under way: call reset() before step()")
        last = self.family.num_actions - 1
        try:
            index = -1 if isinstance(action, bool) else operator.index(action)
        except TypeError:
            index = -1
        if not 0 <= index <= last:
            raise ValueError(f"action must be a whole number in 0..{last}, got {shown(action)}")
        self._actions[0] = index
        rewards, regret, trial, terminated = self.family.step(self._actions)
        self.meta_observation.write(self._actions, rewards, self.family.steps)
        reward, over = rewards.item(), terminated.item()
        self._needs_reset = over
        if self.render_mode is not None:
            self._history.append((index, reward))
        info: dict[str, Any] = {"trial": trial.item()}
        if self.family.has_regret:
            info["regret"] = regret.item()
        return self.meta_observation.one(0), reward, over, False, info

    def render(self) -> Any:
        """The episode so far, as text or as an image."""
        if self.render_mode is None:
            gym.logger.warn("render() needs a render_mode: pass one to gym.make()")
            return None
        return render_episode(self.family, 0, self.render_mode, self._history)


def check_render_mode(family: TaskFamily, render_mode: Any) -> None:
    """Raises a ValueError if a family cannot be drawn in a mode; None is always right."""
    if render_mode is None:
        return
    if not family.render_modes:
        raise ValueError(
            f"render_mode must be None, as {type(family).__name__} draws nothing for people, "
            f"got {shown(render_mode)}"
        )
    check_choice("render_mode", render_mode, family.render_modes)
    drawn = family.episode_length * family.num_actions
    if render_mode == "rgb_array" and drawn > MOST_DRAWN:
        raise ValueError(
            f"render_mode must be None or 'ansi' where an episode's steps times its actions are "
            f"more than {MOST_DRAWN}, got 'rgb_array' for {drawn}"
        )


def render_episode(
    family: TaskFamily, env: int, render_mode: str, history: Sequence[tuple[int, float]]
) -> str | NDArray[np.uint8]:
    """Draws one episode of a batch in the given mode."""
    if render_mode == "ansi":
        return family.render_ansi(env, history)
    return family.render_rgb(env, history)
