"""Policies from logits, with compiled arithmetic."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.networks.kernels.maths import exp, log
from meta_envs.core.compiled import compiled

Array = NDArray[np.float32]

ONE = np.float32(1)


@compiled
def softmax(head: Array, policy: Array, shift: Array, entropy: Array) -> None:
    """Writes policies, their entropies, and what logits exceed the log of the policy by.

    Args:
        head: Logits and value, shape (num_envs, num_actions + 1).
        policy: To be written, same shape; its last column is left alone.
        shift: To be written, shape (num_envs,).
        entropy: Likewise.
    """
    num_envs, num_actions = len(head), head.shape[1] - 1
    for env in range(num_envs):
        shift[env] = head[env, 0]
        for j in range(1, num_actions):
            shift[env] = max(shift[env], head[env, j])
    for j in range(num_actions):
        for env in range(num_envs):
            policy[env, j] = exp(head[env, j] - shift[env])
    for env in range(num_envs):
        total = policy[env, 0]
        for j in range(1, num_actions):
            total += policy[env, j]
        scale = ONE / total
        shift[env] += log(total)
        entropy[env] = 0
        for j in range(num_actions):
            policy[env, j] *= scale
            entropy[env] -= policy[env, j] * (head[env, j] - shift[env])
