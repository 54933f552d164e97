"""What every action would have cost, for what was known in somebody's episodes."""

from __future__ import annotations

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from baselines.common.errors import InputError
from baselines.evaluation.optimum import Watched, watched_steps
from baselines.evaluation.replay import by_batch, by_episode
from baselines.evaluation.result import Evaluation


def action_gaps(evaluation: Evaluation) -> NDArray[np.float64]:
    """V*(belief) - Q*(belief, action) of all actions, not only of those that were taken.

    Weighed with the probabilities of a policy they are what it loses there, without the luck of
    sampling.

    Args:
        evaluation: Of any agent.

    Returns:
        Shape (episodes, steps, num_actions), none below 0; zero past an episode's end.

    Raises:
        InputError: If the gaps are not known.
    """
    try:
        kept = by_batch((watched.step, _of_all(watched)) for watched in watched_steps(evaluation))
    except ValueError as error:
        raise InputError(f"{evaluation.env_id}: {error}") from error
    return by_episode(evaluation, kept)


def _of_all(watched: Watched) -> NDArray[np.float64]:
    """The gaps of all actions at one step, shape (batch, num_actions)."""
    _, policy, memory = watched
    space = watched.step.env.single_action_space
    assert isinstance(space, spaces.Discrete)
    every = (np.full(len(memory), action) for action in range(space.n))
    return np.stack([policy.optimality_gaps(memory, action) for action in every], axis=1)
