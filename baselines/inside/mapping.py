"""A small network that maps one state into another, for `baselines.inside.state_machines`."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from baselines.common.threads import one_thread

Array = NDArray[np.float64]
LAYERS = (64, 128, 64)
"""Rectified units, as Kuo et al. 2025 have them; so are patience and the share held out."""
LEARNING_RATE, BATCH = 2e-3, 256
"""Theirs are 1e-3 and 64, with which 100 epochs miss the same of a bandit's states, within its
interval, in many times the time."""
VALIDATION_SHARE = 0.2
"""Of the episodes, held out to tell when to stop."""
PATIENCE = 10
"""Epochs without a new best."""
MOST_UPDATES = 4_000
"""25 epochs of 500 episodes of 100 steps."""


def fit_mapping(
    source: Array, target: Array, played: NDArray[np.bool_], seed: int = 0
) -> Callable[[Array], Array]:
    """Fits a network by least squares, and keeps it as it was when held-out error was least.

    Inputs are standardised each; outputs are centred and have one scale, so that what is made
    small is the squared error of the target as it is.

    Args:
        source: Shape (episodes, steps, n).
        target: Shape (episodes, steps, m).
        played: Where an episode was going on, shape (episodes, steps).
        seed: Of the weights and the order of batches.

    Returns:
        From sources, shape (episodes, steps, n), to what they are mapped to, (episodes, steps, m).
    """
    rows, aims = source[played], target[played]
    centre, spread = rows.mean(axis=0), rows.std(axis=0)
    spread = np.where(spread > 1e-9, spread, 1.0)
    mean = aims.mean(axis=0)
    scale = max(float(aims.std(axis=0).max()), 1e-9)
    fitted = len(source) - max(1, round(VALIDATION_SHARE * len(source)))
    x, y = _tensor((source - centre) / spread), _tensor((target - mean) / scale)
    here = torch.from_numpy(played)
    with one_thread():
        network = _train(
            (x[:fitted][here[:fitted]], y[:fitted][here[:fitted]]),
            (x[fitted:][here[fitted:]], y[fitted:][here[fitted:]]),
            seed,
        )

    @torch.no_grad()
    def mapping(values: Array) -> Array:
        mapped: Array = network(_tensor((values - centre) / spread)).numpy().astype(np.float64)
        return mean + scale * mapped

    return mapping


def _tensor(values: Array) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, np.float32))


def _network(inputs: int, outputs: int) -> nn.Sequential:
    sizes = (inputs, *LAYERS)
    hidden = [
        layer
        for size, following in zip(sizes, LAYERS, strict=False)
        for layer in (nn.Linear(size, following), nn.ReLU())
    ]
    return nn.Sequential(*hidden, nn.Linear(LAYERS[-1], outputs))


def _train(
    fit: tuple[torch.Tensor, torch.Tensor], check: tuple[torch.Tensor, torch.Tensor], seed: int
) -> nn.Sequential:
    """The network with the least error on `check`, of those that training on `fit` went through."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = _network(fit[0].shape[1], fit[1].shape[1])
        optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE, fused=True)
        best, since = (np.inf, network.state_dict()), 0
        updates = math.ceil(len(fit[0]) / BATCH)
        for _ in range(math.ceil(MOST_UPDATES / updates)):
            for batch in torch.split(torch.randperm(len(fit[0])), BATCH):
                loss = nn.functional.mse_loss(network(fit[0][batch]), fit[1][batch])
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
            with torch.no_grad():
                error = float(nn.functional.mse_loss(network(check[0]), check[1]))
            since += 1
            if error < best[0]:
                best, since = (error, {k: v.clone() for k, v in network.state_dict().items()}), 0
            if since == PATIENCE:
                break
        network.load_state_dict(best[1])
    return network
