"""What agents that plan in random MDPs share: what they count, believe and remember."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.classic.parameters import check_range
from meta_envs.core import MetaObservationWriter, MetaVectorEnv
from meta_envs.core.observation import Observation
from meta_envs.policies import Memory, StatePolicy
from meta_envs.tasks.mdps.tabular_mdp import NOISE_SD, REWARD_MEAN, TabularMDP


class Experience(NamedTuple):
    """What has been seen of a batch of tasks.

    Attributes:
        transitions: How often each transition was seen, shape (batch, states, actions, states).
        visits: How often each action was taken in each state, shape (batch, states, actions). The
            last step of a trial is counted here, but where it would have led is not seen.
        rewards: The sum of the rewards it brought, same shape.
    """

    transitions: NDArray[np.float64]
    visits: NDArray[np.float64]
    rewards: NDArray[np.float64]


class Model(NamedTuple):
    """Markov decision processes.

    Attributes:
        transitions: Probabilities, shape (batch, states, actions, states).
        rewards: Mean rewards for any number of steps to go, shape (batch, 1, states, actions).
    """

    transitions: NDArray[np.float64]
    rewards: NDArray[np.float64]


class Belief:
    """Dirichlet beliefs about transitions and normal ones about mean rewards.

    Args:
        mean: Prior mean of the mean rewards. That of the tasks is 1.
        weight: What the prior counts: a visit of each action in each state that brought `mean`,
            and an arrival in each state, so many times. 1 is the true prior, and with a number
            near 0 only what has been seen counts.
    """

    def __init__(self, mean: float = REWARD_MEAN, weight: float = 1.0) -> None:
        self.mean = check_range("prior_mean", mean, -np.inf, np.inf)
        self.weight = check_range("prior_weight", weight, 1e-6, np.inf)

    def expected(self, experience: Experience) -> Model:
        """The mean of the posterior."""
        transitions = experience.transitions + self.weight
        transitions /= transitions.sum(axis=-1, keepdims=True)
        return Model(transitions, self._reward_means(experience)[:, None])

    def sample(self, experience: Experience, rng: np.random.Generator) -> Model:
        """A draw from the posterior for each task of the batch."""
        transitions = rng.standard_gamma(experience.transitions + self.weight)
        transitions /= transitions.sum(axis=-1, keepdims=True)
        means = self._reward_means(experience)
        spread = NOISE_SD / np.sqrt(self.weight + experience.visits)
        return Model(transitions, (means + spread * rng.standard_normal(means.shape))[:, None])

    def _reward_means(self, experience: Experience) -> NDArray[np.float64]:
        known = self.weight + experience.visits
        return (self.weight * self.mean + experience.rewards) / known


class PlanningPolicy(StatePolicy):
    """Plans at the start of each trial and keeps to the plan until its end.

    Memory: shape (num_envs, size); the state, the steps taken in this trial, then laid end to end
    the parts of an `Experience` and the plan: an action for each number of steps to go and state.

    Args:
        family: The tasks to play; only what all of them share is read from it.
        meta_observation: Of the environment to act in.
    """

    def __init__(self, family: TabularMDP, meta_observation: MetaObservationWriter) -> None:
        super().__init__(meta_observation)
        self.num_states, self.horizon = family.num_states, family.horizon
        pairs = (self.num_states, self.num_actions)
        self.shapes = ((*pairs, self.num_states), pairs, pairs, (self.horizon, self.num_states))
        self.ends = 2 + np.cumsum([math.prod(shape) for shape in self.shapes])

    @abstractmethod
    def plan(self, experience: Experience) -> NDArray[np.float64]:
        """What each action seems worth, shape (batch, horizon, states, actions).

        Entry h of the second axis is with h + 1 steps to go.
        """

    def initial_memory(self, num_envs: int) -> Memory:
        return np.zeros((num_envs, self.ends[-1]))

    def begin(self, memory: Memory, observation: Observation) -> None:
        super().begin(memory, observation)
        self._plan(memory, np.arange(len(memory)))

    def update(
        self,
        memory: Memory,
        states: NDArray[np.intp],
        actions: NDArray[np.intp],
        rewards: NDArray[np.float64],
        next_states: NDArray[np.intp],
    ) -> None:
        transitions, visits, sums, _ = self._parts(memory)
        rows = np.arange(len(memory))
        visits[rows, states, actions] += 1
        sums[rows, states, actions] += rewards
        memory[:, 1] += 1
        over = memory[:, 1] == self.horizon
        transitions[rows, states, actions, next_states] += ~over
        memory[over, 1] = 0
        if over.any():
            self._plan(memory, np.flatnonzero(over))

    def act(self, memory: Memory) -> NDArray[np.intp]:
        to_go = self.horizon - 1 - memory[:, 1].astype(np.intp)
        plan = self._parts(memory)[-1]
        return plan[np.arange(len(memory)), to_go, memory[:, 0].astype(np.intp)].astype(np.intp)

    def _plan(self, memory: Memory, rows: NDArray[np.intp]) -> None:
        *experience, plan = self._parts(memory)
        values = self.plan(Experience(*(part[rows] for part in experience)))
        # An entry of the plan is used once at most, so ties can be broken here.
        best = self.best(values.reshape(-1, self.num_actions))
        plan[rows] = best.reshape(len(rows), *plan.shape[1:])

    def _parts(self, memory: Memory) -> list[NDArray[np.float64]]:
        """Views of the experience's parts and the plan."""
        parts = np.split(memory, [2, *self.ends[:-1]], axis=1)[1:]
        return [part.reshape(-1, *shape) for part, shape in zip(parts, self.shapes, strict=True)]


def mdp_of(env: MetaVectorEnv) -> TabularMDP:
    """The random MDPs of an environment that the registry has found to be one of them."""
    assert isinstance(env.family, TabularMDP)
    return env.family
