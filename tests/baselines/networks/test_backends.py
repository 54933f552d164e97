"""The two backends: what is compiled by hand is what autograd computes."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines.networks.actor_critic import ActorCritic
from baselines.networks.backends import CompiledBackend, TorchBackend
from baselines.networks.cells import CELLS
from baselines.networks.config import InputSizes, NetworkConfig

COMPILED = [name for name, cell in CELLS.items() if cell.compiled_cell is not None]
BACKENDS = [(name, CompiledBackend) for name in COMPILED] + [("lstm", TorchBackend)]


def make(name, size, actions, hidden, initial_state="learned"):
    """A network with nothing left at zero."""
    cell = CELLS[name].build(InputSizes(0, 0, size), NetworkConfig(hidden_size=hidden))
    network = ActorCritic(cell, actions, initial_state)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return network


def step(backend, t, observation, starts):
    """One step; the actions, chosen without noise."""
    num_envs, num_heads = backend.heads.shape[1:]
    actions = np.full(num_envs, -1)
    noise = np.zeros((num_envs, num_heads - 1), np.float32)
    backend.step(t, observation, starts, noise, actions)
    np.testing.assert_array_equal(actions, backend.heads[t, :, :-1].argmax(axis=1))


def play(backend, observations, starts):
    """Two rollouts, the second going on from the first; returns the heads of the second."""
    for _ in range(2):
        backend.begin()
        for t, (observation, start) in enumerate(zip(observations, starts, strict=True)):
            step(backend, t, observation, start)
    return backend.heads.copy()


def exact(network, observations, starts, state, head_gradients):
    """Heads and gradients of a rollout from a state, in double precision."""
    network = copy.deepcopy(network).double()
    heads, _ = network(
        torch.from_numpy(observations).double(),
        tuple(torch.from_numpy(part).double() for part in state),
        torch.from_numpy(starts),
    )
    heads.backward(gradient=torch.from_numpy(head_gradients).double())
    gradients = {n: p.grad.numpy() for n, p in network.named_parameters() if p.requires_grad}
    return {"heads": heads.detach().numpy(), **gradients}


@settings(max_examples=60)
@given(
    st.integers(0, 10_000),
    st.sampled_from(BACKENDS),
    st.integers(1, 6),
    st.sampled_from([1, 2, 3, 4, 5, 150]),
    st.sampled_from([0.0, 0.3, 1.0]),
    st.sampled_from(["zero", "learned"]),
)
def test_a_backend_computes_what_autograd_does(
    seed, kind, num_steps, num_envs, start_rate, initial_state
):
    """Heads and every gradient, beside double precision, with episodes that start anywhere.

    Broken if a gate, a restart or a sum over steps or environments is wrong.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    size, actions = rng.integers(1, 7, 2).tolist()
    hidden = int(rng.integers(1, 20))
    network = make(kind[0], size, actions, hidden, initial_state)
    observations = rng.normal(size=(num_steps, num_envs, size)).astype(np.float32)
    starts = rng.random((num_steps, num_envs)) < start_rate
    head_gradients = rng.normal(size=(num_steps, num_envs, actions + 1)).astype(np.float32)
    backend = kind[1](network, num_steps, num_envs)
    backend.begin()
    for t in range(num_steps):
        step(backend, t, observations[t], starts[t])
    between = backend.state
    backend.begin()
    for t in range(num_steps):
        step(backend, t, observations[t], starts[t])
    network.zero_grad()
    backend.backward(head_gradients)
    wanted = exact(network, observations, starts, between, head_gradients)
    np.testing.assert_allclose(backend.heads, wanted.pop("heads"), atol=2e-5, rtol=1e-4)
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            largest = max(np.abs(wanted[name]).max(), 1)
            np.testing.assert_allclose(
                parameter.grad.numpy(), wanted[name], atol=2e-5 * largest, rtol=1e-3, err_msg=name
            )


@pytest.mark.parametrize(("name", "kind"), BACKENDS)
def test_a_backend_goes_on_from_a_state(name, kind):
    """Broken if a checkpoint's state would be lost or transposed."""
    network = make(name, 3, 2, 4)
    observation, starts = np.ones((5, 3), np.float32), np.zeros(5, np.bool_)
    first, second = kind(network, 1, 5), kind(network, 1, 5)
    rng = np.random.default_rng(0)
    first.state = rng.normal(size=(len(first.state), 5, 4)).astype(np.float32)
    first.begin()
    step(first, 0, observation, starts)
    second.state = first.state
    for backend in (first, second):
        backend.begin()
        step(backend, 0, observation, starts)
    np.testing.assert_array_equal(first.heads, second.heads)
    np.testing.assert_array_equal(first.state, second.state)


@pytest.mark.parametrize(("name", "kind"), BACKENDS)
def test_values_leave_the_state_as_it_is(name, kind):
    """Broken if a look at what a truncation cut off would count as a step."""
    network = make(name, 3, 2, 4)
    backend = kind(network, 1, 5)
    observation, starts = np.ones((5, 3), np.float32), np.ones(5, np.bool_)
    backend.begin()
    step(backend, 0, observation, starts)
    before = [part.copy() for part in backend.state]
    values = backend.values(observation, starts)
    np.testing.assert_array_equal(before, backend.state)
    np.testing.assert_allclose(values, backend.heads[0, :, -1], atol=1e-5)


@pytest.mark.parametrize("name", COMPILED)
def test_a_row_does_not_depend_on_the_others(name):
    """Broken if an agent would act differently alone than in a batch: every sum has its order."""
    network = make(name, 3, 2, 40)
    rng = np.random.default_rng(0)
    observations = rng.normal(size=(6, 7, 3)).astype(np.float32)
    starts = rng.random((6, 7)) < 0.3
    together = play(CompiledBackend(network, 6, 7), observations, starts)
    for env in range(7):
        alone = CompiledBackend(network, 6, 1)
        heads = play(alone, observations[:, env : env + 1], starts[:, env : env + 1])
        np.testing.assert_array_equal(heads[:, 0], together[:, env])
