"""UCRL2: optimism over all MDPs that the data do not rule out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.classic.parameters import check_range
from baselines.classic.planning_policy import Belief, Experience, PlanningPolicy, mdp_of
from baselines.common.agent import Agent
from meta_envs.core import MetaObservationWriter, MetaVectorEnv
from meta_envs.tasks.mdps.tabular_mdp import TabularMDP

NEGLIGIBLE = 1e-4
"""Weight of a prior that only says what to expect where nothing has been seen."""


class UCRL2(PlanningPolicy):
    """Plans for the best MDP within confidence sets around the means of what has been seen.

    Jaksch et al. 2010, "Near-optimal regret bounds for reinforcement learning", for a fixed
    horizon: it plans once a trial. After t trials a mean reward may be off by
    scale * sqrt(4 log(2 S A (t + 2) / delta) / n) and the transition probabilities, in sum, by
    sqrt(S) times that, with S states, A actions and n visits, at least 1.

    Args:
        family: The tasks to play.
        meta_observation: Of the environment to act in.
        scale: Of the confidence sets. 1 is what is proved, 0.3 the best of 0.03, 0.1, 0.3 and 1
            for 10 trials.
        delta: Probability that the sets may miss the true MDP at scale 1.
    """

    def __init__(
        self,
        family: TabularMDP,
        meta_observation: MetaObservationWriter,
        scale: float = 0.3,
        delta: float = 0.05,
    ) -> None:
        super().__init__(family, meta_observation)
        self.scale = check_range("scale", scale, 0.0, np.inf)
        self.delta = check_range("delta", delta, 1e-9, 1.0)
        self.posterior = Belief(0.0, NEGLIGIBLE)

    def plan(self, experience: Experience) -> NDArray[np.float64]:
        transitions, rewards = self.posterior.expected(experience)
        trial = experience.visits.sum(axis=(1, 2)) / self.horizon + 1
        log = 4 * np.log(2 * self.num_states * self.num_actions * (trial + 1) / self.delta)
        width = self.scale * np.sqrt(log)[:, None, None]
        arrivals = np.maximum(experience.transitions.sum(axis=-1), 1)
        slack = width * np.sqrt(self.num_states / arrivals)
        rewards = rewards[:, 0] + width / np.sqrt(np.maximum(experience.visits, 1))
        action_values = np.empty((len(trial), self.horizon, *rewards.shape[1:]))
        action_values[:, 0] = rewards
        for to_go in range(1, self.horizon):
            values = action_values[:, to_go - 1].max(axis=-1)
            action_values[:, to_go] = rewards + optimistic_mean(transitions, slack, values)
        return action_values


def optimistic_mean(
    transitions: NDArray[np.float64], slack: NDArray[np.float64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The highest mean value of the next state with probabilities that near the given ones.

    Args:
        transitions: Shape (batch, states, actions, states).
        slack: How far off the probabilities may be, in sum, shape (batch, states, actions).
        values: Of the next states, shape (batch, states).

    Returns:
        Shape (batch, states, actions).
    """
    # Half of the slack goes to the best state and is taken from the worst ones. P(at least the
    # k-th best value) then rises by that half, to 1 at most, and the mean is the worst value plus
    # the sum over k of this probability times how much better the k-th value is than the next.
    order = np.argsort(-values, axis=-1)
    ordered = np.take_along_axis(values, order, axis=-1)
    shares = np.take_along_axis(transitions, order[:, None, None], axis=-1)
    at_least = shares[..., :-1].cumsum(axis=-1) + slack[..., None] / 2
    np.minimum(at_least, 1.0, out=at_least)
    gain = ordered[:, :-1] - ordered[:, 1:]
    return np.asarray(ordered[:, -1, None, None] + (at_least @ gain[:, None, :, None])[..., 0])


def make_ucrl2(env: MetaVectorEnv, scale: float = 0.3, delta: float = 0.05) -> Agent:
    """UCRL2."""
    return UCRL2(mdp_of(env), env.meta_observation, scale, delta)
