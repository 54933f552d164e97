"""Several episodes of one task as a single one, for vector environments."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from meta_envs.core.autoreset import find_autoreset_mode
from meta_envs.core.checks import check_count, shown
from meta_envs.wrappers.episode_length import find_vector_length
from meta_envs.wrappers.meta_episode import KEEP_TASK, check_foreign, how_it_ended

Step = tuple[Any, NDArray[Any], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]


# Not generic in the lowest Gymnasium allowed.
class MetaEpisode(gym.vector.VectorWrapper):
    """Makes `num_episodes` episodes of one task a single episode, in every sub-environment.

    See `meta_envs.wrappers.MetaEpisode`: around a vector environment this returns, bit for bit,
    what a `SyncVectorEnv` of the same autoreset mode over environments in that wrapper returns.

    The vector environment must leave resets to this wrapper, by autoreset mode DISABLED. This one
    offers SAME_STEP and DISABLED. NEXT_STEP it cannot: there, what is reset is not stepped, and a
    vector environment steps all or none. `SyncVectorEnv` over the scalar wrapper has it.

    Args:
        env: The vector environment.
        num_episodes: Inner episodes of one task.
        autoreset_mode: SAME_STEP or DISABLED.

    Raises:
        ValueError: If an argument cannot be used.
    """

    def __init__(
        self,
        env: gym.vector.VectorEnv[Any, Any, Any],
        num_episodes: int = 2,
        autoreset_mode: AutoresetMode | str = AutoresetMode.SAME_STEP,
    ) -> None:
        super().__init__(env)
        check_foreign(env)
        self.num_episodes = check_count("num_episodes", num_episodes, minimum=1)
        inner = find_autoreset_mode(env)
        if inner != AutoresetMode.DISABLED:
            raise ValueError(
                f"env must have autoreset mode DISABLED, as this wrapper resets it, got {inner}"
            )
        offered = AutoresetMode.SAME_STEP, AutoresetMode.DISABLED
        if autoreset_mode not in [*offered, *(mode.value for mode in offered)]:
            raise ValueError(
                f"autoreset_mode must be SAME_STEP or DISABLED, got {shown(autoreset_mode)}: "
                "SyncVectorEnv over meta_envs.wrappers.MetaEpisode has NEXT_STEP"
            )
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self.metadata = env.metadata | {"autoreset_mode": self.autoreset_mode}
        length = find_vector_length(env)
        self.episode_length = None if length is None else length * self.num_episodes
        self._kept = KEEP_TASK if _keeps_task(env) else {}
        self._options: list[dict[str, Any]] = [{} for _ in range(env.num_envs)]
        self._trials = np.full(env.num_envs, self.num_episodes)

    def reset(
        self, *, seed: Any = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Starts a new task in every sub-environment, or where the reset mask is true."""
        given = dict(options or {})
        # Gymnasium's own takes the mask out of the options that it is given.
        result = self.env.reset(seed=seed, options=None if options is None else dict(options))
        mask = given.pop("reset_mask", np.ones(self.num_envs, np.bool_))
        for env in np.flatnonzero(mask).tolist():
            self._options[env] = given
        self._trials[mask] = 0
        return result

    def step(self, actions: Any) -> Step:
        """Takes one step, and starts the next trial or task where one ended.

        Raises:
            ResetNeeded: If a sub-environment has no episode under way.
        """
        if (self._trials == self.num_episodes).any():
            raise gym.error.ResetNeeded("an episode is not under way: call reset() before step()")
        observations, rewards, terminated, truncated, infos = self.env.step(actions)
        over = terminated | truncated
        never = np.zeros(self.num_envs, np.bool_)
        if not over.any():
            everywhere = ~never
            told = {"trial": self._trials.copy(), "trial_over": over}
            infos = infos | told | {"_trial": everywhere, "_trial_over": everywhere.copy()}
            return observations, rewards, never, never.copy(), infos
        each = [_of_one(infos, env) for env in range(self.num_envs)]
        for env, info in enumerate(each):
            info |= {"trial": int(self._trials[env]), "trial_over": bool(over[env])}
            if over[env]:
                info["trial_end"] = how_it_ended(terminated[env])
        self._trials[over] += 1
        last = self._trials == self.num_episodes
        observations = self._next_trials(observations, over & ~last, each)
        if self.autoreset_mode == AutoresetMode.SAME_STEP and last.any():
            observations = self._next_tasks(observations, last, each)
        gathered: dict[str, Any] = {}
        for env, info in enumerate(each):
            gathered = self._add_info(gathered, info, env)
        return observations, rewards, last, never, gathered

    def _next_trials(
        self, observations: Any, where: NDArray[np.bool_], each: list[dict[str, Any]]
    ) -> Any:
        """Starts the next trial of the same task where the mask says; notes it in the infos."""
        ended = _observations_of(self, observations, where)
        # In one call all that were reset with the same options.
        different = {id(self._options[env]): self._options[env] for env in ended}
        for options in different.values():
            group = where & np.array([other is options for other in self._options])
            observations, started = self.env.reset(
                options=options | self._kept | {"reset_mask": group.copy()}
            )
            for env in np.flatnonzero(group).tolist():
                told = {n: each[env][n] for n in ("trial", "trial_over", "trial_end")}
                told["trial_final_obs"] = ended[env]
                each[env] |= _of_one(started, env) | told
        return observations

    def _next_tasks(
        self, observations: Any, where: NDArray[np.bool_], each: list[dict[str, Any]]
    ) -> Any:
        """Starts a new task where the mask says; the infos are those of its reset."""
        ended = _observations_of(self, observations, where)
        observations, started = self.reset(options={"reset_mask": where.copy()})
        for env, observation in ended.items():
            final = {"final_obs": observation, "final_info": each[env]}
            each[env] = final | _of_one(started, env)
        return observations


def _keeps_task(env: gym.vector.VectorEnv[Any, Any, Any]) -> bool:
    """Whether every sub-environment takes `options={"keep_task": True}`."""
    inner: Any = env.unwrapped
    if hasattr(inner, "call"):
        return all(inner.call("has_wrapper_attr", "keeps_task"))
    return hasattr(inner, "keeps_task")


def _observations_of(
    env: gym.vector.VectorEnv[Any, Any, Any], observations: Any, where: NDArray[np.bool_]
) -> dict[int, Any]:
    """The observations of some sub-environments, by index."""
    each = list(gym.vector.utils.iterate(env.observation_space, observations))
    # Copies: a vector environment may write the next observations into the same arrays.
    return {index: copy.deepcopy(each[index]) for index in np.flatnonzero(where).tolist()}


def _of_one(infos: Mapping[str, Any], env: int) -> dict[str, Any]:
    """The info of one sub-environment."""
    info: dict[str, Any] = {}
    for name, value in infos.items():
        mask = infos.get(f"_{name}")
        if mask is None or not mask[env]:
            continue
        one = _of_one(value, env) if isinstance(value, Mapping) else value[env]
        info[name] = bool(one) if isinstance(one, np.bool_) else one
    return info
