"""Gaussian policies from means and standard deviations, with compiled arithmetic."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.networks.kernels.maths import exp
from meta_envs.core.compiled import compiled

Array = NDArray[np.float32]

HALF = np.float32(0.5)
HALF_LOG_2_PI = np.float32(0.9189385332046727)


@compiled
def standardise(
    means: Array, actions: Array, log_std: Array, scores: Array, log_probs: Array
) -> None:
    """Writes how many standard deviations actions are from their means, and how probable they are.

    Args:
        means: Shape (num_envs, size or more).
        actions: Shape (num_envs, size).
        log_std: Logs of the standard deviations, shape (size,).
        scores: To be written, shape (num_envs, size or more); further columns are left alone.
        log_probs: To be written, the logs of the densities, shape (num_envs,).
    """
    size = len(log_std)
    constant = np.float32(0)
    for j in range(size):
        constant -= log_std[j] + HALF_LOG_2_PI
    log_probs[:] = constant
    for j in range(size):
        per_std = exp(-log_std[j])
        for env in range(len(log_probs)):
            score = (actions[env, j] - means[env, j]) * per_std
            scores[env, j] = score
            log_probs[env] -= HALF * score * score


@compiled
def entropy_of(log_std: Array) -> float:
    """The differential entropy of a Gaussian, in nats."""
    total = 0.0
    for j in range(len(log_std)):
        total += log_std[j] + HALF_LOG_2_PI + HALF
    return total
