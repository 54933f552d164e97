"""What every action would have cost, for what was known in somebody's episodes."""

from __future__ import annotations

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from baselines.common.errors import InputError
from baselines.evaluation.optimum import watched_steps
from baselines.evaluation.replay import by_episode
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
    kept: list[list[NDArray[np.float64]]] = []
    try:
        for step, policy, memory in watched_steps(evaluation):
            space = step.env.single_action_space
            assert isinstance(space, spaces.Discrete)
            if step.starts:
                kept.append([])
            every = (np.full(len(memory), action) for action in range(space.n))
            gaps = [policy.optimality_gaps(memory, action) for action in every]
            kept[-1].append(np.stack(gaps, axis=1))
    except ValueError as error:
        raise InputError(f"{evaluation.env_id}: {error}") from error
    return by_episode(evaluation, kept)
