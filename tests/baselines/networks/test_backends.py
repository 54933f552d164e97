"""The two backends: what NumPy computes by hand is what autograd computes."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines.networks.actor_critic import ActorCritic
from baselines.networks.backends import NumpyBackend, TorchBackend
from baselines.networks.cells.lstm import LSTM


def make(size, actions, hidden, initial_state="learned"):
    """A network with nothing left at zero."""
    network = ActorCritic(LSTM(size, hidden), actions, initial_state)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return network


def play(backend, observations, starts):
    """Two rollouts, the second going on from the first; returns the heads of the second."""
    for _ in range(2):
        backend.begin()
        for t, (observation, start) in enumerate(zip(observations, starts, strict=True)):
            backend.step(t, observation, start)
    return backend.heads.copy()


@settings(max_examples=40)
@given(
    st.integers(0, 10_000),
    st.integers(1, 6),
    st.integers(1, 5),
    st.sampled_from([0.0, 0.3, 1.0]),
    st.sampled_from(["zero", "learned"]),
)
def test_both_backends_compute_the_same(seed, num_steps, num_envs, start_rate, initial_state):
    """Heads, states, values and every gradient, with episodes that start anywhere.

    Broken if a gate, a restart or a sum over steps is wrong in the hand-written pass.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    size, actions, hidden = rng.integers(1, 7, 3).tolist()
    network = make(size, actions, hidden, initial_state)
    observations = rng.normal(size=(num_steps, num_envs, size)).astype(np.float32)
    starts = rng.random((num_steps, num_envs)) < start_rate
    head_gradients = rng.normal(size=(num_steps, actions + 1, num_envs)).astype(np.float32)
    results = []
    for kind in (NumpyBackend, TorchBackend):
        backend = kind(network, num_steps, num_envs)
        heads = play(backend, observations, starts)
        values = backend.values(observations[0], starts[0])
        network.zero_grad()
        backend.backward(head_gradients)
        gradients = {
            n: p.grad.numpy().copy() for n, p in network.named_parameters() if p.requires_grad
        }
        results.append(
            {"heads": heads, "values": values, **gradients}
            | dict(zip("hc", backend.state, strict=True))
        )
    assert results[0].keys() == results[1].keys()
    for name, array in results[0].items():
        np.testing.assert_allclose(array, results[1][name], atol=1e-4, rtol=1e-4, err_msg=name)


@pytest.mark.parametrize("kind", [NumpyBackend, TorchBackend])
def test_a_backend_goes_on_from_a_state(kind):
    """Broken if a checkpoint's state would be lost or transposed."""
    network = make(3, 2, 4)
    observation, starts = np.ones((5, 3), np.float32), np.zeros(5, np.bool_)
    first, second = kind(network, 1, 5), kind(network, 1, 5)
    rng = np.random.default_rng(0)
    first.state = rng.normal(size=(2, 4, 5)).astype(np.float32)
    first.begin()
    first.step(0, observation, starts)
    second.state = tuple(part.copy() for part in first.state)
    for backend in (first, second):
        backend.begin()
        backend.step(0, observation, starts)
    np.testing.assert_array_equal(first.heads, second.heads)


@pytest.mark.parametrize("kind", [NumpyBackend, TorchBackend])
def test_values_leave_the_state_as_it_is(kind):
    """Broken if a look at what a truncation cut off would count as a step."""
    network = make(3, 2, 4)
    backend = kind(network, 1, 5)
    observation, starts = np.ones((5, 3), np.float32), np.ones(5, np.bool_)
    backend.begin()
    backend.step(0, observation, starts)
    before = [part.copy() for part in backend.state]
    values = backend.values(observation, starts)
    np.testing.assert_array_equal(before, backend.state)
    np.testing.assert_allclose(values, backend.heads[0, -1], atol=1e-5)
