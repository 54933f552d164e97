"""The native vector environment: a batch of episodes stepped in a few NumPy operations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.utils import seeding
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from meta_envs.core.checks import check_actions, check_mask, check_options, shown
from meta_envs.core.env import RENDER_MODES, check_render_mode, render_episode
from meta_envs.core.family import StepResult, Task, TaskFamily, arguments_of, load_family
from meta_envs.core.observation import DEFAULT_INPUTS, MetaObservationWriter
from meta_envs.core.seeding import check_seeds, pack_generator, restore_generator


class MetaVectorEnv(gym.vector.VectorEnv[Any, NDArray[np.int64], Any]):
    """`num_envs` episodes side by side, each on tasks of its own.

    Agrees bit for bit with Gymnasium's `SyncVectorEnv(..., autoreset_mode="SameStep")` over
    scalar environments: sub-environment i draws from its own generator, seeded `seed + i`. A
    finished episode starts anew in the same step, its last observation and info standing in
    `info["final_obs"]` and `info["final_info"]`.

    Args:
        family: The task family, a class or `"package.module:ClassName"`.
        num_envs: Number of sub-environments.
        render_mode: None, or one of the family's `render_modes`: "ansi" or "rgb_array".
        inputs: What the agent sees besides the task's own observation: any of "action",
            "reward", "done" and "timestep".
        **family_kwargs: The family's own arguments.

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
        **family_kwargs: Any,
    ) -> None:
        family = load_family(family)
        self.family = family(num_envs=num_envs, **family_kwargs)
        self.metadata = type(self).metadata | {"render_modes": list(self.family.render_modes)}
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
        self._made_with = {"family": family.__name__} | made_with
        self._all = np.arange(self.num_envs)
        self._generators: list[Any] = [None] * self.num_envs  # Made when first needed.
        self._seeds: list[Any] = [None] * self.num_envs
        self._started = np.zeros(self.num_envs, np.bool_)
        self._needs_reset = True
        self._histories: list[list[tuple[int, float]]] = [[] for _ in range(self.num_envs)]

    @property  # type: ignore[misc]
    def np_random(self) -> tuple[np.random.Generator, ...]:  # type: ignore[override]
        """The generator of each sub-environment."""
        self._generators, self._seeds = self._seeded(None, self._all)
        return tuple(self._generators)

    @property
    def np_random_seed(self) -> tuple[int, ...]:  # type: ignore[override]
        """The seed that each sub-environment's generator started from."""
        self._generators, self._seeds = self._seeded(None, self._all)
        return tuple(self._seeds)

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
        generators, seeds = self._seeded(seed, envs)
        self.family.begin(envs, generators, self._given_tasks(given, envs))
        self._generators, self._seeds = generators, seeds
        self._started[envs] = True
        self._needs_reset = not self._started.all()
        self._start(envs)
        return self.meta_observation.all(), {}

    def _given_tasks(
        self, options: Mapping[str, Any], envs: NDArray[np.intp]
    ) -> list[Mapping[str, Any]] | None:
        """The tasks that a reset's options ask for, one for each of `envs`."""
        if options.get("task") is not None:
            return [options["task"]] * len(envs)
        tasks = options.get("tasks")
        if tasks is None:
            return None
        if not isinstance(tasks, Sequence) or len(tasks) != self.num_envs:
            raise ValueError(
                f"options['tasks'] must list {self.num_envs} tasks, got {shown(tasks)}"
            )
        return [tasks[env] for env in envs.tolist()]

    def _seeded(
        self, seed: int | Sequence[int | None] | None, envs: NDArray[np.intp]
    ) -> tuple[list[Any], list[Any]]:
        """The generators and their seeds, new where `seed` gives one or there is none yet."""
        given = [None] * self.num_envs if seed is None else check_seeds(seed, self.num_envs)
        generators, seeds = list(self._generators), list(self._seeds)
        for env in envs.tolist():
            if given[env] is not None or generators[env] is None:
                generators[env], seeds[env] = seeding.np_random(given[env])
        return generators, seeds

    def _start(self, envs: NDArray[np.intp]) -> None:
        self.meta_observation.write_first(envs)
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
            `trial` and, where known, `regret` where the episode goes on, and where it ended the
            same under `final_info`, beside `final_obs`.

        Raises:
            ResetNeeded: If a sub-environment has never been reset.
            ValueError: If the actions have another shape or type, or one is out of range.
        """
        if self._needs_reset:
            raise gym.error.ResetNeeded("call reset() before step()")
        actions = check_actions(actions, self.num_envs, self.family.num_actions)
        rewards, regret, trial, terminated = self.play_step(actions)
        over = terminated.nonzero()[0]
        if len(over):
            infos = self._conclude(over, terminated, regret, trial)
        else:
            infos = self._step_info(regret, trial, ~terminated, self.num_envs)
        truncated = np.zeros(self.num_envs, np.bool_)
        return self.meta_observation.all(), rewards, terminated, truncated, infos

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
        self.family.begin(envs, self._generators)
        self._start(envs)

    def _conclude(
        self,
        over: NDArray[np.intp],
        terminated: NDArray[np.bool_],
        regret: NDArray[np.float64],
        trial: NDArray[np.int64],
    ) -> dict[str, Any]:
        final_obs = np.full(self.num_envs, None, dtype=object)
        for env in over.tolist():
            final_obs[env] = self.meta_observation.one(env)
        infos = {
            "final_obs": final_obs,
            "_final_obs": terminated.copy(),
            "final_info": self._step_info(regret, trial, terminated.copy(), len(over)),
            "_final_info": terminated.copy(),
        }
        self.restart(over)
        going_on = self.num_envs - len(over)
        if going_on:
            infos |= self._step_info(regret, trial, ~terminated, going_on)
        return infos

    def _step_info(
        self,
        regret: NDArray[np.float64],
        trial: NDArray[np.int64],
        where: NDArray[np.bool_],
        count: int,
    ) -> dict[str, Any]:
        """The info of the `count` episodes that the mask `where` picks out."""
        if count < self.num_envs:
            # As SyncVectorEnv does, each array is zero where its mask is false.
            regret, trial = regret * where, trial * where
        if not self.family.has_regret:
            return {"trial": trial, "_trial": where}
        return {"trial": trial, "_trial": where, "regret": regret, "_regret": where.copy()}

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything that the steps and episodes to come depend on, as arrays by name.

        What `render` draws is not among it.

        Raises:
            ResetNeeded: If a sub-environment has never been reset.
        """
        if self._needs_reset:
            raise gym.error.ResetNeeded("there is no state yet: call reset() first")
        family = {f"family.{name}": array for name, array in self.family.state().items()}
        return family | {
            "generators": np.stack([pack_generator(g) for g in self._generators]),
            "observation": self.meta_observation.array.copy(),
            "made_with": np.frombuffer(json.dumps(self._made_with).encode(), np.uint8).copy(),
        }

    def restore(self, state: Mapping[str, NDArray[Any]]) -> Any:
        """Goes on from where `state` was called, on an environment made with the same arguments.

        Returns:
            The observations of the moment, as the last `step` or `reset` gave them.

        Raises:
            ValueError: If the state is of another environment or of other arguments; then nothing
                has changed.
        """
        family = {n.removeprefix("family."): a for n, a in state.items() if n.startswith("family.")}
        try:
            observation, packed = state["observation"], state["generators"]
            made_with = json.loads(state["made_with"].tobytes())
        except (KeyError, ValueError):
            raise ValueError("the state does not fit this environment") from None
        if made_with != self._made_with:
            raise ValueError(
                f"the state does not fit this environment: it is of one made with {made_with}, "
                f"not with {self._made_with}"
            )
        if observation.shape != self.meta_observation.array.shape or len(packed) != self.num_envs:
            raise ValueError(f"the state does not fit these {self.num_envs} sub-environments")
        self.family.restore(family)
        self._generators = [np.random.default_rng() for _ in packed]
        for generator, words in zip(self._generators, packed, strict=True):
            restore_generator(generator, words)
        self._seeds = [-1] * self.num_envs  # Gymnasium's word for "not known".
        self.meta_observation.restore(observation)
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
