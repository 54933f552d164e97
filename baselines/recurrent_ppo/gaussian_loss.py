"""PPO's loss with compiled arithmetic where actions are continuous."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.networks.cells import Array
from baselines.networks.gaussian import entropy_of, standardise
from baselines.networks.kernels.maths import exp
from baselines.recurrent_ppo.clipping import clipped_ratio, clipped_value
from meta_envs.core.compiled import compiled

ZERO, ONE, TWO = np.float32(0), np.float32(1), np.float32(2)


@compiled
def gaussian_loss(
    heads: Array,
    log_std: Array,
    envs: NDArray[np.intp],
    actions: Array,
    old_values: Array,
    old_log_probs: Array,
    advantages: Array,
    returns: Array,
    mean: np.float32,
    deviation: np.float32,
    clip_range: np.float32,
    clip_range_vf: np.float32,
    entropy_coef: np.float32,
    value_coef: np.float32,
    gradients: Array,
    log_std_gradient: Array,
) -> tuple[float, float, float, float, float]:
    """Writes the gradients of `loss_gradients`; returns all losses but the total.

    As `clipped_loss`, with `standardise` in place of the softmax: z / s is the slope of the
    log-probability for a mean, and z^2 - 1 that for the log of a standard deviation.
    """
    num_steps, num_envs, num_heads = heads.shape
    last, count = num_heads - 1, num_steps * num_envs
    policy_loss = value_loss = divergence = clipped = 0.0
    weight = ONE / np.float32(count)
    log_probs = np.empty(num_envs, np.float32)
    taken = np.empty((num_envs, last), np.float32)
    per_std, spread = np.empty(last, np.float32), np.zeros(last)
    for j in range(last):
        per_std[j] = exp(-log_std[j])
    for t in range(num_steps):
        head, slopes = heads[t], gradients[t]
        for row in range(num_envs):
            for j in range(last):
                taken[row, j] = actions[t, envs[row], j]
        standardise(head, taken, log_std, slopes, log_probs)
        for row in range(num_envs):
            env = envs[row]
            gain = (advantages[t, env] - mean) / deviation
            log_ratio = log_probs[row] - old_log_probs[t, env]
            surrogate, slope, drift, left = clipped_ratio(gain, log_ratio, clip_range)
            policy_loss -= surrogate
            clipped += left
            divergence += drift
            for j in range(last):
                score = slopes[row, j]
                spread[j] += slope * (score * score - ONE)
                slopes[row, j] = -weight * slope * score * per_std[j]
            error, free = clipped_value(
                head[row, last], old_values[t, env], returns[t, env], clip_range_vf
            )
            value_loss += error * error
            slopes[row, last] = weight * TWO * value_coef * error if free else ZERO
    for j in range(last):
        log_std_gradient[j] = np.float32(-spread[j] / count) - entropy_coef
    return (
        policy_loss / count,
        value_loss / count,
        entropy_of(log_std),
        divergence / count,
        clipped / count,
    )
