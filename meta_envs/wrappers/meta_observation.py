"""The meta-observation around anybody's environment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
from gymnasium.utils import RecordConstructorArgs

from meta_envs.core import DEFAULT_INPUTS, MetaEnv
from meta_envs.core.observation import check_inputs
from meta_envs.wrappers.episode_length import find_episode_length
from meta_envs.wrappers.parts import MetaParts, check_length

NO_TRIALS = (
    "inputs must leave out 'done', or the environment must have trials: those of MetaEpisode, of "
    "meta_envs, or its own, told by `trial_over` in the info of every step"
)


class MetaObservation(gym.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """Adds the last action, last reward, done and timestep to the observations.

    The parts stand in this order behind the environment's own observation and are all zero at an
    episode's first step, as in every environment of `meta_envs`:

    - "action": the last action, one-hot where it is Discrete or MultiDiscrete; the numbers
      themselves where it is a Box or MultiBinary.
    - "reward": the last reward.
    - "done": 1 where the last step ended a trial, an inner round of the episode. An environment
      without trials has nothing to show there, and the first step says so.
    - "timestep": the steps taken, divided by `episode_length`; never above 1.

    What the agent sees is one flat Box of float32, in which the environment's own observation
    is flattened as by `gymnasium.spaces.flatten`. Pictures (uint8, three axes) stay what they are:
    then it is a Dict of "image", "last_action", "last_reward", "last_done" and "timestep".
    To a Dict these parts are added, and all else in it stays.

    Around an environment of `meta_envs` it adds the parts to those that are already there.

    Args:
        env: The environment.
        inputs: The parts to add, any of "action", "reward", "done" and "timestep".
        episode_length: The most steps of an episode. Without it a `MetaEpisode` or a time limit
            inside tells, or the environment's spec.

    Raises:
        ValueError: If an argument or a space cannot be used, a part is already there, or the
            episode length is needed and not known.
    """

    def __init__(
        self,
        env: gym.Env[Any, Any],
        inputs: Sequence[str] = DEFAULT_INPUTS,
        episode_length: int | None = None,
    ) -> None:
        names = list(check_inputs(inputs))  # A list, as it comes back from JSON.
        RecordConstructorArgs.__init__(self, inputs=names, episode_length=episode_length)
        gym.Wrapper.__init__(self, env)
        length = check_length(episode_length, find_episode_length(env), names)
        self.parts = MetaParts(env.observation_space, env.action_space, names, length, num_envs=1)
        self.observation_space = self.parts.space

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Starts an episode; all parts are zero."""
        observation, info = self.env.reset(seed=seed, options=options)
        self.parts.clear(0)
        return self.parts.one(observation), info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Takes one step; its action and what it has brought are in the observation."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        done = "done" in self.parts.inputs and self._trial_over(info)
        self.parts.write([action], reward, done)
        return self.parts.one(observation), reward, terminated, truncated, info

    def _trial_over(self, info: dict[str, Any]) -> bool:
        """Whether the step that brought `info` ended a trial."""
        if "trial_over" in info:
            return bool(info["trial_over"])
        inner = self.unwrapped
        if not isinstance(inner, MetaEnv):
            raise ValueError(NO_TRIALS)
        return bool(inner.family.trial_over[0])
