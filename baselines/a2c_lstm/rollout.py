"""Collecting experience: every environment stepped in one batch, all buffers kept."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from numpy.typing import NDArray
from torch import Tensor

from baselines.a2c_lstm.network import RecurrentActorCritic, State
from baselines.environments import flatten, step_info
from baselines.learning import RECENT_EPISODES


@dataclass
class Rollout:
    """What a rollout leaves to learn from; arrays of shape (num_steps, num_envs, ...).

    Attributes:
        observations: What the agent saw.
        starts: Where that was an episode's first observation.
        actions: What it did.
        rewards: What that brought; at a truncation, with the discounted value of what would
            have come.
        values: What it had expected, with one more row for what comes after the last step.
        dones: Where the step ended its episode.
        valid: Where the step was taken at all: false where an environment of autoreset mode
            NEXT_STEP ignored the action.
        state: The LSTM's state before the first step.
    """

    observations: Tensor
    starts: Tensor
    actions: Tensor
    rewards: NDArray[np.float32]
    values: NDArray[np.float32]
    dones: NDArray[np.bool_]
    valid: NDArray[np.bool_]
    state: State


class Collector:
    """Plays the current policy in a vector environment, rollout after rollout.

    Args:
        env: With discrete actions.
        network: Chooses the actions.
        num_steps: Steps of a rollout.
        generator: Actions are sampled with it.
    """

    def __init__(
        self,
        env: VectorEnv[Any, Any, Any],
        network: RecurrentActorCritic,
        num_steps: int,
        generator: torch.Generator,
    ) -> None:
        self.env, self.network, self.generator = env, network, generator
        self.next_step_autoreset = env.metadata["autoreset_mode"] == AutoresetMode.NEXT_STEP
        self.first_action = int(env.single_action_space.start)  # type: ignore[attr-defined]
        self.space = env.single_observation_space
        shape, size = (num_steps, env.num_envs), spaces.flatdim(self.space)
        self.rollout = Rollout(
            observations=torch.zeros(*shape, size),
            starts=torch.zeros(shape, dtype=torch.bool),
            actions=torch.zeros(shape, dtype=torch.int64),
            rewards=np.zeros(shape, np.float32),
            values=np.zeros((num_steps + 1, env.num_envs), np.float32),
            dones=np.zeros(shape, np.bool_),
            valid=np.ones(shape, np.bool_),
            state=network.initial_state(env.num_envs),
        )
        self.noise = torch.empty(*shape, network.num_actions)
        self.returns: deque[float] = deque(maxlen=RECENT_EPISODES)
        self.regrets: deque[float] = deque(maxlen=RECENT_EPISODES)

    @torch.no_grad()
    def reset(self, seed: int) -> None:
        """Starts new episodes everywhere, with seeds `seed`, `seed + 1`, ..."""
        num_envs = self.env.num_envs
        observation, _ = self.env.reset(seed=seed)
        self.observation = self._tensor(observation)
        self.state = self.network.initial_state(num_envs)
        self.starts = np.ones(num_envs, np.bool_)
        self.resetting = np.zeros(num_envs, np.bool_)
        self.return_so_far, self.regret_so_far = np.zeros(num_envs), np.zeros(num_envs)

    @torch.no_grad()
    def collect(self, discount: float) -> Rollout:
        """Plays one rollout. The buffers are reused: learn from it before the next.

        Args:
            discount: Weighs the value of what would have followed a truncation.
        """
        rollout, num_steps = self.rollout, len(self.rollout.rewards)
        step = self.network.stepper(self.env.num_envs)
        # The largest of logits + Gumbel noise is a sample from their softmax: all of the
        # rollout's randomness comes from one call.
        noise = self.noise.exponential_(generator=self.generator).log_().neg_()
        rollout.state = (self.state[0].clone(), self.state[1].clone())
        for t in range(num_steps):
            self._before(t)
            heads, self.state = step(self.observation, self.state)
            action = (heads[:, :-1] + noise[t]).argmax(dim=1)
            rollout.values[t] = heads[:, -1].numpy()
            rollout.actions[t] = action
            self._play(t, action.numpy() + self.first_action, discount, step)
        state = self.state
        if self.starts.any():
            state = self.network.restart(state, torch.from_numpy(self.starts))
        rollout.values[-1] = step(self.observation, state)[0][:, -1].numpy()
        return rollout

    def _before(self, t: int) -> None:
        """Notes what step t starts from."""
        starts = torch.from_numpy(self.starts)
        self.rollout.observations[t] = self.observation
        self.rollout.starts[t] = starts
        np.logical_not(self.resetting, out=self.rollout.valid[t])
        if self.starts.any():
            self.state = self.network.restart(self.state, starts)

    def _play(self, t: int, action: NDArray[np.int64], discount: float, step: Any) -> None:
        """Takes step t in the environments and notes what it brings."""
        rollout = self.rollout
        observation, reward, terminated, truncated, infos = self.env.step(action)
        observation = self._tensor(observation)
        done = terminated | truncated
        self._count(reward, done, infos)
        rollout.rewards[t], rollout.dones[t] = reward, done
        if truncated.any():
            final = observation if self.next_step_autoreset else self._final(observation, infos)
            value = step(final, self.state)[0][:, -1].numpy()
            rollout.rewards[t] += discount * value * (truncated & ~terminated)
        self.observation = observation
        if self.next_step_autoreset:
            # The observation after a done step is the last one; the step after brings the first.
            self.starts, self.resetting = self.resetting, done
        else:
            self.starts = done

    def _count(
        self, reward: NDArray[np.float64], done: NDArray[np.bool_], infos: dict[str, Any]
    ) -> None:
        """Keeps each episode's return and regret, and files those of finished ones."""
        self.return_so_far += reward
        regret = step_info(infos, "regret")
        if regret is not None:
            self.regret_so_far += regret
        if done.any():
            self.returns.extend(self.return_so_far[done].tolist())
            self.return_so_far[done] = 0.0
            if regret is not None:
                self.regrets.extend(self.regret_so_far[done].tolist())
                self.regret_so_far[done] = 0.0

    def _tensor(self, observation: Any) -> Tensor:
        return torch.from_numpy(flatten(self.space, observation, self.env.num_envs))

    def _final(self, observation: Tensor, infos: dict[str, Any]) -> Tensor:
        """The observations, with the last one of each episode that a SAME_STEP reset replaced."""
        final = observation.clone()
        for env in np.flatnonzero(infos["_final_obs"]).tolist():
            last = spaces.flatten(self.space, infos["final_obs"][env])
            final[env] = torch.as_tensor(last, dtype=torch.float32)
        return final
