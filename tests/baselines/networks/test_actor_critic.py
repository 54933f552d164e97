"""The network: its steps, its sequences and its restarts tell the same story."""

import pytest
import torch

from baselines.networks.actor_critic import ActorCritic
from baselines.networks.cells.lstm import LSTM

STEPS, ENVS, SIZE, ACTIONS, HIDDEN = 7, 5, 4, 3, 6


def make(initial_state="learned"):
    torch.manual_seed(0)
    network = ActorCritic(LSTM(SIZE, HIDDEN), ACTIONS, initial_state)
    torch.nn.init.normal_(network.initial)
    torch.nn.init.normal_(network.heads.weight)
    return network


def some_starts(seed):
    starts = torch.rand(STEPS, ENVS, generator=torch.Generator().manual_seed(seed)) < 0.3
    starts[0] = True
    return starts


@pytest.mark.parametrize("seed", range(4))
def test_sequence_and_single_steps_agree(seed):
    """A rollout's single steps must compute what the update differentiates."""
    network, starts = make(), some_starts(seed)
    x = torch.randn(STEPS, ENVS, SIZE)
    heads, last = network(x, network.initial_state(ENVS), starts)
    state = network.initial_state(ENVS)
    for t in range(STEPS):
        one, state = network(x[t : t + 1], state, starts[t : t + 1])
        torch.testing.assert_close(one[0], heads[t], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(state, last, atol=1e-5, rtol=1e-5)


def test_nothing_passes_from_one_episode_to_the_next():
    """Memory that survived an episode's end would carry one task into another."""
    network = make()
    starts = torch.zeros(STEPS, ENVS, dtype=torch.bool)
    starts[0], starts[4, 2] = True, True
    x = torch.randn(STEPS, ENVS, SIZE)
    changed = x.clone()
    changed[:4, 2] += 1
    before, _ = network(x, network.initial_state(ENVS), starts)
    after, _ = network(changed, network.initial_state(ENVS), starts)
    assert torch.equal(before[4:, 2], after[4:, 2])
    assert not torch.allclose(before[3, 2], after[3, 2])


@pytest.mark.parametrize(("initial_state", "trained"), [("zero", False), ("learned", True)])
def test_a_learned_initial_state_learns(initial_state, trained):
    """Its gradient comes from every episode's start, also in the middle of a rollout."""
    network = ActorCritic(LSTM(SIZE, HIDDEN), ACTIONS, initial_state)
    starts = torch.zeros(STEPS, ENVS, dtype=torch.bool)
    starts[3] = True
    carried = torch.ones(ENVS, HIDDEN), torch.ones(ENVS, HIDDEN)
    heads, _ = network(torch.randn(STEPS, ENVS, SIZE), carried, starts)
    heads[3:].square().sum().backward()
    assert network.initial.requires_grad == trained
    assert (network.initial.grad is not None and bool(network.initial.grad.any())) == trained


def test_the_critic_is_not_detached_from_the_lstm():
    """The value loss must train the LSTM that policy and value share."""
    network = make()
    heads, _ = network(torch.randn(STEPS, ENVS, SIZE), network.initial_state(ENVS), some_starts(0))
    heads[..., -1].sum().backward()
    assert network.cell.weight_hh_l0.grad.abs().sum() > 0
