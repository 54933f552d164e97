"""Stable-Baselines3's `VecEnv` over a Gymnasium vector environment."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from baselines.common.environments import check_observations, is_ours, step_info
from baselines.common.errors import InputError, check_finite
from baselines.common.extras import require
from meta_envs.core import MetaVectorEnv
from meta_envs.core.autoreset import find_autoreset_mode

require("stable_baselines3")

from stable_baselines3.common.env_util import is_wrapped  # noqa: E402
from stable_baselines3.common.monitor import Monitor  # noqa: E402
from stable_baselines3.common.vec_env import VecEnv  # noqa: E402
from stable_baselines3.common.vec_env.base_vec_env import (  # noqa: E402
    VecEnvIndices,
    VecEnvObs,
    VecEnvStepReturn,
)

AnyVectorEnv = gym.vector.VectorEnv[Any, Any, Any]


class GymnasiumVecEnv(VecEnv):
    """A Gymnasium `VectorEnv` where Stable-Baselines3 wants a `VecEnv`.

        from stable_baselines3 import PPO

        env = GymnasiumVecEnv(gym.make_vec("MetaBandit-v0", num_envs=64))
        PPO("MlpPolicy", env, n_steps=100, batch_size=3_200).learn(1_000_000)

    The step of a batched environment stays one call: an info dict is filled only for a
    sub-environment whose episode has just ended. There it holds `terminal_observation`,
    `TimeLimit.truncated` and, as from Stable-Baselines3's `Monitor`, `episode`: return "r",
    length "l", seconds since the environment was made "t" and, where the environment reports
    it, the regret summed over the episode, "regret".

    Args:
        env: The environment, with autoreset mode `SAME_STEP`. A native one has no
            sub-environment objects: what `get_attr` finds on it stands for all of them.

    Raises:
        InputError: If the autoreset mode is another one.
    """

    def __init__(self, env: AnyVectorEnv) -> None:
        mode = find_autoreset_mode(env)
        if mode != AutoresetMode.SAME_STEP:
            raise InputError(
                "`env` must have autoreset_mode=AutoresetMode.SAME_STEP, as those of meta_envs "
                "have unless told otherwise, and Gymnasium's with gym.make_vec(..., vector_kwargs="
                f"{{'autoreset_mode': AutoresetMode.SAME_STEP}}), got {mode}"
            )
        self.env, self._foreign = env, not is_ours(env)
        self._start_time = time.perf_counter()
        self._actions: NDArray[Any] = np.zeros(0)
        self._returns = np.zeros(env.num_envs)
        self._regrets = np.zeros(env.num_envs)
        self._lengths = np.zeros(env.num_envs, np.int64)
        super().__init__(env.num_envs, env.single_observation_space, env.single_action_space)

    def reset(self) -> VecEnvObs:
        """Starts an episode in every sub-environment, from the seeds given to `seed`, if any."""
        options = self._options[0]
        if any(other != options for other in self._options):
            raise ValueError("options must be the same for every sub-environment")
        # Vector environments take a list of seeds, which Gymnasium's type leaves out.
        seeds: Any = None if all(seed is None for seed in self._seeds) else self._seeds
        observation, _ = self.env.reset(seed=seeds, options=options or None)
        if self._foreign:
            check_observations(observation)
        self._reset_seeds()
        self._reset_options()
        for total in (self._returns, self._regrets, self._lengths):
            total[:] = 0
        return observation

    def step_async(self, actions: NDArray[Any]) -> None:
        self._actions = actions

    def step_wait(self) -> VecEnvStepReturn:
        observation, rewards, terminated, truncated, vector_info = self.env.step(self._actions)
        check_finite("a reward of the environment", rewards)
        if self._foreign:
            check_observations(observation)
        self._returns += rewards
        self._lengths += 1
        regret = step_info(vector_info, "regret")
        if regret is not None:
            self._regrets += regret
        dones = terminated | truncated
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        if dones.any():
            final_obs = vector_info["final_obs"]
            self._finish(dones, truncated & ~terminated, final_obs, regret is not None, infos)
        return observation, np.array(rewards, np.float32), dones, infos

    def _finish(
        self,
        dones: NDArray[np.bool_],
        cut: NDArray[np.bool_],
        final_obs: NDArray[Any],
        has_regret: bool,
        infos: list[dict[str, Any]],
    ) -> None:
        """Fills the infos of the episodes that have just ended and clears their sums."""
        seconds = round(time.perf_counter() - self._start_time, 6)
        for i in np.flatnonzero(dones).tolist():
            episode = {"r": self._returns[i].item(), "l": self._lengths[i].item(), "t": seconds}
            if has_regret:
                episode["regret"] = self._regrets[i].item()
            infos[i] = {
                "terminal_observation": final_obs[i],
                "TimeLimit.truncated": bool(cut[i]),
                "episode": episode,
            }
        for total in (self._returns, self._regrets, self._lengths):
            total[dones] = 0

    def state(self) -> dict[str, NDArray[Any]] | None:
        """All that the steps to come depend on, as arrays by name.

        None where the environment cannot give its state out, because it is none of ours.
        """
        inner = self.env.unwrapped
        if not isinstance(inner, MetaVectorEnv):
            return None
        sums = {"returns": self._returns, "regrets": self._regrets, "lengths": self._lengths}
        env = {f"env.{name}": array for name, array in inner.state().items()}
        return env | {name: array.copy() for name, array in sums.items()}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> VecEnvObs:
        """Goes on from where `state` was called; returns the observations of the moment.

        Raises:
            ValueError: If the state does not fit the environment; then nothing has changed.
        """
        inner = self.env.unwrapped
        if not isinstance(inner, MetaVectorEnv):
            raise ValueError("the environment cannot take a state back: it is not of meta_envs")
        env = {n.removeprefix("env."): a for n, a in state.items() if n.startswith("env.")}
        # A wrapper that changes what is seen comes first.
        owner: Any = self.env if hasattr(self.env, "restore") else inner
        observation: VecEnvObs = owner.restore(env)
        self._returns, self._regrets = state["returns"].copy(), state["regrets"].copy()
        self._lengths = state["lengths"].copy()
        return observation

    def close(self) -> None:
        self.env.close()

    def get_images(self) -> Sequence[NDArray[np.uint8] | None]:
        """One image a sub-environment, each of shape (height, width, 3)."""
        images: Any = self.env.render() or ()
        return list(images)

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """The attribute of each sub-environment; of the batch itself where there is no such."""
        chosen = list(self._get_indices(indices))
        if hasattr(self.env.unwrapped, "get_attr"):
            values = self.env.unwrapped.get_attr(attr_name)
            return [values[i] for i in chosen]
        # A wrapper comes first: it may stand for an attribute of what it wraps.
        owner = self.env if hasattr(self.env, attr_name) else self.env.unwrapped
        return [getattr(owner, attr_name)] * len(chosen)

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Sets the attribute in all sub-environments at once.

        Raises:
            ValueError: If `indices` names only some of them.
        """
        self._check_all(indices)
        if hasattr(self.env.unwrapped, "set_attr"):
            self.env.unwrapped.set_attr(attr_name, value)
        else:
            setattr(self.env.unwrapped, attr_name, value)

    def env_method(
        self, method_name: str, *method_args: Any, indices: VecEnvIndices = None, **kwargs: Any
    ) -> list[Any]:
        """Calls a method of all sub-environments; of the batch, once, where there are none.

        Raises:
            ValueError: If `indices` names only some of them.
        """
        self._check_all(indices)
        if hasattr(self.env.unwrapped, "call"):
            return list(self.env.unwrapped.call(method_name, *method_args, **kwargs))
        return [getattr(self.env.unwrapped, method_name)(*method_args, **kwargs)] * self.num_envs

    def _check_all(self, indices: VecEnvIndices) -> None:
        if sorted(self._get_indices(indices)) != list(range(self.num_envs)):
            raise ValueError(
                f"indices must be None: a batch cannot be changed in part, got {indices}"
            )

    def env_is_wrapped(
        self, wrapper_class: type[gym.Wrapper[Any, Any, Any, Any]], indices: VecEnvIndices = None
    ) -> list[bool]:
        """Whether each sub-environment has the wrapper; `Monitor`'s work is done here."""
        chosen = list(self._get_indices(indices))
        subs = getattr(self.env.unwrapped, "envs", None)
        if issubclass(wrapper_class, Monitor) or subs is None:
            return [issubclass(wrapper_class, Monitor)] * len(chosen)
        return [is_wrapped(subs[i], wrapper_class) for i in chosen]
