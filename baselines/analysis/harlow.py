"""Which choices were right in the Harlow task, trial by trial."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.common.intervals import wilson_interval
from baselines.evaluation.replay import played_family
from baselines.evaluation.result import Evaluation
from meta_envs.tasks.harlow.harlow_task import FIXATION_REWARD, HarlowTask


class Correct(NamedTuple):
    """Shares of right choices by trial, each of shape (trials,); nan where there was no choice.

    Attributes:
        mean: The share.
        low: Lower end of its 95 % interval, Wilson's.
        high: Upper end.
        choices: How many there were.
    """

    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    choices: NDArray[np.int64]


def read_choices(evaluation: Evaluation) -> NDArray[np.float64]:
    """Whether each choice of an evaluation was right, from the rewards that it brought.

    Returns:
        1 where it was right, 0 where it was wrong, nan where time was up before; shape (episodes,
        trials).

    Raises:
        InputError: If another task was played.
    """
    family = played_family(evaluation, "no Harlow task", HarlowTask)
    right = np.full((len(evaluation.rewards), family.num_trials), np.nan)
    chosen = np.abs(evaluation.rewards) > FIXATION_REWARD
    episodes, steps = np.nonzero(chosen)
    trials = chosen.cumsum(axis=1)[episodes, steps] - 1
    right[episodes, trials] = evaluation.rewards[episodes, steps] > 0
    return right


def share_correct(right: NDArray[np.float64]) -> Correct:
    """Shares by trial of what `read_choices` returns."""
    made = ~np.isnan(right)
    count, hits = made.sum(axis=0), np.nansum(right, axis=0)
    n = np.where(count > 0, count, np.nan)
    share = hits / n
    return Correct(share, *wilson_interval(share, n), count)
