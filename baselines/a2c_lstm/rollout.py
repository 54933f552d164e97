"""Collecting experience: every environment stepped in one batch, all buffers kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from numpy.typing import NDArray

from baselines.common.environments import check_observations, is_ours, step_info
from baselines.common.errors import check_finite
from baselines.networks.actions import Actions
from baselines.networks.backends import Backend
from baselines.networks.cells import Array
from baselines.networks.observation_encoder import Encoded, ObservationEncoder
from meta_envs.core import MetaVectorEnv
from meta_envs.core.autoreset import find_autoreset_mode
from meta_envs.core.seeding import pack_generator, restore_generator

RECENT_EPISODES = 1_000
"""Finished episodes that `mean_return` and `mean_regret` are averaged over."""


@dataclass
class Rollout:
    """What a rollout leaves to learn from; arrays of shape (num_steps, num_envs) unless said.

    Attributes:
        heads: Logits or means and, last, the value, shape (num_steps, num_envs, num_actions + 1).
        log_std: Logs of the standard deviations about means, shape (num_actions,); empty where
            actions are discrete.
        last_values: Of what comes after the last step, shape (num_envs,).
        actions: What the agent did, counted from 0; or what it drew from its Gaussian, shape
            (num_steps, num_envs, num_actions).
        rewards: What that brought.
        regrets: What it cost; zeros where the environment does not report it.
        bootstraps: At a truncation, the discounted value of what would have come.
        dones: Where the step ended its episode.
        valid: Where the step was taken at all: false where an environment of autoreset mode
            NEXT_STEP ignored the action.
    """

    heads: Array
    log_std: Array
    last_values: Array
    actions: NDArray[Any]
    rewards: Array
    regrets: NDArray[np.float64]
    bootstraps: Array
    dones: NDArray[np.bool_]
    valid: NDArray[np.bool_]

    @classmethod
    def empty(cls, heads: Array, actions: Actions) -> Rollout:
        """Buffers for the rollouts whose heads stand in an array."""
        shape = heads.shape[:2]
        return cls(
            heads=heads,
            log_std=np.zeros(0, np.float32),
            last_values=np.zeros(shape[1], np.float32),
            actions=actions.empty(*shape),
            rewards=np.zeros(shape, np.float32),
            regrets=np.zeros(shape),
            bootstraps=np.zeros(shape, np.float32),
            dones=np.zeros(shape, np.bool_),
            valid=np.ones(shape, np.bool_),
        )

    @property
    def values(self) -> Array:
        """Expected before each step and after the last, shape (num_steps + 1, num_envs)."""
        return np.concatenate([self.heads[:, :, -1], self.last_values[None]])


@dataclass
class EpisodeSums:
    """Returns or regrets: of the episodes under way, and of the latest that ended.

    Attributes:
        so_far: Of each episode under way, shape (num_envs,).
        finished: Of the latest 1,000 that ended.
    """

    so_far: NDArray[np.float64]
    finished: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    def add(self, amounts: NDArray[Any], dones: NDArray[np.bool_]) -> None:
        """Takes in a rollout's steps, both arrays of shape (num_steps, num_envs)."""
        first = 0
        for t in np.flatnonzero(dones.any(axis=1)).tolist():
            self.so_far += amounts[first : t + 1].sum(axis=0, dtype=np.float64)
            ended = [self.finished, self.so_far[dones[t]]]
            self.finished = np.concatenate(ended)[-RECENT_EPISODES:]
            self.so_far[dones[t]] = 0.0
            first = t + 1
        self.so_far += amounts[first:].sum(axis=0, dtype=np.float64)


class Collector:
    """Plays the current policy in a vector environment, rollout after rollout.

    Args:
        env: The environment.
        encoder: Of the environment's observations.
        actions: What the agent does in it.
        backend: Runs the network that chooses the actions.
        generator: Actions are sampled with it.
        memory: Whether the network's state lives from step to step.
    """

    def __init__(
        self,
        env: VectorEnv[Any, Any, Any],
        encoder: ObservationEncoder,
        actions: Actions,
        backend: Backend,
        generator: np.random.Generator,
        memory: bool = True,
    ) -> None:
        self.env, self.encoder, self.foreign = env, encoder, not is_ours(env)
        self.next_step_autoreset = find_autoreset_mode(env) == AutoresetMode.NEXT_STEP
        bare = type(env) is MetaVectorEnv and not self.next_step_autoreset
        self.bare: MetaVectorEnv | None = env if bare else None  # type: ignore[assignment]
        self.backend, self.generator = backend, generator
        self.actions, self.memory = actions, memory
        self.rollout = Rollout.empty(backend.heads, actions)
        self.noise = np.empty((*backend.heads.shape[:2], actions.num_heads), np.float32)
        self.returns = EpisodeSums(np.zeros(env.num_envs))
        self.regrets = EpisodeSums(np.zeros(env.num_envs))
        self.reports_regret = self.bare is not None and self.bare.family.has_regret

    def reset(self, seed: int) -> None:
        """Starts new episodes everywhere, with seeds `seed`, `seed + 1`, ..."""
        num_envs = self.env.num_envs
        observation, _ = self.env.reset(seed=seed)
        if self.foreign:
            check_observations(observation)
        self.observation = self.encoder.encode(observation, num_envs)
        self.starts = np.ones(num_envs, np.bool_)
        self.resetting = np.zeros(num_envs, np.bool_)
        self.returns.so_far[:] = self.regrets.so_far[:] = 0.0

    def collect(self, discount: float) -> Rollout:
        """Plays one rollout. The buffers are reused: learn from it before the next.

        Args:
            discount: Weighs the value of what would have followed a truncation.
        """
        rollout, backend = self.rollout, self.backend
        backend.begin()
        rollout.log_std = backend.network.log_stds()
        # All of the rollout's randomness comes from one call.
        noise = self.actions.noise(self.generator, rollout.log_std, self.noise)
        rollout.bootstraps.fill(0.0)
        for t, action in enumerate(rollout.actions):
            if self.next_step_autoreset:
                np.logical_not(self.resetting, out=rollout.valid[t])
            backend.step(t, self.observation, self._forgets(self.starts), noise[t], action)
            if self.bare is not None:
                self._play_bare(self.bare, t, action)
            else:
                self._play(t, self.actions.for_env(action), discount)
        over = rollout.dones[-1].all()
        rollout.last_values[:] = (
            0 if over else backend.values(self.observation, self._forgets(self.starts))
        )
        check_finite("a reward of the environment", rollout.rewards)
        self.returns.add(rollout.rewards, rollout.dones)
        self.regrets.add(rollout.regrets, rollout.dones)
        return rollout

    def _forgets(self, starts: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Where the cell starts anew: without memory, every step is as an episode's first."""
        return starts if self.memory else np.ones_like(starts)

    def _play_bare(self, env: MetaVectorEnv, t: int, action: NDArray[np.int64]) -> None:
        """As `_play`, in one of our environments without a wrapper, in mode SAME_STEP.

        It goes without checks, copies and the info: about 0.6 of the time.
        """
        rollout = self.rollout
        rollout.rewards[t], regret, _, terminated = env.play_step(action)
        rollout.dones[t] = terminated
        if self.reports_regret:
            rollout.regrets[t] = regret
        over = terminated.nonzero()[0]
        if len(over):
            env.restart(over)
        seen = env.meta_observation
        if seen.images is None:
            self.observation = seen.array
        else:
            self.observation = self.encoder.encode(seen.all(), env.num_envs)
        self.starts = rollout.dones[t]

    def _play(self, t: int, action: NDArray[Any], discount: float) -> None:
        """Takes step t in the environments and notes what it brings."""
        rollout = self.rollout
        observation, reward, terminated, truncated, infos = self.env.step(action)
        if self.foreign:
            check_observations(observation)
        done = np.logical_or(terminated, truncated, out=rollout.dones[t])
        rollout.rewards[t] = reward
        regret = step_info(infos, "regret")
        # Where all sub-environments only start anew, none is reported.
        rollout.regrets[t] = 0.0 if regret is None else regret
        self.reports_regret |= regret is not None
        self.observation = self.encoder.encode(observation, self.env.num_envs)
        if np.count_nonzero(truncated):
            value = self.backend.values(self._final(infos), self._forgets(np.zeros_like(truncated)))
            rollout.bootstraps[t] = discount * value * (truncated & ~terminated)
        if self.next_step_autoreset:
            # The observation after a done step is the last one; the step after brings the first.
            self.starts, self.resetting = self.resetting, done.copy()
        else:
            self.starts = done

    def _final(self, infos: dict[str, Any]) -> Encoded:
        """The observations, with the last one of each episode that a SAME_STEP reset replaced."""
        if self.next_step_autoreset:
            return self.observation
        over = np.flatnonzero(infos["_final_obs"]).tolist()
        return self.encoder.with_rows(
            self.observation, {env: infos["final_obs"][env] for env in over}
        )

    def state(self) -> dict[str, NDArray[Any]]:
        """All that the rollouts to come depend on besides the network, as arrays by name.

        Of an environment that cannot give its state out, only what does not depend on it.
        """
        sums = {"returns": self.returns, "regrets": self.regrets}
        state: dict[str, NDArray[Any]] = {f"{n}.finished": of.finished for n, of in sums.items()}
        state["generator"] = pack_generator(self.generator)
        state["reports_regret"] = np.array(self.reports_regret)
        env = self.env.unwrapped
        if isinstance(env, MetaVectorEnv):
            state |= {f"env.{name}": array for name, array in env.state().items()}
            state |= {f"{name}.so_far": of.so_far for name, of in sums.items()}
            state |= {f"cell.{i}": part for i, part in enumerate(self.backend.state)}
            state["starts"], state["resetting"] = self.starts, self.resetting
        return {name: array.copy() for name, array in state.items()}

    def restore(self, state: dict[str, NDArray[Any]], seed: int) -> None:
        """Goes on from where `state` was called.

        New episodes start where the environment cannot take its state back: because it is none
        of ours, or not the one that the state is of, or an older version wrote the state.

        Args:
            state: What `state` gave out; empty if it is not known.
            seed: For new episodes.
        """
        self.reset(seed)
        sums = {"returns": self.returns, "regrets": self.regrets}
        if "generator" in state:
            restore_generator(self.generator, state["generator"])
            self.reports_regret = bool(state["reports_regret"].all())
            for name, of in sums.items():
                of.finished = state[f"{name}.finished"]
        env = self.env.unwrapped
        if not isinstance(env, MetaVectorEnv) or "cell.0" not in state:
            return
        try:
            observation = env.restore(
                {n.removeprefix("env."): a for n, a in state.items() if n.startswith("env.")}
            )
        except ValueError:
            return
        self.observation = self.encoder.encode(observation, env.num_envs)
        for name, of in sums.items():
            of.so_far[:] = state[f"{name}.so_far"]
        parts = len(self.backend.state)
        self.backend.state = tuple(state[f"cell.{i}"] for i in range(parts))
        self.starts, self.resetting = state["starts"], state["resetting"]

    def means(self) -> dict[str, float]:
        """Mean return, and regret where it is reported, of the latest episodes that ended."""
        sums = {"mean_return": self.returns}
        if self.reports_regret:
            sums["mean_regret"] = self.regrets
        return {name: float(of.finished.mean()) for name, of in sums.items() if len(of.finished)}
