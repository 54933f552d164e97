"""Several episodes of one task as a single one: the trials of RL²."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
from gymnasium.utils import RecordConstructorArgs

from meta_envs.core import MetaEnv, MetaVectorEnv
from meta_envs.core.checks import check_count
from meta_envs.wrappers.episode_length import find_episode_length

KEEP_TASK = {"keep_task": True}
"""What a reset is told that must not draw a new task."""


class MetaEpisode(gym.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """Makes `num_episodes` episodes of one task a single episode (Duan et al. 2016, section 2.2).

    The inner episodes are the trials of the new one, and an agent that remembers can explore in
    the first what it exploits in the next. Where a trial ends that is not the last, the inner
    environment is reset on the same task; the observation is then already that of the next
    trial. The end of the last trial is the end of the task, `terminated=True`: nothing follows
    whose value could be bootstrapped. So is an inner truncation never passed on.

    The task stays the same if the inner environment is a `TaskDistribution`, or its `reset` draws
    none by itself. One with an attribute `keeps_task` is told `options={"keep_task": True}`.
    Inner resets have no seed: all noise follows from that of the episode's.

    The info of a step has:

    - `trial`: the trial the step was in, counted from 0,
    - `trial_over`: whether it was the trial's last step,
    - `trial_end`: where it was, how it ended, "terminated" or "truncated",
    - `trial_final_obs`: where another trial follows, the last observation of the one that ended.
      The inner reset's info is then among the step's.

    `MetaObservation(MetaEpisode(env), ["action", "reward", "done", "timestep"])` shows an agent
    the boundary.

    Args:
        env: The environment, not one of `meta_envs`, whose episodes already are whole tasks.
        num_episodes: Inner episodes of one task.

    Attributes:
        episode_length: The most steps of an episode, None where the inner ones have no limit.

    Raises:
        ValueError: If `num_episodes` is no whole number of at least 1, or the environment is of
            `meta_envs`.
    """

    def __init__(self, env: gym.Env[Any, Any], num_episodes: int = 2) -> None:
        self.num_episodes = check_count("num_episodes", num_episodes, minimum=1)
        RecordConstructorArgs.__init__(self, num_episodes=self.num_episodes)
        gym.Wrapper.__init__(self, env)
        check_foreign(env)
        length = find_episode_length(env)
        self.episode_length = None if length is None else length * self.num_episodes
        self._kept = KEEP_TASK if env.has_wrapper_attr("keeps_task") else {}
        self._options: dict[str, Any] = {}
        self._trial = self.num_episodes

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Starts the first trial of a new task."""
        result = self.env.reset(seed=seed, options=options)
        self._options = dict(options or {})
        self._trial = 0
        return result

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Takes one step, and starts the next trial where this one ended.

        Raises:
            ResetNeeded: If no episode is under way.
        """
        if self._trial == self.num_episodes:
            raise gym.error.ResetNeeded("no episode is under way: call reset() before step()")
        observation, reward, terminated, truncated, info = self.env.step(action)
        over = bool(terminated or truncated)
        told: dict[str, Any] = {"trial": self._trial, "trial_over": over}
        if over:
            told["trial_end"] = how_it_ended(terminated)
            self._trial += 1
            if self._trial < self.num_episodes:
                told["trial_final_obs"] = observation
                options = self._options | self._kept
                observation, started = self.env.reset(options=options or None)
                info = info | started
        last = self._trial == self.num_episodes
        return observation, reward, last, False, info | told


def how_it_ended(terminated: Any) -> str:
    """The word for the end of a trial."""
    return "terminated" if terminated else "truncated"


def check_foreign(env: Any) -> None:
    """Raises a ValueError if an environment is of `meta_envs`."""
    if isinstance(env.unwrapped, MetaEnv | MetaVectorEnv):
        raise ValueError(
            "env must not be of meta_envs, where an episode is already a whole task with trials, "
            f"got {env}: give it more of them by num_trials or num_steps"
        )
