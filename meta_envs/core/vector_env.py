"""The native vector environment: a batch of episodes stepped in a few NumPy operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from meta_envs.core.autoreset import (
    check_autoreset_mode,
    final_info,
    kept,
    partial_info,
    step_info,
)
from meta_envs.core.checks import check_actions, check_mask, check_options, given_tasks, shown
from meta_envs.core.env import RENDER_MODES, check_render_mode, render_episode
from meta_envs.core.family import StepResult, Task, TaskFamily, arguments_of, load_family
from meta_envs.core.observation import DEFAULT_INPUTS, MetaObservationWriter
from meta_envs.core.seeding import Generators
from meta_envs.core.state import State, read_state


class MetaVectorEnv(gym.vector.VectorEnv[Any, NDArray[np.int64], Any]):
    """`num_envs` episodes side by side, each on tasks of its own.

    Agrees bit for bit with Gymnasium's `SyncVectorEnv` of the same `autoreset_mode` over scalar
    environments: sub-environment i draws from its own generator, seeded `seed + i`. What becomes
    of an episode that a step has ended:

    - "SameStep": A new one starts in the same step. The last observation and info of the old one
      stand in `info["final_obs"]` and `info["final_info"]`.
    - "NextStep": The next step starts a new one and returns its first observation with reward 0;
      the action there is ignored, and the info says nothing of it.
    - "Disabled": It must be reset, by `reset(options={"reset_mask": terminated})`, before `step`.

    Args:
        family: The task family, a class or `"package.module:ClassName"`.
        num_envs: Number of sub-environments.
        render_mode: None, or one of the family's `render_modes`: "ansi" or "rgb_array".
        inputs: What the agent sees besides the task's own observation: any of "action",
            "reward", "done" and "timestep".
        autoreset_mode: A `gymnasium.vector.AutoresetMode` or its value, see above.
        **family_kwargs: The family's own arguments.

    Attributes:
        autoreset_mode: The mode, also under that name in `metadata`.

    Raises:
        ValueError: If an argument is out of its range.
    """

    metadata = {  # noqa: RUF012
        "autoreset_mode": AutoresetMode.SAME_STEP,
        "render_modes": list(RENDER_MODES),
        "render_fps": 10,
    }

    def __init__(
        self,
        family: str | type[TaskFamily],
        num_envs: int = 1,
        render_mode: str | None = None,
        inputs: Sequence[str] = DEFAULT_INPUTS,
        autoreset_mode: AutoresetMode | str = AutoresetMode.SAME_STEP,
        **family_kwargs: Any,
    ) -> None:
        self.autoreset_mode = check_autoreset_mode(autoreset_mode)
        family = load_family(family)
        self.family = family(num_envs=num_envs, **family_kwargs)
        self.metadata = type(self).metadata | {
            "autoreset_mode": self.autoreset_mode,
            "render_modes": list(self.family.render_modes),
        }
        check_render_mode(self.family, render_mode)
        self.meta_observation = MetaObservationWriter(self.family, inputs)
        self.num_envs = self.family.num_envs
        self.single_observation_space = self.meta_observation.space
        self.single_action_space = spaces.Discrete(self.family.num_actions)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self.render_mode = render_mode
        made_with = arguments_of(family, family_kwargs) | {
            "inputs": list(self.meta_observation.inputs)
        }
        if self.autoreset_mode is not AutoresetMode.SAME_STEP:  # Which older states do not note.
            made_with["autoreset_mode"] = self.autoreset_mode.value
        self._made_with = {"family": family.__name__} | made_with
        self._all = np.arange(self.num_envs)
        self._generators = Generators(self.num_envs)
        self._started = np.zeros(self.num_envs, np.bool_)
        self._needs_reset = True
        # Where an episode has ended and no new one started; None where nowhere, as in SAME_STEP.
        self._ended: NDArray[np.bool_] | None = None
        self._histories: list[list[tuple[int, float]]] = [[] for _ in range(self.num_envs)]

    @property  # type: ignore[misc]
    def np_random(self) -> tuple[np.random.Generator, ...]:  # type: ignore[override]
        """The generator of each sub-environment."""
        self._generators = self._generators.seeded(None, self._all)
        return tuple(self._generators.all)

    @property
    def np_random_seed(self) -> tuple[int, ...]:  # type: ignore[override]
        """The seed that each sub-environment's generator started from."""
        self._generators = self._generators.seeded(None, self._all)
        return tuple(self._generators.seeds)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The task of each sub-environment. For oracles and analyses; no agent may see it."""
        if self._needs_reset:
            raise gym.error.ResetNeeded("there are no tasks yet: call reset() first")
        return tuple(self.family.task(env) for env in range(self.num_envs))

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Starts an episode in every sub-environment.

        Args:
            seed: One seed a sub-environment, or an int s for s, s + 1, s + 2, ...
            options: `{"task": task}` plays that task in every sub-environment, and
                `{"tasks": tasks}` one of `num_envs` tasks in each; `{"reset_mask": mask}` resets
                only where the boolean mask of shape (num_envs,) is true.

        Raises:
            ValueError: If the seed, the mask or the task does not fit. Then nothing has changed
                and the episodes under way can go on.
        """
        given = check_options(options)
        mask = given.get("reset_mask")
        envs = self._all if mask is None else np.flatnonzero(check_mask(mask, self.num_envs))
        generators = self._generators.seeded(seed, envs)
        self.family.begin(envs, generators.all, given_tasks(given, envs, self.num_envs))
        self._generators = generators
        self._started[envs] = True
        self._needs_reset = not self._started.all()
        self._start(envs)
        return self.meta_observation.all(), {}

    def _start(self, envs: NDArray[np.intp]) -> None:
        self.meta_observation.write_first(envs)
        if self._ended is not None:
            self._ended[envs] = False
            self._ended = self._ended if self._ended.any() else None
        if self.render_mode is not None:
            for env in envs.tolist():
                self._histories[env].clear()

    def step(
        self, actions: NDArray[np.int64]
    ) -> tuple[
        Any,
        NDArray[np.float64],
        NDArray[np.bool_],
        NDArray[np.bool_],
        dict[str, Any],
    ]:
        """Takes one step in every sub-environment.

        Args:
            actions: Shape (num_envs,), integers.

        Returns:
            Observations, rewards, terminations, truncations (always false) and the info:
            `trial` and, where known, `regret`. In mode SAME_STEP these stand there where the
            episode goes on, and where it ended under `final_info`, beside `final_obs`.

        Raises:
            ResetNeeded: If a sub-environment has never been reset or, in mode DISABLED, not since
                its episode ended.
            ValueError: If the actions have another shape or type, or one is out of range.
        """
        if self._needs_reset:
            raise gym.error.ResetNeeded("call reset() before step()")
        if self._ended is not None:
            rewards, terminated, infos = self._step_after_an_end(actions, self._ended)
        else:
            actions = check_actions(actions, self.num_envs, self.family.num_actions)
            rewards, regret, trial, terminated = self.play_step(actions)
            over = terminated.nonzero()[0]
            if not len(over):
                infos = step_info(self.family, regret, trial, ~terminated)
            elif self.autoreset_mode is AutoresetMode.SAME_STEP:
                infos = final_info(self.meta_observation, regret, trial, terminated)
                infos |= partial_info(self.family, regret, trial, ~terminated)
                self.restart(over)
            else:
                self._ended = terminated.copy()
                everywhere = np.ones(self.num_envs, np.bool_)
                infos = step_info(self.family, regret, trial, everywhere)
        truncated = np.zeros(self.num_envs, np.bool_)
        return self.meta_observation.all(), rewards, terminated, truncated, infos

    def _step_after_an_end(
        self, actions: NDArray[np.int64], ended: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_], dict[str, Any]]:
        """Starts new episodes where some have `ended`, and takes a step elsewhere."""
        envs = ended.nonzero()[0]
        if self.autoreset_mode is AutoresetMode.DISABLED:
            raise gym.error.ResetNeeded(
                f"the episodes of sub-environments {shown(envs.tolist())} have ended: call "
                "reset(options={'reset_mask': terminated}) before step()"
            )
        actions = check_actions(actions, self.num_envs, self.family.num_actions, ignored=ended)
        self.family.begin(envs, self._generators.all)
        if len(envs) == self.num_envs:
            self._start(envs)
            return np.zeros(self.num_envs), np.zeros(self.num_envs, np.bool_), {}
        with kept(self.family, envs):
            rewards, regret, trial, terminated = self.play_step(actions)
        rewards[envs], terminated[envs] = 0.0, False
        infos = partial_info(self.family, regret, trial, ~ended)
        self._start(envs)
        self._ended = terminated.copy() if terminated.any() else None
        return rewards, terminated, infos

    def play_step(self, actions: NDArray[np.int64]) -> StepResult:
        """Takes one step as `step` does, but checks nothing and starts no episode anew.

        For training loops that are in a hurry: what agents see now stands in `meta_observation`,
        and episodes that this step ended must be started anew by `restart` before the next.

        Args:
            actions: Valid actions, shape (num_envs,).

        Returns:
            Rewards, regret, trial and termination, each of shape (num_envs,).
        """
        result = self.family.step(actions)
        rewards = result[0]
        self.meta_observation.write(actions, rewards, self.family.steps)
        if self.render_mode is not None:
            for history, pair in zip(
                self._histories, zip(actions.tolist(), rewards.tolist(), strict=True), strict=True
            ):
                history.append(pair)
        return result

    def restart(self, envs: NDArray[np.intp]) -> None:
        """Starts new episodes in some sub-environments, each from its own generator."""
        self.family.begin(envs, self._generators.all)
        self._start(envs)

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything that the steps and episodes to come depend on, as arrays by name.

        What `render` draws is not among it.

        Raises:
            ResetNeeded: If a sub-environment has never been reset.
        """
        if self._needs_reset:
            raise gym.error.ResetNeeded("there is no state yet: call reset() first")
        ended = self._ended
        if ended is None and self.autoreset_mode is not AutoresetMode.SAME_STEP:
            ended = np.zeros(self.num_envs, np.bool_)
        return State(
            self._made_with,
            self.family.state(),
            self._generators.pack(),
            self.meta_observation.array.copy(),
            None if ended is None else ended.copy(),
        ).arrays()

    def restore(self, state: Mapping[str, NDArray[Any]]) -> Any:
        """Goes on from where `state` was called, on an environment made with the same arguments.

        Returns:
            The observations of the moment, as the last `step` or `reset` gave them.

        Raises:
            ValueError: If the state is of another environment or of other arguments; then nothing
                has changed.
        """
        has_ended = self.autoreset_mode is not AutoresetMode.SAME_STEP
        shape = self.meta_observation.array.shape
        given = read_state(state, self._made_with, shape, has_ended)
        self.family.restore(given.family)
        self._generators.restore(given.generators)
        self.meta_observation.restore(given.observation)
        self._ended = given.ended if given.ended is not None and given.ended.any() else None
        self._started[:] = True
        self._needs_reset = False
        for history in self._histories:
            history.clear()
        return self.meta_observation.all()

    def render(self) -> tuple[Any, ...] | None:
        """Every sub-environment's episode so far, as text or as images."""
        if self.render_mode is None:
            return None
        return tuple(
            render_episode(self.family, env, self.render_mode, history)
            for env, history in enumerate(self._histories)
        )
