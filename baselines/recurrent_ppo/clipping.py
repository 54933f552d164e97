"""What PPO clips, a step at a time: the probability ratio and, where asked for, the value."""

from __future__ import annotations

from typing import Any

import numpy as np

from baselines.networks.kernels.maths import exp
from meta_envs.core.compiled import compiled

ZERO, ONE = np.float32(0), np.float32(1)


@compiled
def clipped_ratio(
    gain: np.float32, log_ratio: np.float32, clip_range: np.float32
) -> tuple[Any, Any, Any, Any]:
    """Schulman et al. 2017, equation 7, for one step.

    Returns:
        The surrogate, its slope by the log-probability, the step's part of the approximate KL
        divergence, and whether the ratio has left its range.
    """
    ratio = exp(log_ratio)
    near = min(max(ratio, ONE - clip_range), ONE + clip_range)
    # The clipped ratio has no slope where it is the lesser.
    slope = ZERO if gain * near < gain * ratio else gain * ratio
    surrogate = min(gain * ratio, gain * near)
    return surrogate, slope, ratio - ONE - log_ratio, abs(ratio - ONE) > clip_range


@compiled
def clipped_value(
    value: np.float32, old: np.float32, target: np.float32, clip_range_vf: np.float32
) -> tuple[Any, Any]:
    """The error of a value that may move only so far from its old one.

    Returns:
        The error, and whether it has a slope: that is where the value has not been held.
    """
    moved = value - old
    held = min(max(moved, -clip_range_vf), clip_range_vf)
    return value - target + (held - moved), held == moved
