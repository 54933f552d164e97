"""Tasks are drawn from the stated distributions. False alarms: see tests/meta_envs/bounds."""

import math

import numpy as np
import pytest

from tests.meta_envs.bounds import follows, happens, has_unit_variance, independent, normal_cdf
from tests.meta_envs.cases import Case

N = 10_000
UNIFORM = "MetaBanditDependentUniform-v0"


def drawn(id, n=N, seed=0, **kwargs):
    """The family of `n` sub-environments just reset."""
    envs = Case(id, {"num_trials": 2} | kwargs).native(n)
    envs.reset(seed=seed)
    return envs.family


def successive(id, key, n=4000, seed=0, **kwargs):
    """An entry of the tasks of successive episodes of one scalar environment."""
    env = Case(id, kwargs).scalar()
    env.reset(seed=seed)
    tasks = []
    for _ in range(n):
        tasks.append(env.task[key])
        env.reset()
    return np.array(tasks)


@pytest.mark.parametrize("num_arms", [2, 5])
def test_arms_are_uniform_and_independent(num_arms):
    """Broken if an arm is better than another, or tells about another."""
    p = drawn("MetaBandit-v0", num_arms=num_arms).probabilities[:, 0]
    assert p.shape == (N, num_arms)
    for arm in range(num_arms):
        assert follows(p[:, arm])
        for other in range(arm):
            assert independent(p[:, arm], p[:, other])


def test_arms_are_uniform_and_independent_over_successive_episodes():
    """Broken if an episode's task depends on the one before it."""
    p = successive("MetaBandit-v0", "probabilities", num_trials=3)
    assert follows(p[:, 0]) and follows(p[:, 1])
    assert independent(p[:, 0], p[:, 1])
    for lag in (1, 2):
        assert independent(p[::3, 0][:-1], p[lag::3, 0][: len(p[::3]) - 1])


def test_sub_environments_are_independent():
    """Broken if neighbours, whose seeds differ by one, share tasks or noise."""
    draws = drawn("MetaBandit-v0").draws
    assert draws.shape == (N, 4)
    for column in draws.T:
        assert independent(column[::2], column[1::2])
        assert len(np.unique(column)) == N


def test_noise_is_independent_of_the_task():
    """Broken if good arms come with good noise."""
    family = drawn("MetaBandit-v0")
    arm, noise = family.probabilities[:, 0, 0], family.draws[:, 2]
    assert follows(noise)
    assert independent(arm, noise)
    assert independent(noise, family.draws[:, 3])


def test_dependent_uniform_p1_is_uniform_and_p2_the_rest():
    p = drawn(UNIFORM).probabilities[:, 0]
    assert follows(p[:, 0])
    assert (p[:, 1] == 1 - p[:, 0]).all()
    assert follows(successive(UNIFORM, "probabilities")[:, 0])


@pytest.mark.parametrize(
    ("id", "kwargs", "values"),
    [
        ("MetaBanditDependentEasy-v0", {}, [0.1, 0.9]),
        ("MetaBanditDependentMedium-v0", {}, [0.25, 0.75]),
        ("MetaBanditDependentHard-v0", {}, [0.4, 0.6]),
        (UNIFORM, {"p1_values": [0.0, 0.2, 1.0]}, [0.0, 0.2, 1.0]),
        (UNIFORM, {"p1_values": [0.7]}, [0.7]),
    ],
)
def test_p1_values_are_equally_likely(id, kwargs, values):
    """Broken if another value than the stated ones comes up, or one more often than others."""
    p = drawn(id, **kwargs).probabilities[:, 0]
    assert sorted(set(p[:, 0])) == values
    assert (p[:, 1] == 1 - p[:, 0]).all()
    for value in values:
        assert happens((p[:, 0] == value).sum(), N, 1 / len(values), len(values))


def test_the_informative_target_is_uniform_and_named_by_the_last_arm():
    family = drawn("MetaBanditInformative-v0")
    counts = np.bincount(family.targets, minlength=10)
    assert len(counts) == 10
    assert all(happens(count, N, 0.1, 10) for count in counts)
    again = np.bincount(successive("MetaBanditInformative-v0", "target"), minlength=10)
    assert len(again) == 10
    assert all(happens(count, 4000, 0.1, 10) for count in again)
    for target, payoffs in zip(family.targets[:500], family.action_values()[:500], strict=True):
        expected = [5.0 if arm == target else 1.0 for arm in range(10)]
        assert payoffs.tolist() == [*expected, (target + 1) / 10]


def test_the_restless_mixture_is_half_and_half():
    """Broken if one volatility is more common, or depends on where the walk starts."""
    family = drawn("MetaBanditRestless-v0")
    sigma = np.array([family.task(env)["sigma"] for env in range(N)])
    low, high = sigma == 0.03, sigma == 0.2
    assert (low | high).all()
    assert happens(low.sum(), N, 0.5)
    assert follows(family.probabilities[low, 0, 0])
    assert follows(family.probabilities[high, 0, 0])
    sigma = successive("MetaBanditRestless-v0", "sigma", num_trials=2)
    assert happens((sigma == 0.03).sum(), len(sigma), 0.5)


@pytest.mark.parametrize(("volatility", "sigma"), [("low", 0.03), ("high", 0.2)])
def test_volatility_low_and_high_have_one_sigma(volatility, sigma):
    family = drawn("MetaBanditRestless-v0", n=200, volatility=volatility)
    assert {family.task(env)["sigma"] for env in range(200)} == {sigma}


def reflected_cdf(end, start, sigma):
    """P(p1 after a step <= end) for a walk at `start`, reflected at 0 and 1."""
    total = np.zeros_like(end)
    reach = 2 + math.ceil(4 * sigma)
    for k in range(-reach, reach + 1):
        above = normal_cdf((2 * k + end - start) / sigma)
        total += above - normal_cdf((2 * k - end - start) / sigma)
    return total


@pytest.mark.parametrize("sigma", [0.03, 0.2, 1.5])
def test_restless_steps_are_gaussian_and_reflected(sigma):
    """Broken if a step has another size, the walk sticks to a border or leaves [0, 1].

    The probability integral transform of each step under the reflected Gaussian is uniform, and
    independent of the next one.
    """
    walk = walks(sigma, num_trials=4, n=5000)
    assert ((walk >= 0) & (walk <= 1)).all()
    transformed = [reflected_cdf(walk[:, t + 1], walk[:, t], sigma) for t in range(3)]
    for u in transformed:
        assert follows(u)
    assert independent(transformed[0], transformed[1])
    assert independent(transformed[1], transformed[2])
    assert independent(walk[:, 0], transformed[0])


def test_restless_steps_away_from_the_borders_are_gaussian():
    """Broken if sigma is not the standard deviation of a step."""
    walk = walks(0.03, num_trials=30, n=3000)
    start, step = walk[:, :-1], np.diff(walk, axis=1)
    inside = (start > 0.3) & (start < 0.7)  # Ten sigma from either border.
    assert inside.sum() > 30_000
    assert follows(step[inside] / 0.03, normal_cdf)
    assert has_unit_variance(step[inside] / 0.03)


@pytest.mark.parametrize("sigma", [0.03, 0.2, 1.5])
@pytest.mark.parametrize("trial", [0, 1, 10, 49])
def test_the_restless_walk_stays_uniform(sigma, trial):
    """Broken if reflection piles probability up anywhere."""
    assert follows(walks(sigma, num_trials=50, n=5000)[:, trial])


def walks(sigma, num_trials, n):
    """p1 at each trial of `n` episodes, shape (n, num_trials)."""
    kwargs = {"volatility": "high", "high_sigma": sigma, "num_trials": num_trials}
    family = drawn("MetaBanditRestless-v0", n=n, **kwargs)
    assert (family.probabilities[:, :, 1] == 1 - family.probabilities[:, :, 0]).all()
    return family.probabilities[:, :, 0]


def test_a_walk_with_no_volatility_stands_still():
    assert (np.diff(walks(0.0, num_trials=20, n=50), axis=1) == 0).all()
