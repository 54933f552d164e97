"""The meta-observation around anybody's vector environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from meta_envs.core import DEFAULT_INPUTS, MetaVectorEnv
from meta_envs.core.autoreset import find_autoreset_mode
from meta_envs.core.observation import check_inputs
from meta_envs.wrappers.episode_length import find_vector_length
from meta_envs.wrappers.meta_observation import NO_TRIALS
from meta_envs.wrappers.parts import MetaParts, check_length

Step = tuple[Any, NDArray[Any], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]


# Not generic in the lowest Gymnasium allowed.
class MetaObservation(gym.vector.VectorWrapper):
    """Adds the last action, last reward, done and timestep to the observations.

    See `meta_envs.wrappers.MetaObservation`: around a vector environment this shows, bit for bit,
    what a `SyncVectorEnv` over environments in that wrapper shows, in any autoreset mode.

    Args:
        env: The vector environment; `metadata["autoreset_mode"]` must tell its autoreset mode.
        inputs: The parts to add, any of "action", "reward", "done" and "timestep".
        episode_length: The most steps of an episode; see there.

    Raises:
        ValueError: As there, or if the autoreset mode is not told.
    """

    def __init__(
        self,
        env: gym.vector.VectorEnv[Any, Any, Any],
        inputs: Sequence[str] = DEFAULT_INPUTS,
        episode_length: int | None = None,
    ) -> None:
        super().__init__(env)
        mode = find_autoreset_mode(env)
        if mode is None:
            raise ValueError(
                "env.metadata['autoreset_mode'] must be an AutoresetMode, got "
                f"{env.metadata.get('autoreset_mode')}"
            )
        self.autoreset_mode = mode
        self.metadata = env.metadata | {"autoreset_mode": self.autoreset_mode}
        known = None if episode_length is not None else find_vector_length(env)
        length = check_length(episode_length, known, check_inputs(inputs))
        self.parts = MetaParts(
            env.single_observation_space, env.single_action_space, inputs, length, env.num_envs
        )
        self.single_observation_space = self.parts.space
        self.observation_space = batch_space(self.parts.space, env.num_envs)
        self._over = np.zeros(env.num_envs, np.bool_)

    def reset(
        self, *, seed: Any = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Starts an episode in every sub-environment, or where `options["reset_mask"]` is true."""
        # Gymnasium's own takes the mask out of the options that it is given.
        given = None if options is None else dict(options)
        observations, infos = self.env.reset(seed=seed, options=given)
        mask = (options or {}).get("reset_mask")
        started = slice(None) if mask is None else mask
        self.parts.clear(started)
        self._over[started] = False
        return self.parts.all(observations), infos

    def step(self, actions: Any) -> Step:
        """Takes one step; actions and what they have brought are in the observations."""
        observations, rewards, terminated, truncated, infos = self.env.step(actions)
        # With NEXT_STEP, what is over is reset by the next step, whatever the action.
        resetting = self._over & (self.autoreset_mode == AutoresetMode.NEXT_STEP)
        done = self._trial_over(infos, resetting) if "done" in self.parts.inputs else False
        self.parts.write(actions, rewards, done)
        self.parts.clear(resetting)
        self._over = terminated | truncated
        if self.autoreset_mode == AutoresetMode.SAME_STEP and self._over.any():
            final = np.full(self.num_envs, None, dtype=object)
            for env in np.flatnonzero(self._over).tolist():
                final[env] = self.parts.one(infos["final_obs"][env], env)
            infos = infos | {"final_obs": final}
            self.parts.clear(self._over)
        return self.parts.all(observations), rewards, terminated, truncated, infos

    def _trial_over(
        self, infos: Mapping[str, Any], resetting: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Where the step that brought `infos` ended a trial."""
        inner = self.unwrapped
        if isinstance(inner, MetaVectorEnv):
            return inner.family.trial_over
        over, told = np.zeros(self.num_envs, np.bool_), resetting.copy()
        for source in (infos, infos.get("final_info", {})):
            if "trial_over" in source:
                where = source.get("_trial_over", np.ones(self.num_envs, np.bool_))
                over |= where & np.asarray(source["trial_over"], np.bool_)
                told |= where
        if not told.all():
            raise ValueError(NO_TRIALS)
        return over
