"""The base of policies written by hand: what they remember, and how they are called."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.observation import MetaObservationWriter, Observation, count, select

Memory = NDArray[np.float64]
"""What a policy knows of each episode, shape (num_envs, ...)."""
Belief = dict[str, NDArray[np.float64]]
"""What is believed of each episode's task: numbers, shape (num_envs, n), each by a name."""
TIE = 1e-12
"""Scores that differ by no more than this are taken to differ by rounding alone."""


def equally_likely(possible: NDArray[Any]) -> NDArray[np.float64]:
    """Probabilities of what is equally likely, along the last axis: 1 for what may be, else 0."""
    return np.asarray(possible / np.maximum(possible.sum(axis=-1, keepdims=True), 1))


class Policy(ABC):
    """A policy with a memory of its own making, called as Stable-Baselines3 calls a model.

    It sees what a network sees, the meta-observation alone, and carries its memory from call
    to call in `state`. A subclass says what the memory is at an episode's start
    (`initial_memory`, `begin`), how an observation changes it (`learn`), and what to do (`act`).

    Args:
        meta_observation: Of the environment to act in; tells where the last action and reward
            stand.

    Raises:
        ValueError: If the observation lacks the last action or the last reward.
    """

    def __init__(self, meta_observation: MetaObservationWriter) -> None:
        missing = {"action", "reward"} - set(meta_observation.inputs)
        if missing:
            raise ValueError(
                f"{type(self).__name__} needs the last {' and '.join(sorted(missing))} in the "
                "observation: make the environment with inputs=('action', 'reward', 'timestep')"
            )
        self.meta_observation = meta_observation
        self.num_actions = meta_observation.num_actions
        self.rng = np.random.default_rng()

    def set_random_seed(self, seed: int | None = None) -> None:
        """Seeds the generator that breaks ties and samples."""
        self.rng = np.random.default_rng(seed)

    @abstractmethod
    def initial_memory(self, num_envs: int) -> Memory:
        """The memory at the start of an episode, shape (num_envs, ...)."""

    def begin(self, memory: Memory, observation: Observation) -> None:  # noqa: B027
        """Takes each episode's first observation into `memory`, in place; nothing by default."""

    @abstractmethod
    def learn(self, memory: Memory, observation: Observation) -> None:
        """Takes the observation after a step of each episode into `memory`, in place."""

    @abstractmethod
    def act(self, memory: Memory) -> NDArray[np.intp]:
        """Chooses an action for each episode, shape (num_envs,)."""

    def predict(
        self,
        observation: Observation,
        state: tuple[Any, ...] | None = None,
        episode_start: NDArray[np.bool_] | None = None,
        deterministic: bool = False,
    ) -> tuple[NDArray[np.intp], tuple[Any, ...]]:
        """Chooses actions for a batch of episodes.

        Args:
            observation: Meta-observations, a batch of `num_envs`.
            state: What the last call returned, or None at the first.
            episode_start: Where an episode has just started, shape (num_envs,); the memory
                there starts anew.
            deterministic: Ignored: these policies have no separate deterministic form.

        Returns:
            Actions, shape (num_envs,), and the state for the next call.
        """
        memory = self.remember(observation, state, episode_start)
        return self.act(memory), (memory,)

    def remember(
        self,
        observation: Observation,
        state: tuple[Any, ...] | None = None,
        episode_start: NDArray[np.bool_] | None = None,
    ) -> Memory:
        """The memory after a batch of observations, as a new array; see `predict`.

        Whoever has acted: a policy can watch another one's episodes.
        """
        num_envs = count(observation)
        fresh = np.zeros(num_envs, np.bool_) if state is not None else np.ones(num_envs, np.bool_)
        if episode_start is not None:
            fresh = fresh | np.asarray(episode_start, np.bool_)
        if not fresh.any() and state is not None:
            memory = state[0].copy()
            self.learn(memory, observation)
            return memory
        started = self.initial_memory(int(fresh.sum()))
        self.begin(started, select(observation, fresh))
        if fresh.all():
            return started
        assert state is not None  # Else all would be fresh.
        memory, going_on = state[0].copy(), state[0][~fresh]
        self.learn(going_on, select(observation, ~fresh))
        memory[fresh], memory[~fresh] = started, going_on
        return memory

    def belief(self, memory: Memory) -> Belief:
        """What the memory says of the task; empty where a policy believes nothing that has a name.

        The first entry is what an optimum acts by, of which all others follow.
        """
        return {}

    def optimality_gaps(self, memory: Memory, actions: NDArray[np.intp]) -> NDArray[np.float64]:
        """What actions are worth less than the best one: V*(belief) - Q*(belief, action).

        The values are those of the Bayes-optimal policy. Summed over an episode the mean is
        what the actions' return lacks of the optimal one, without the luck of tasks and rewards.

        Args:
            memory: Before the actions.
            actions: Of any agent, shape (num_envs,).

        Returns:
            Shape (num_envs,), none below 0.

        Raises:
            ValueError: If the policy is not proved best, or the values are not known.
        """
        raise ValueError(f"no optimality gap is known by {type(self).__module__}")

    def best(self, scores: NDArray[np.float64]) -> NDArray[np.intp]:
        """The action with the highest score in each row, ties broken at random."""
        ties = scores >= scores.max(axis=1, keepdims=True) - TIE
        return np.where(ties, self.rng.random(scores.shape), -1.0).argmax(axis=1)

    @staticmethod
    def behind(scores: NDArray[np.float64], actions: NDArray[np.intp]) -> NDArray[np.float64]:
        """How far each row's action is behind the highest score; 0 for all that `best` may take."""
        lost = scores.max(axis=1) - scores[np.arange(len(scores)), actions]
        return np.where(lost <= TIE, 0.0, lost)
