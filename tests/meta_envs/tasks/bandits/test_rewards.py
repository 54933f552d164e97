"""Rewards have the stated mean, given the task. False alarms: see tests/meta_envs/bounds."""

import numpy as np
import pytest

from tests.meta_envs.bounds import happens
from tests.meta_envs.cases import Case, some_actions

N = 10_000
BERNOULLI = [
    Case("MetaBandit-v0"),
    Case("MetaBandit-v0", {"num_arms": 5}),
    Case("MetaBanditDependentUniform-v0"),
    Case("MetaBanditDependentEasy-v0"),
    Case("MetaBanditDependentMedium-v0"),
    Case("MetaBanditDependentHard-v0"),
    Case("MetaBanditRestless-v0"),
]
every_bernoulli = pytest.mark.parametrize("case", BERNOULLI, ids=str)


def pulled(case, trials, actions=None, seed=0):
    """Rewards, and the means of the arms pulled, both of shape (trials, N)."""
    envs = case.short(trials).native(N)
    envs.reset(seed=seed)
    rewards, means = [], []
    for trial in range(trials):
        row = some_actions(case, trial, N) if actions is None else np.full(N, actions)
        means.append(envs.family.action_values()[np.arange(N), row])
        rewards.append(envs.step(row)[1])
    return np.array(rewards), np.array(means)


@every_bernoulli
def test_an_arm_pays_with_its_probability(case):
    """Broken if rewards are anything but coins with the arm's probability, at any trial."""
    rewards, means = pulled(case, 5)
    assert set(np.unique(rewards)) == {0.0, 1.0}
    for trial in range(5):
        assert happens(rewards[trial].sum(), N, means[trial].mean(), 5)
    tenth = np.minimum((means * 10).astype(int), 9)
    for k in np.unique(tenth):
        here = tenth == k
        assert happens(rewards[here].sum(), here.sum(), means[here].mean(), 10)


@every_bernoulli
def test_successive_pulls_of_an_arm_are_independent(case):
    """Broken if a pull's noise depends on the noise of the pull before."""
    rewards, means = pulled(case, 3, actions=0)
    for first, second in ((0, 1), (1, 2), (0, 2)):
        both = rewards[first] * rewards[second]
        assert happens(both.sum(), N, (means[first] * means[second]).mean(), 3)


@every_bernoulli
def test_the_noise_of_a_trial_is_the_same_for_every_arm(case):
    """Broken if an arm can miss where a worse one, pulled instead, would have paid."""
    (first, mean), (second, other_mean) = (pulled(case, 3, actions=arm) for arm in (0, 1))
    better = np.where(mean > other_mean, first, second)
    worse = np.where(mean > other_mean, second, first)
    assert (better >= worse).all()


def test_certain_arms_never_fail():
    """Broken if an arm with probability 1 can miss or one with 0 can pay."""
    case = Case("MetaBanditDependentUniform-v0", {"p1_values": [1.0]})
    for arm in (0, 1):
        assert (pulled(case, 3, actions=arm)[0] == 1 - arm).all()


def test_informative_payoffs_are_certain():
    """Broken if a pull pays anything but what the target says it does."""
    case = Case("MetaBanditInformative-v0")
    rewards, means = pulled(case, 3)
    assert (rewards == means).all()


def test_first_pulls_of_the_informative_bandit_have_the_papers_expectations():
    """Broken if the payoffs are not those of the paper: 1.4 for an arm, 0.55 for the last."""
    case = Case("MetaBanditInformative-v0", {"num_trials": 1})
    first, _ = pulled(case, 1, actions=3)
    last, _ = pulled(case, 1, actions=10)
    assert set(np.unique(first)) == {1.0, 5.0}
    assert happens((first == 5).sum(), N, 0.1)
    for target in range(1, 11):
        assert happens((last == target / 10).sum(), N, 0.1, 10)
