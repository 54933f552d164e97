"""Finite-horizon planning in known Markov decision processes, many at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def value_iteration(
    transitions: NDArray[np.float64], rewards: NDArray[np.float64], horizon: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Values of the best policy by backward induction, without discount.

    Args:
        transitions: Probability of each next state, shape (batch, states, actions, states).
        rewards: Mean rewards, shape (batch, 1 or horizon, states, actions); entry h of the second
            axis is with h + 1 steps to go.
        horizon: Steps to plan for.

    Returns:
        Action values, shape (batch, horizon, states, actions), and values, shape (batch, horizon,
        states), with the second axis as above.
    """
    batch, _, states, actions = rewards.shape
    action_values = np.empty((batch, horizon, states, actions))
    action_values[...] = rewards
    values = np.empty((batch, horizon, states))
    # One product of a matrix and a vector for each process.
    matrices = transitions.reshape(batch, states * actions, states)
    for to_go in range(horizon):
        now = action_values[:, to_go]
        if to_go:
            now += (matrices @ values[:, to_go - 1, :, None]).reshape(now.shape)
        # Over an axis this short, whole slices are faster than `max(axis=-1)`.
        values[:, to_go] = np.maximum.reduce([now[..., action] for action in range(actions)])
    return action_values, values
