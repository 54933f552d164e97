"""Risky choices in percent: of an evaluation, and over several runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.common.intervals import confidence_interval
from baselines.evaluation.result import Evaluation
from baselines.experiments.wang2018_risky_choice.manipulations import FORCED

PROBABILITIES = (0.5, 0.125)
"""Chances of the risky arm."""
Pair = tuple[float, float]
"""Shares of risky choices in percent, for each of `PROBABILITIES`."""


class Shares(NamedTuple):
    """Risky choices of an agent in percent of its free pulls.

    Attributes:
        mean: For each of `PROBABILITIES`.
        half: Half of the 95 % interval of each: over episodes, or over runs where there are
            several.
    """

    mean: NDArray[np.float64]
    half: NDArray[np.float64]


def risky_shares(evaluation: Evaluation) -> Shares:
    """The risky choices of an agent that has played `study.balanced_episodes`."""
    tasks = [json.loads(episode.task or "") for episode in evaluation.episodes]
    chances, sides = (
        np.array([task[key] for task in tasks]) for key in ("risky_probability", "risky_side")
    )
    choices = evaluation.actions[:, 1::2][:, FORCED:]
    with np.errstate(invalid="ignore"):  # An episode without a valid choice has no share.
        shares = 100 * (choices == sides[:, None]).sum(axis=1) / (choices < 2).sum(axis=1)
    ends = [confidence_interval(shares[(chances == p) & ~np.isnan(shares)]) for p in PROBABILITIES]
    low, high = np.array(ends).T
    return Shares((low + high) / 2, (high - low) / 2)


def over_runs(runs: Sequence[Mapping[str, Shares]]) -> dict[str, Shares]:
    """The mean of several runs, with its interval over them."""
    found = {}
    for what in runs[0]:
        means = np.array([run[what].mean for run in runs])
        low, high = np.array([confidence_interval(column) for column in means.T]).T
        found[what] = Shares((low + high) / 2, (high - low) / 2)
    return found
