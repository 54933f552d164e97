"""Environments that stand for anybody's, to be wrapped."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from meta_envs.wrappers import MetaEpisode, MetaObservation, TaskDistribution

MODES = tuple(AutoresetMode)


class Anything(gym.Env):
    """Random observations, rewards and ends, of any spaces."""

    metadata = {"render_modes": []}  # noqa: RUF012

    def __init__(self, observation_space: spaces.Space, action_space: spaces.Space) -> None:
        self.observation_space, self.action_space = observation_space, action_space

    def _observe(self) -> Any:
        self.observation_space.seed(int(self.np_random.integers(2**31)))
        return self.observation_space.sample()

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self._observe(), {}

    def step(self, action):
        assert action in self.action_space
        reward = float(self.np_random.normal())
        over = self.np_random.random(2) < 0.15
        return self._observe(), reward, bool(over[0]), bool(over[1]), {"half": reward / 2}


class Bare(gym.Wrapper):
    """An environment of ours without its meta-observation: only what the task itself shows."""

    def __init__(self, env: gym.Env) -> None:
        super().__init__(env)
        seen, layout = env.observation_space, env.unwrapped.meta_observation.layout
        self.part: Any = "image"
        if isinstance(seen, spaces.Box):
            self.part = layout.get("observation", slice(0, 0))
            self.observation_space = spaces.Box(seen.low[self.part], seen.high[self.part])
        else:
            self.observation_space = seen["image"]

    def reset(self, **kwargs):
        observation, info = self.env.reset(**kwargs)
        return observation[self.part], info

    def step(self, action):
        observation, *rest = self.env.step(action)
        return observation[self.part], *rest


def sync(make: Any, num_envs: int, mode: AutoresetMode) -> SyncVectorEnv:
    """Gymnasium's vector environment over copies of what `make` makes."""
    return SyncVectorEnv([make] * num_envs, autoreset_mode=mode)


def play_vector(env: gym.vector.VectorEnv, seed: int, steps: int) -> list[Any]:
    """All that a vector environment returns for random actions that follow from the seed.

    With autoreset mode DISABLED, what is over is reset by a mask, and sometimes something else.
    """
    env.action_space.seed(seed)
    generator = np.random.default_rng(seed)
    results: list[Any] = [env.reset(seed=seed)]
    for _ in range(steps):
        results.append(env.step(env.action_space.sample()))
        mask = results[-1][2] | results[-1][3]
        if env.autoreset_mode == AutoresetMode.DISABLED:
            mask |= generator.random(env.num_envs) < 0.05
            if mask.any():
                results.append(env.reset(options={"reset_mask": mask}))
    return results


def check_quietly(env: gym.Env, recwarn: Any) -> None:
    """Gymnasium's checker, without a warning but that the environment is a wrapper's."""
    from gymnasium.utils.env_checker import check_env

    check_env(env, skip_render_check=env.render_mode is None)
    told = [str(warning.message) for warning in recwarn]
    assert [text for text in told if "different from the unwrapped version" not in text] == []


class Chain(gym.Env):
    """Walk right to the end of a chain. It shows the place and a number drawn at the start.

    Every step costs as the task says, and every reset and step draws, so that noise is noticed.
    """

    metadata = {"render_modes": []}  # noqa: RUF012

    def __init__(self, size: int = 3, cost: float = 0.25) -> None:
        self.size, self.cost = size, cost
        self.observation_space = spaces.Box(0, 1, (2,))
        self.action_space = spaces.Discrete(2)

    def set_task(self, task):
        self.size, self.cost = task["size"], task["cost"]

    def _observe(self):
        return np.float32([self.place / self.size, self.np_random.random()])

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        if options and "task" in options:
            self.set_task(options["task"])
        self.place = 0
        return self._observe(), {"place": 0}

    def step(self, action):
        self.place += int(action)
        over = self.place == self.size
        return self._observe(), 1.0 - self.cost if over else -self.cost, over, False, {"cost": 1}


def set_chain(env, task):
    """A function that applies a task to a `Chain`."""
    env.unwrapped.set_task(task)


def draw_chain(generator):
    """A function that draws a task of a `Chain`, of NumPy's numbers."""
    return {"size": generator.integers(2, 5), "cost": np.float32(generator.uniform(0, 0.5))}


class Guess(gym.Env):
    """One step: 1 for the action that the task says, else 0. Nothing is seen."""

    metadata = {"render_modes": []}  # noqa: RUF012

    def __init__(self) -> None:
        self.observation_space, self.action_space = spaces.Box(0, 1, (1,)), spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.zeros(1, np.float32), {}

    def set_task(self, task):
        self.good = task["good"]

    def step(self, action):
        return np.zeros(1, np.float32), float(action == self.good), True, False, {}


PARTS = ["action", "reward", "done", "timestep"]
HERE = __name__
gym.register("Chain-v0", f"{__name__}:Chain", max_episode_steps=4)
gym.register(
    "MetaChain-v0",
    f"{HERE}:Chain",
    max_episode_steps=4,
    additional_wrappers=(
        TaskDistribution.wrapper_spec(
            tasks={"cost": [0.0, 0.5], "size": [2.0, 2.0]}, apply=f"{HERE}:set_chain"
        ),
        MetaEpisode.wrapper_spec(num_episodes=2),
        MetaObservation.wrapper_spec(inputs=PARTS),
    ),
)
gym.register(
    "MetaGuess-v0",
    f"{HERE}:Guess",
    additional_wrappers=(
        TaskDistribution.wrapper_spec(tasks=[{"good": 0}, {"good": 1}], apply="set_task"),
        MetaEpisode.wrapper_spec(num_episodes=5),
        MetaObservation.wrapper_spec(inputs=PARTS, episode_length=5),
    ),
)
