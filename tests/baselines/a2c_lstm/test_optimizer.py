"""The compiled optimisers, beside torch's."""

import pytest
import torch

from baselines.a2c_lstm.config import A2CLSTMConfig
from baselines.a2c_lstm.optimizer import TorchOptimizer, make_optimizer
from baselines.networks.actor_critic import ActorCritic
from baselines.networks.cells.lstm import LSTM

MOST = 0.7
"""Norm that gradients are scaled down to, in about half of the steps."""


def make_network():
    torch.manual_seed(0)
    return ActorCritic(LSTM(3, 5), 2, "learned")


def torchs(network, config):
    """What the settings ask for, of torch."""
    parameters = [p for p in network.parameters() if p.requires_grad]
    if config.optimizer == "adam":
        return TorchOptimizer(torch.optim.Adam(parameters, eps=config.optimizer_epsilon))
    return TorchOptimizer(
        torch.optim.RMSprop(parameters, alpha=config.optimizer_decay, eps=config.optimizer_epsilon)
    )


def take(optimizer, steps, seed):
    """Steps along gradients that a seed gives, some of them tiny."""
    generator = torch.Generator().manual_seed(seed)
    norms = []
    for step in range(steps):
        for parameter in optimizer.parameters:
            size = 10.0 ** -(step % 4)
            parameter.grad = size * torch.randn(parameter.shape, generator=generator)
        norms.append(optimizer.clip(MOST))
        optimizer.step(1e-2 / (1 + step))
    return norms


CONFIGS = [
    A2CLSTMConfig(optimizer="adam", optimizer_epsilon=1e-3),
    A2CLSTMConfig(optimizer="rmsprop", optimizer_epsilon=0.1, optimizer_decay=0.9),
]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.optimizer)
def test_an_optimizer_does_what_torchs_does(config):
    """Broken if a correction, the epsilon's place, a decay or the clipping is another."""
    mine, its = make_network(), make_network()
    first, second = make_optimizer(mine, config), torchs(its, config)
    norms = take(first, 30, 1), take(second, 30, 1)
    assert min(norms[0]) < MOST < max(norms[0])
    assert norms[0] == pytest.approx(norms[1], rel=1e-5)
    for a, b in zip(mine.parameters(), its.parameters(), strict=True):
        torch.testing.assert_close(a, b, atol=2e-6, rtol=1e-5)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.optimizer)
def test_an_optimizer_goes_on_from_torchs_state(config):
    """Broken if a checkpoint of an older version, or of a GPU, would lose its running means."""
    mine, its = make_network(), make_network()
    first, second = make_optimizer(mine, config), torchs(its, config)
    take(second, 5, 1)
    mine.load_state_dict(its.state_dict())
    first.restore(second.state())
    assert first.state().keys() == {n for n in second.state() if "momentum" not in n}
    take(first, 5, 2)
    take(second, 5, 2)
    for a, b in zip(mine.parameters(), its.parameters(), strict=True):
        torch.testing.assert_close(a, b, atol=2e-6, rtol=1e-5)


def test_a_clipped_gradient_has_the_norm_asked_for():
    optimizer = make_optimizer(make_network(), CONFIGS[0])
    for parameter in optimizer.parameters:
        parameter.grad = torch.ones_like(parameter)
    assert optimizer.clip(0.25) > 0.25
    assert optimizer.clip(1.0) == pytest.approx(0.25, rel=1e-5)
