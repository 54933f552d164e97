"""The loss of the A2C-LSTM where actions are continuous."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.networks.gaussian import entropy_of, standardise
from baselines.networks.kernels.maths import exp
from meta_envs.core.compiled import compiled

Array = NDArray[np.float32]

ONE = np.float32(1)


@compiled
def gaussian_loss(
    heads: Array,
    log_std: Array,
    actions: Array,
    advantage: Array,
    target: Array,
    valid: NDArray[np.bool_],
    entropy_coef: np.float32,
    value_coef: np.float32,
    gradients: Array,
    log_std_gradient: Array,
) -> tuple[float, float, float]:
    """Writes the gradients of `loss_gradients`; returns policy loss, value loss and entropy.

    With mean m, standard deviation s, z = (action - m) / s and advantage A, the policy gradient is
    -A z / s for m and -A (z^2 - 1) for log s. The entropy is that of the draw, before any bounds,
    and its gradient is 1 for each log s.

    Args:
        heads: Means and, last, the value, shape (num_steps, num_envs, size + 1).
        log_std: Shape (size,).
        actions: Shape (num_steps, num_envs, size).
        advantage: Shape (num_steps, num_envs).
        target: Of the value, same shape.
        valid: Whether the step was taken, same shape.
        entropy_coef: Weight of the entropy.
        value_coef: Weight of the value loss.
        gradients: To be written, of the shape of `heads`.
        log_std_gradient: To be written, shape (size,).
    """
    num_steps, num_envs, num_heads = heads.shape
    last, count = num_heads - 1, valid.sum()
    policy_loss = value_loss = 0.0
    weight = np.float32(1 / count)
    log_probs = np.empty(num_envs, np.float32)
    per_std, spread = np.empty(last, np.float32), np.zeros(last)
    for j in range(last):
        per_std[j] = exp(-log_std[j])
    for t in range(num_steps):
        head, slope = heads[t], gradients[t]
        standardise(head, actions[t], log_std, slope, log_probs)
        for env in range(num_envs):
            if not valid[t, env]:
                slope[env] = 0
                continue
            gain = advantage[t, env]
            error = head[env, last] - target[t, env]
            policy_loss -= gain * log_probs[env]
            value_loss += error * error
            for j in range(last):
                score = slope[env, j]
                spread[j] += gain * (score * score - ONE)
                slope[env, j] = -weight * gain * score * per_std[j]
            slope[env, last] = weight * value_coef * error
    for j in range(last):
        log_std_gradient[j] = np.float32(-spread[j] / count) - entropy_coef
    return policy_loss / count, 0.5 * value_loss / count, entropy_of(log_std)
