"""Gaussian policies: beside torch's and SciPy's in double precision."""

import numpy as np
import pytest
import torch
from gymnasium import spaces
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from baselines.common.errors import InputError
from baselines.networks.actions import make_actions
from baselines.networks.gaussian import entropy_of, standardise
from baselines.networks.kernels.maths import normal_quantile
from baselines.networks.sampling import gaussian, sample
from meta_envs.core.compiled import compiled
from tests.baselines.aim import Odd

F = np.float32


@compiled
def quantiles(uniform, out):
    for i in range(len(uniform)):
        out[i] = normal_quantile(uniform[i])


def test_uniform_numbers_become_normal_ones():
    """Broken if a coefficient is wrong, the two parts do not meet, or an end gives an infinity."""
    ends = np.arange(2_000)
    steps = np.unique([*ends, *range(0, 2**24, 1_009), *(2**24 - 1 - ends)])
    out = np.empty(len(steps), F)
    quantiles((steps * 2.0**-24).astype(F), out)
    np.testing.assert_allclose(out, norm.ppf((steps + 0.5) / 2**24), rtol=1e-6, atol=1e-7)
    np.testing.assert_array_equal(out[:2_000], -out[:-2_001:-1])


def test_noise_has_the_standard_deviations_asked_for():
    log_std = np.array([0.0, -2.0, 1.5], F)
    noise = gaussian(np.random.default_rng(0), log_std, np.empty((100, 400, 3), F))
    scaled = noise.reshape(-1, 3) / np.exp(log_std)
    # Five standard errors of 40,000 numbers: a false alarm in a million runs.
    assert np.abs(scaled.mean(axis=0)).max() < 5 / 200
    assert np.abs(scaled.std(axis=0) - 1).max() < 5 / 283
    assert abs(np.corrcoef(scaled.T) - np.eye(3)).max() < 5 / 200


def test_an_action_is_the_mean_and_the_noise():
    """Without noise the most probable one; the value behind the means must not be taken along."""
    heads, noise = np.arange(6, dtype=F).reshape(2, 3), F([[1, 2], [3, 4]])
    actions = np.zeros((2, 2), F)
    sample(heads, noise, actions)
    np.testing.assert_array_equal(actions, [[1, 3], [6, 8]])


@given(st.integers(0, 1_000), st.integers(1, 5))
def test_densities_and_entropy_are_torchs(seed, size):
    rng = np.random.default_rng(seed)
    means, actions = rng.normal(size=(2, 7, size)).astype(F)
    log_std = rng.normal(size=size).astype(F)
    scores, log_probs = np.empty((7, size), F), np.empty(7, F)
    standardise(means, actions, log_std, scores, log_probs)
    exact = torch.distributions.Normal(
        torch.from_numpy(means).double(), torch.from_numpy(log_std).double().exp()
    )
    expected = exact.log_prob(torch.from_numpy(actions).double()).sum(1)
    np.testing.assert_allclose(log_probs, expected, rtol=1e-5, atol=1e-5)
    assert entropy_of(log_std) == pytest.approx(exact.entropy()[0].sum().item(), abs=1e-5)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (3,), (2, 2)])
def test_actions_go_clipped_and_in_shape_into_the_environment(shape, kind):
    """Also where a bound is a number that float32 does not have, or there is none."""
    high = np.full(shape, 0.1, kind)
    if shape:
        high.flat[-1] = np.inf
    space = spaces.Box(kind(-np.inf), high, shape, kind)
    actions = make_actions(space, "an agent")
    drawn = actions.empty(4)
    drawn[:] = 7
    sent = actions.for_env(drawn)
    assert sent.shape == (4, *shape) and sent.dtype == kind
    assert all(space.contains(np.asarray(one)) for one in sent)
    assert (sent.max() == 7) == bool(shape)
    assert (drawn == 7).all()  # What is learnt from is the draw.


@pytest.mark.parametrize("space", [Odd.action_space, spaces.Box(0, 9, (2,), np.int64)])
def test_other_actions_are_refused(space):
    with pytest.raises(InputError, match="an agent: actions must be Discrete or a Box of real"):
        make_actions(space, "an agent")
