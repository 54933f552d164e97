"""Minibatches: which steps are in them, and in what form."""

import numpy as np
import pytest
import torch
from gymnasium import spaces
from sb3_contrib.common.recurrent.buffers import RecurrentRolloutBuffer
from sb3_contrib.common.recurrent.type_aliases import RNNStates
from stable_baselines3.common.utils import set_random_seed

from baselines.recurrent_ppo import WholeEpisodeBuffer

STEPS, ENVS = 6, 4


def fill(buffer_class, lengths=None):
    """A full buffer; every episode lasts 3 steps, or as long as drawn from `lengths`.

    The observation of step t in environment i is (i, t).
    """
    rng = np.random.default_rng(0)
    shape = (STEPS, 1, ENVS, 2)
    space = spaces.Box(-np.inf, np.inf, (2,))
    buffer = buffer_class(STEPS, space, spaces.Discrete(3), shape, "cpu", n_envs=ENVS)
    for t in range(STEPS):
        starts = np.full(ENVS, t % 3 == 0) if lengths is None else rng.random(ENVS) < 1 / lengths
        pi, vf = (tuple(torch.randn(2, 1, ENVS, 2)) for _ in range(2))
        buffer.add(
            np.stack([np.arange(ENVS), np.full(ENVS, t)], axis=1),
            rng.integers(3, size=(ENVS, 1)),
            rng.normal(size=ENVS),
            starts,
            torch.tensor(rng.normal(size=ENVS)),
            torch.tensor(rng.normal(size=ENVS)),
            lstm_states=RNNStates(pi, vf),
        )
    buffer.compute_returns_and_advantage(torch.zeros(ENVS), np.zeros(ENVS))
    return buffer


def columns(sample):
    """The environments of a minibatch, having checked that all their steps are there in order."""
    pairs = sample.observations[sample.mask > 0].numpy().reshape(-1, STEPS, 2)
    np.testing.assert_array_equal(pairs[:, :, 1], np.tile(np.arange(STEPS), (len(pairs), 1)))
    assert (pairs[:, :, 0] == pairs[:, :1, 0]).all()
    return pairs[:, 0, 0].astype(int).tolist()


def test_minibatches_are_whole_columns_each_once_in_a_fresh_order():
    """A column cut in two would cut an episode; a fixed order would couple the same episodes."""
    set_random_seed(0)
    buffer = fill(WholeEpisodeBuffer)
    epochs = []
    for _ in range(20):
        batches = [columns(sample) for sample in buffer.get(2 * STEPS)]
        assert [len(batch) for batch in batches] == [2, 2]
        epochs.append(tuple(env for batch in batches for env in batch))
        assert sorted(epochs[-1]) == list(range(ENVS))
    assert len(set(epochs)) > 5


def test_the_order_follows_from_the_seed():
    """Stable-Baselines3 seeds NumPy's global generator, and nothing else reaches the buffer."""
    buffer, orders = fill(WholeEpisodeBuffer), []
    for _ in range(2):
        set_random_seed(3)
        orders.append([columns(sample) for _ in range(5) for sample in buffer.get(STEPS)])
    assert orders[0] == orders[1]


@pytest.mark.parametrize("lengths", [None, 1, 2, 5])
def test_a_minibatch_equals_the_stock_one_of_the_same_steps(lengths):
    """Sequences, padding and mask as sb3-contrib makes them, for equal and ragged episodes."""
    torch.manual_seed(0)
    stock = fill(RecurrentRolloutBuffer, lengths)
    torch.manual_seed(0)
    ours = fill(WholeEpisodeBuffer, lengths)
    next(stock.get())  # lays the steps out environment by environment
    env_change = np.zeros((ENVS, STEPS))
    env_change[:, 0] = 1
    for sample in ours.get(2 * STEPS):
        steps = np.concatenate([np.arange(STEPS) + STEPS * env for env in columns(sample)])
        expected = stock._get_samples(steps, env_change.reshape(-1, 1))
        for name in sample._fields:
            if name != "lstm_states":
                assert torch.equal(getattr(sample, name), getattr(expected, name)), name
                assert getattr(sample, name).dtype == getattr(expected, name).dtype, name
        # Where a sequence starts with an episode its state is reset before it is used.
        starts = expected.episode_starts.view(expected.lstm_states.pi[0].shape[1], -1)[:, 0]
        keep = (1 - starts).view(1, -1, 1)
        for mine, theirs in zip(sample.lstm_states, expected.lstm_states, strict=True):
            for a, b in zip(mine, theirs, strict=True):
                assert torch.equal(a * keep, b * keep)


def test_no_batch_size_gives_everything_at_once():
    (sample,) = fill(WholeEpisodeBuffer).get()
    assert sorted(columns(sample)) == list(range(ENVS))


def test_a_batch_size_that_would_cut_columns_is_refused():
    with pytest.raises(ValueError, match="multiple of n_steps=6, got 8"):
        next(fill(WholeEpisodeBuffer).get(8))
