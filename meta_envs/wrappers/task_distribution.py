"""A distribution of tasks out of somebody's environment that has parameters."""

from __future__ import annotations

import copy
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.utils import RecordConstructorArgs

from meta_envs.core.checks import check_options, shown
from meta_envs.wrappers.tasks import Sampler, Task, Tasks, check_task_dict, load_function

WAYS = ("make", "set_task", "options")
"""How a task can reach an environment, beside a function."""


class TaskDistribution(gym.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """Draws a new task at every reset: one environment becomes a distribution of tasks.

    A task is a dict that JSON can hold. `env.unwrapped.task` is the current one's, for oracles
    and analyses; no observation and no info tells it. It is set on the base environment, unless
    that has an attribute `task` of its own; `env.get_wrapper_attr("task")` always finds it.

    `reset(seed=s)` fixes the task and then the noise: the environment is reset with `s` as
    without this wrapper, and tasks come from a stream of their own that follows from `s`. (Drawn
    from the environment's generator, a task would be a function of the very numbers that the
    noise is made of.) `reset(options={"task": task})` plays the given task with the noise it
    would have had anyhow, and `reset(options={"keep_task": True})` the current one again.

    As a registered id, with all of it in JSON::

        def set_cartpole(env, task):
            cartpole = env.unwrapped
            cartpole.gravity, cartpole.length = task["gravity"], task["length"]
            cartpole.polemass_length = cartpole.masspole * cartpole.length

        gym.register(
            "MetaCartPole-v0",
            "gymnasium.envs.classic_control.cartpole:CartPoleEnv",
            max_episode_steps=200,
            additional_wrappers=(
                TaskDistribution.wrapper_spec(
                    tasks={"gravity": [5.0, 15.0], "length": [0.3, 1.0]},
                    apply="my_module:set_cartpole",
                ),
                MetaEpisode.wrapper_spec(num_episodes=2),
                MetaObservation.wrapper_spec(inputs=["action", "reward", "done", "timestep"]),
            ),
        )

    There is no vector twin: `gym.make_vec(id, num_envs=8, vectorization_mode="sync")` gives
    every sub-environment tasks of its own, and `envs.get_attr("task")` tells them.

    Args:
        env: The environment.
        tasks: A list of tasks, each as likely; or ranges, `{"gravity": [5.0, 15.0]}`, each number
            uniform in its own; or a function of a NumPy generator that returns a task, or its
            name as "module:function".
        apply: How a task reaches the environment: "make", as keyword arguments of a fresh
            `gym.make`; "set_task", by the environment's method of that name; "options", by
            `reset(options={"task": task})`; or a function of the environment and the task that
            changes the environment, or its name as "module:function".
        split: "train" or "test" to draw only tasks of one side; None draws all. No task is of
            both: a list is split into two, and drawn tasks by a hash of their JSON, so that both
            sides cover the same ranges. The same in every process.
        test_share: Of the tasks that are for the test.

    Raises:
        ValueError: If an argument cannot be used.
    """

    keeps_task = True
    """Says to `MetaEpisode` that a reset can keep the task."""

    def __init__(
        self,
        env: gym.Env[Any, Any],
        tasks: Sequence[Mapping[str, Any]] | Mapping[str, Sequence[float]] | Sampler | str,
        apply: str | Callable[[gym.Env[Any, Any], Task], Any],
        split: str | None = None,
        test_share: float = 0.2,
    ) -> None:
        RecordConstructorArgs.__init__(
            self, tasks=tasks, apply=apply, split=split, test_share=test_share
        )
        gym.Wrapper.__init__(self, env)
        self._tasks = Tasks(tasks, split, test_share)
        self._apply = check_apply(env, apply)
        self._spec_within = copy.deepcopy(env.spec)
        self._generator = np.random.default_rng()
        self._task: Task | None = None
        self._owns_attribute = False

    @property
    def task(self) -> Task:
        """The current task. For oracles and analyses; no agent may see it."""
        if self._task is None:
            raise gym.error.ResetNeeded("there is no task yet: call reset() first")
        return copy.deepcopy(self._task)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Draws a task and starts an episode of it; see the class for `options`.

        Raises:
            ValueError: If a task is given that cannot be one.
        """
        given = dict(check_options(options))
        keep, wanted = given.pop("keep_task", False), given.pop("task", None)
        task = None if wanted is None else check_task_dict(wanted, self._tasks.names)
        if seed is not None:
            sequence = np.random.SeedSequence(seed, spawn_key=(zlib.crc32(b"task"),))
            self._generator = np.random.default_rng(sequence)
        if not (keep and self._task is not None):
            # Drawn also where one is given: what comes after is then the same.
            drawn = self._tasks.draw(self._generator)
            seed = self._change(drawn if task is None else task, seed)
        if self._apply == "options":
            given["task"] = self.task
        return self.env.reset(seed=seed, options=given or None)

    def _change(self, task: Task, seed: int | None) -> int | None:
        """Gives the environment its task; returns the seed to reset it with."""
        if self._apply == "make":
            seed = self._make(task, seed)
        elif self._apply == "set_task":
            self.env.get_wrapper_attr("set_task")(copy.deepcopy(task))
        elif callable(self._apply):
            self._apply(self.env, copy.deepcopy(task))
        self._task = task
        base: Any = self.env.unwrapped
        # Not hasattr, which would run a property: it may not work before the first reset.
        if self._owns_attribute or not (hasattr(type(base), "task") or "task" in vars(base)):
            base.task = self.task
            self._owns_attribute = True
        return seed

    def _make(self, task: Task, seed: int | None) -> int:
        """Makes the environment anew, which needs a seed of its own."""
        assert self._spec_within is not None
        fresh = gym.make(copy.deepcopy(self._spec_within), **copy.deepcopy(task))
        before = self.env.observation_space, self.env.action_space
        if (fresh.observation_space, fresh.action_space) != before:
            fresh.close()
            raise ValueError(f"a task must not change the spaces, got {shown(task)}")
        self.env.close()
        self.env, self._owns_attribute = fresh, False
        return int(self._generator.integers(2**31)) if seed is None else seed


def check_apply(env: gym.Env[Any, Any], apply: Any) -> Any:
    """Returns one of `WAYS`, or a function, or raises a ValueError that says what is wanted."""
    if isinstance(apply, str) and ":" in apply:
        return load_function("apply", apply)
    if not callable(apply) and (not isinstance(apply, str) or apply not in WAYS):
        raise ValueError(
            f"apply must be one of {', '.join(WAYS)}, a function of the environment and the task, "
            f"or its name as 'module:function', got {shown(apply)}"
        )
    if apply == "make" and env.spec is None:
        raise ValueError("apply must not be 'make' where the environment was not made by gym.make")
    if apply == "set_task" and not env.has_wrapper_attr("set_task"):
        raise ValueError(f"apply must not be 'set_task': {env} has no such method")
    return apply
