"""The exact distance of an agent from the optimum, beside its scores."""

from dataclasses import replace

import numpy as np
import pytest

from baselines.evaluation import evaluate as evaluate_module
from baselines.evaluation.evaluate import evaluate
from meta_envs.optimal import optimal_return
from meta_envs.tasks.bandits.bernoulli_bandit import BernoulliBandit
from tests.meta_envs.cases import standard_error

EPISODES = 2_000


def test_the_optimum_has_no_gap():
    """Not even a little of one: ties must be ties, and rounding none of its business."""
    e = evaluate("optimal", "MetaBandit-v0", EPISODES)
    assert e.optimality_gaps.shape == (EPISODES,)
    assert (e.optimality_gap == 0).all()
    assert e.ci95_optimality_gap == (0, 0)


@pytest.mark.parametrize("num_trials", [10, 100])
def test_the_gap_of_random_is_what_it_lacks_on_average(num_trials):
    """Random earns half of all pulls; false alarm 6e-5."""
    e = evaluate("random", "MetaBandit-v0", EPISODES, env_kwargs={"num_trials": num_trials})
    expected = optimal_return(BernoulliBandit(1, num_trials=num_trials)) - num_trials / 2
    assert abs(e.mean_optimality_gap - expected) < 4 * standard_error(e.optimality_gaps)


@pytest.mark.parametrize("agent", ["thompson", "ucb", "greedy", "win-stay-lose-shift"])
def test_the_gap_is_the_difference_to_the_optimum_with_less_noise(agent):
    """Both estimate the same; false alarm 6e-5 an agent."""
    e = evaluate(agent, "MetaBandit-v0", EPISODES, seed=3)
    best = evaluate("optimal", "MetaBandit-v0", EPISODES, seed=3)
    apart = e.optimality_gaps + e.returns - best.returns
    assert abs(apart.mean()) < 4 * standard_error(apart)
    low, high = e.ci95_optimality_gap
    assert low < e.mean_optimality_gap < high
    paired_low, paired_high = e.ci95_difference_to_optimum
    assert high - low < 0.8 * (paired_high - paired_low)


def test_the_gap_stands_in_the_summary_and_past_an_end_there_is_none():
    e = evaluate("random", "MetaBandit-v0", 20)
    summary = e.summary()
    assert summary["mean_optimality_gap"] == pytest.approx(e.optimality_gaps.mean())
    assert summary["ci95_optimality_gap"] == e.ci95_optimality_gap
    lengths = np.arange(20)
    assert e.optimality_gap[0].any()
    short = replace(e, lengths=lengths)
    for gaps, whole, length in zip(short.optimality_gap, e.optimality_gap, lengths, strict=True):
        assert (gaps[:length] == whole[:length]).all()
        assert not gaps[length:].any()


@pytest.mark.parametrize(
    ("env_id", "kwargs"),
    [
        ("MetaBandit-v0", {"num_arms": 3}),
        ("MetaBandit-v0", {"num_trials": 1_000}),
        ("MetaTwoStep-v0", {}),
        ("MetaTabularMDP-v0", {}),
        ("CartPole-v1", {}),
    ],
    ids=str,
)
def test_where_it_is_not_known_it_is_none(env_id, kwargs):
    """More arms, too long a programme, no such function, no optimum, not ours."""
    e = evaluate("random", env_id, 2, env_kwargs=kwargs)
    assert e.optimality_gap is e.optimality_gaps is None
    assert e.mean_optimality_gap is e.ci95_optimality_gap is None


def test_nobody_waits_for_a_gap_that_is_not_asked_for(monkeypatch):
    """The programme takes a while, and each evaluation would."""
    calls = []

    def count(*arguments):
        calls.append(arguments)
        return np.zeros((2, 100))

    monkeypatch.setattr(evaluate_module, "optimality_gaps", count)
    e = evaluate("random", "MetaBandit-v0", 2)
    assert (e.mean_return > 0, calls) == (True, [])
    e.summary()
    assert len(calls) == 1
