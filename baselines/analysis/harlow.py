"""How often an agent chooses right in the Harlow task, trial by trial."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.environments import make_vector_env
from baselines.errors import InputError
from baselines.records import Evaluation
from meta_envs.core import MetaVectorEnv
from meta_envs.tasks.harlow_task import FIXATION_REWARD, HarlowTask


def read_choices(evaluation: Evaluation) -> NDArray[np.float64]:
    """The choices of an evaluation in the Harlow task, told by their rewards.

    Returns:
        1 where a choice was right and 0 where it was wrong, shape (episodes, num_trials); nan
        where an episode ended before it.

    Raises:
        InputError: If it was played on another task.
    """
    inner = make_vector_env(evaluation.env_id, 1, evaluation.env_kwargs).unwrapped
    if not isinstance(inner, MetaVectorEnv) or not isinstance(inner.family, HarlowTask):
        raise InputError(f"{evaluation.env_id} is not the Harlow task")
    # Fixation pays less, and no action holds two events.
    chosen = np.abs(evaluation.rewards) > FIXATION_REWARD
    choices = np.full((len(chosen), inner.family.num_trials), np.nan)
    episode, step = np.nonzero(chosen)
    trial = chosen.cumsum(axis=1)[episode, step] - 1
    choices[episode, trial] = evaluation.rewards[episode, step] > 0
    return choices


def correct_by_trial(choices: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of right choices in each trial, among the episodes that got there.

    Args:
        choices: From `read_choices`.

    Returns:
        Shape (num_trials,), nan where no episode got there.
    """
    count = (~np.isnan(choices)).sum(axis=0)
    right = np.nansum(choices, axis=0)
    return np.divide(right, count, out=np.full(len(count), np.nan), where=count > 0)
