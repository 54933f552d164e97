"""How long an agent takes to the goal of a maze: the first time, and when it knows the way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.evaluation.replay import played_family
from baselines.evaluation.result import Evaluation
from meta_envs.tasks.mazes.graph import GOAL_REWARD
from meta_envs.tasks.mazes.i_maze import IMaze
from meta_envs.tasks.mazes.i_maze_grid import IMazeGrid


def read_latencies(evaluation: Evaluation) -> NDArray[np.float64]:
    """Steps that each goal of an evaluation in a maze took, from the one before or the start.

    Runs that the episode's end cut off are left out; as slow ones are cut off more often than
    quick ones, the latest goals of an episode look a little quicker than they are.

    Returns:
        Shape (episodes, goals), as many goals as the most that were reached in an episode, and
        at least two; nan where fewer were.

    Raises:
        InputError: If it was played on another task.
    """
    played_family(evaluation, "not a maze", IMaze, IMazeGrid)
    # Apples pay less, and a step has no more than one goal.
    hits = evaluation.rewards >= GOAL_REWARD
    latencies = np.full((len(hits), max(int(hits.sum(axis=1).max(initial=0)), 2)), np.nan)
    episode, step = np.nonzero(hits)
    number = hits.cumsum(axis=1)[episode, step] - 1
    latencies[episode, number] = step + 1
    latencies[:, 1:] -= latencies[:, :-1].copy()
    return latencies


def first_and_later(latencies: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Steps to the first goal, and the mean of those to later ones, of each episode.

    Args:
        latencies: From `read_latencies`.

    Returns:
        Two arrays, of the episodes that have reached a goal and of those that have reached more.
    """
    first, later = latencies[:, 0], latencies[:, 1:]
    count = (~np.isnan(later)).sum(axis=1)
    means = np.nansum(later, axis=1)[count > 0] / count[count > 0]
    return first[~np.isnan(first)], means
