"""The optimal policy for inferred value, and what a cue is worth to somebody who infers.

Nothing can be gained but by valid responses, and these are asked for openly: to give them is
optimal, whatever is believed. What the value of a cue should follow is `left_beliefs`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meta_envs.core import MetaObservationWriter
from meta_envs.policies import Memory, StatePolicy
from meta_envs.tasks.cued.cued_trials import CENTRE
from meta_envs.tasks.cued.inferred_value import InferredValue


class OptimalPolicy(StatePolicy):
    """Gives the response that is asked for.

    Memory: the state, shape (num_envs, 1).
    """

    def __init__(self, family: InferredValue, meta_observation: MetaObservationWriter) -> None:
        super().__init__(meta_observation)
        self.respond = family.respond

    def initial_memory(self, num_envs: int) -> Memory:
        return np.zeros((num_envs, 1))

    def update(
        self,
        memory: Memory,
        states: NDArray[np.intp],
        actions: NDArray[np.intp],
        rewards: NDArray[np.float64],
        next_states: NDArray[np.intp],
    ) -> None:
        """There is nothing to learn."""

    def act(self, memory: Memory) -> NDArray[np.intp]:
        states = memory[:, 0].astype(np.intp)
        return self.respond(states, np.full(len(states), CENTRE))


def optimal_return(family: InferredValue) -> float:
    """Half of the trials show the rewarded cue."""
    return family.num_trials / 2


informed_return = optimal_return


def left_beliefs(
    family: InferredValue, cues: NDArray[np.int64], rewards: NDArray[np.float64], knows_blocks: bool
) -> NDArray[np.float64]:
    """The probability that left is the rewarded side in each trial, given those before it.

    Args:
        family: The task.
        cues: Of each trial, 0 for left and 1 for right, shape (episodes, num_trials).
        rewards: 1 or 0 for each trial, all responses valid, same shape.
        knows_blocks: Whether the sides are known to change between blocks only. Otherwise they
            are taken to change before any trial with the probability that they do on average.

    Returns:
        Same shape.
    """
    average = family.reversal_probability / family.block_length
    left = np.full(cues.shape, 0.5)
    for trial in range(1, cues.shape[1]):
        # One trial tells it all.
        was_left = (cues[:, trial - 1] == 0) == (rewards[:, trial - 1] > 0)
        if knows_blocks:
            starts = trial % family.block_length == 0
            change = family.reversal_probability if starts else 0.0
        else:
            change = average
        left[:, trial] = np.where(was_left, 1 - change, change)
    return left
