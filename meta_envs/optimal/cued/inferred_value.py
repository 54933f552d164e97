"""The optimal policy for inferred value, and what a cue is worth to somebody who infers.

Nothing can be gained but by valid responses, and these are asked for openly: to give them is
optimal, whatever is believed. What an invalid one costs depends on the belief: beside the fine, the
reward that it forgoes. The optimum's belief is that of somebody who knows of the blocks. What the
value of a cue should follow, also for who does not, is `left_beliefs`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meta_envs.core import MetaObservationWriter
from meta_envs.policies import Belief, Memory, StatePolicy
from meta_envs.tasks.cued.cued_trials import CENTRE, INVALID, LEFT
from meta_envs.tasks.cued.inferred_value import GO, OUTCOME, InferredValue

LEFT_BELIEF, RESPONDED, TRIALS = 1, 2, 3
"""Columns of the memory: the probability that left is the rewarded side now; the side responded on
in this trial, or `NONE`; the trials that are over."""
NONE = -1.0


class OptimalPolicy(StatePolicy):
    """Gives the response that is asked for.

    Memory: the state; see `LEFT_BELIEF`, `RESPONDED` and `TRIALS`; shape (num_envs, 4).
    """

    def __init__(self, family: InferredValue, meta_observation: MetaObservationWriter) -> None:
        super().__init__(meta_observation)
        self.family = family

    def initial_memory(self, num_envs: int) -> Memory:
        return np.tile((0.0, 0.5, NONE, 0.0), (num_envs, 1))

    def update(
        self,
        memory: Memory,
        states: NDArray[np.intp],
        actions: NDArray[np.intp],
        rewards: NDArray[np.float64],
        next_states: NDArray[np.intp],
    ) -> None:
        asked = (states >= GO) & (states < OUTCOME)
        memory[asked, RESPONDED] = np.where(actions == states - GO, actions, NONE)[asked]
        over = np.flatnonzero(states == OUTCOME)
        left, side, trials = memory[over, 1:].T
        # One trial tells it all, if there was a response.
        left = np.where(side == NONE, left, (side == LEFT) == (rewards[over] > 0))
        starts = (trials + 1) % self.family.block_length == 0
        change = np.where(starts, self.family.reversal_probability, 0.0)
        left = left * (1 - change) + (1 - left) * change
        memory[over, 1:] = np.stack([left, np.full(len(over), NONE), trials + 1], axis=1)

    def act(self, memory: Memory) -> NDArray[np.intp]:
        states = memory[:, 0].astype(np.intp)
        return self.family.respond(states, np.full(len(states), CENTRE))

    def optimality_gaps(self, memory: Memory, actions: NDArray[np.intp]) -> NDArray[np.float64]:
        states, left = memory[:, 0].astype(np.intp), memory[:, LEFT_BELIEF]
        asked = (states >= GO) & (states < OUTCOME)
        forgone = np.where(asked, np.where(states == GO, left, 1 - left), 0.0)
        return np.where(self.family.valid[states, actions], 0.0, forgone - INVALID)

    def belief(self, memory: Memory) -> Belief:
        """Which side is rewarded in the trial under way, known from the trial before it.

        Returns:
            "left is rewarded": the probability of it, (num_envs, 1).
        """
        return {"left is rewarded": memory[:, [LEFT_BELIEF]]}


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
