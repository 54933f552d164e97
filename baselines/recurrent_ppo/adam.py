"""torch's Adam with compiled arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from baselines.networks.optimizer import (
    MEAN_DECAY,
    SQUARE_DECAY,
    adam,
    adam_factors,
    flat,
    norm_of,
    scale,
)

SMALL = 1e-6
"""torch's, beside the norm that a gradient is divided by."""


def is_plain_adam(optimizer: torch.optim.Optimizer) -> bool:
    """Whether an optimiser is Adam as Stable-Baselines3 makes it, but for rate and epsilon."""
    return type(optimizer) is torch.optim.Adam and all(
        tuple(group["betas"]) == (MEAN_DECAY, SQUARE_DECAY)
        and not (group["weight_decay"] or group["amsgrad"] or group["maximize"])
        for group in optimizer.param_groups
    )


class CompiledAdam:
    """Takes the steps of an optimiser that `is_plain_adam`.

    Weights and running means are changed where torch keeps them, so that its optimiser can go on
    at any time, and is saved as ever.

    Args:
        optimizer: Of parameters on the CPU that all have gradients at each step. While this is
            in use, its state must not be replaced.
    """

    def __init__(self, optimizer: torch.optim.Optimizer) -> None:
        (group,) = optimizer.param_groups
        self.group: dict[str, Any] = group
        self.counts, self.arrays = [], []
        for parameter in group["params"]:
            state = optimizer.state[parameter]
            if not state:
                state["step"] = torch.tensor(0.0)
                for name in ("exp_avg", "exp_avg_sq"):
                    state[name] = torch.zeros_like(parameter)
            self.counts.append(state["step"].numpy())
            self.arrays.append(flat(parameter, state["exp_avg"], state["exp_avg_sq"]))

    def step(self, max_norm: float) -> None:
        """Scales the gradients down to a norm of at most `max_norm`, and takes a step by them."""
        gradients = flat(*(parameter.grad for parameter in self.group["params"]))
        shrink = max_norm / (norm_of(gradients) + SMALL)
        if shrink < 1:
            for gradient in gradients:
                scale(gradient, np.float32(shrink))
        for count in self.counts:
            count += 1
        factors = adam_factors(self.group["lr"], int(self.counts[0]))
        epsilon = np.float32(self.group["eps"])
        for (weights, mean, square), gradient in zip(self.arrays, gradients, strict=True):
            adam(weights, gradient, mean, square, *factors, epsilon)
