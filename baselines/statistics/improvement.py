"""How probably one agent is better than another (Agarwal et al. 2021, section 4.3)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.common.errors import InputError
from baselines.statistics.bootstrap import (
    RESAMPLES,
    Estimate,
    Scores,
    estimate,
    read_scores,
    resample,
)


def probability_of_improvement(
    first: Scores, second: Scores, seed: int = 0, resamples: int = RESAMPLES
) -> Estimate:
    """How often a run of the first agent beats one of the second, ties as half.

    That is Mann and Whitney's U as a share of all pairs, within each environment, and then the mean
    over environments. It says nothing of how much better.

    For example 1, 3 against 2, 3 in one environment: 3 beats 2 and ties with 3, so 1 + 1/2 of four
    pairs, .375.

    Args:
        first: One score a seed by environment, nan for a run that failed.
        second: The same of the other agent, on the same environments.
        seed: Of the bootstrap.
        resamples: Of the bootstrap, which draws the seeds of both anew within each environment.

    Raises:
        InputError: If the environments are not the same, or there are no scores or infinite ones.
    """
    ours, theirs = read_scores(first), read_scores(second)
    differing = sorted(set(ours) ^ set(theirs))
    if differing:
        raise InputError(
            f"both agents must have scores on the same environments, got {', '.join(differing)} of "
            "one only"
        )
    theirs = {env_id: theirs[env_id] for env_id in ours}
    rng = np.random.default_rng(seed)
    shares = [
        _share_won(mine[None], others[None])
        for mine, others in zip(ours.values(), theirs.values(), strict=True)
    ]
    drawn = zip(resample(ours, rng, resamples), resample(theirs, rng, resamples), strict=True)
    resampled = np.mean([_share_won(mine, others) for mine, others in drawn], axis=0)
    return estimate(float(np.mean(shares)), resampled, ours, theirs)


def _share_won(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of shapes (n, seeds) and (n, other seeds): the share of pairs won in each row, shape (n,)."""
    difference = first[:, :, None] - second[:, None, :]
    return np.asarray(((difference > 0) + 0.5 * (difference == 0)).mean(axis=(1, 2)))
