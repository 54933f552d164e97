"""The optimum of the two-step task, against programmes that do not know what makes it simple."""

import itertools
import math
from functools import cache

import numpy as np
import pytest

from meta_envs.optimal import optimal_policy, optimal_return
from meta_envs.optimal.two_step.two_step import after_reversal
from meta_envs.optimal.two_step.two_step_values import NODES, certainty_with_reversals
from meta_envs.tasks.two_step.two_step import TwoStep
from tests.meta_envs.cases import Case, optimal_returns


def best_return(family):
    """The value of the task by a search over choices and everything that can follow from them.

    The belief is the joint probability of which state is good; nothing is assumed about which
    choice is better, nor about what a trial tells.
    """
    c, p, h = (
        family.common_probability,
        family.reward_probability,
        family.reversal_probability,
    )

    @cache
    def best(belief, left):
        if left == 0:
            return 0.0
        values = []
        for choice in (0, 1):
            value = 0.0
            for second, paid in itertools.product((0, 1), (0, 1)):
                transition = c if second == choice else 1 - c
                joint = []
                for good, weight in enumerate((belief, 1 - belief)):
                    pays = p if second == good else 1 - p
                    joint.append(weight * transition * (pays if paid else 1 - pays))
                chance = sum(joint)
                if chance > 0:
                    after = joint[0] / chance
                    after = after * (1 - h) + (1 - after) * h
                    # Rounded, so that equal beliefs reached in another order are one entry.
                    value += chance * (paid + best(round(after, 13), left - 1))
            values.append(value)
        return max(values)

    return best(0.5, family.num_trials)


@pytest.mark.parametrize(
    ("num_trials", "kwargs"),
    [
        (1, {}),
        (2, {}),
        (10, {}),
        (10, {"common_probability": 1.0, "reward_probability": 0.7}),
        (10, {"reward_probability": 1.0}),
        (10, {"common_probability": 0.5}),
        (10, {"reversal_probability": 1.0}),
        (8, {"reversal_probability": 0.025, "common_probability": 0.8}),
        (8, {"reversal_probability": 0.3}),
        (8, {"reversal_probability": 0.9}),
        (8, {"reversal_probability": 0.5}),
    ],
)
def test_the_value_is_that_of_a_search_over_all_choices(num_trials, kwargs):
    """Broken if greedy is not optimal after all, or its value is summed up wrongly."""
    family = TwoStep(1, num_trials, **kwargs)
    assert optimal_return(family) == pytest.approx(best_return(family), abs=1e-6)


def test_the_value_over_ten_trials_is_the_known_one():
    """6.688, or 0.669 a trial, of the 7 that knowing the good state would bring."""
    assert optimal_return(TwoStep(1)) == pytest.approx(6.688, abs=5e-4)


def certainty(p, h, num_trials):
    """The sum of E[max(b, 1 - b)] over trials by listing every sequence of evidence."""
    joint, total = np.array([[0.5, 0.5]]), 0.0
    for _ in range(num_trials):
        total += joint.max(axis=1).sum()
        joint = np.concatenate([joint * (p, 1 - p), joint * (1 - p, p)])
        joint = joint * (1 - h) + joint[:, ::-1] * h
    return total


def from_the_start(*arguments, **kwargs):
    """The same by the grid."""
    return certainty_with_reversals(*arguments, **kwargs).sums[-1, -1]


@pytest.mark.parametrize(("p", "h"), [(0.9, 0.025), (0.9, 0.3), (0.7, 0.01), (1.0, 0.1)])
def test_the_grid_is_close_to_the_sum_over_all_evidence_and_never_below(p, h):
    """Broken if the grid is too coarse, or is no upper bound as its docstring says."""
    exact, grid = certainty(p, h, 16), from_the_start(p, h, 16)
    assert -1e-10 < grid - exact < 1e-5
    assert -1e-10 < from_the_start(p, h, 16, nodes=30) - exact < 0.05


@pytest.mark.parametrize(("h", "error"), [(0.025, 1e-6), (0.001, 1e-5), (1e-6, 1e-3)])
def test_a_finer_grid_changes_the_value_by_no_more_than_is_said(h, error):
    """The errors of the docstring, for 100 trials."""
    values = [from_the_start(0.9, h, 100, nodes) for nodes in (NODES, 16 * NODES)]
    assert abs(values[0] - values[1]) < error


def test_the_belief_after_a_possible_reversal_is_that_of_the_formula():
    """Broken if a reversal is weighed wrongly, or certainty makes it overflow."""
    log_odds = np.array([-40.0, -3.0, 0.0, 0.5, 30.0, 800.0])
    before = 1 / (1 + np.exp(-log_odds))
    for h in (0.025, 0.5, 0.9):
        after = 1 / (1 + np.exp(-after_reversal(log_odds, h)))
        assert after == pytest.approx(before * (1 - h) + (1 - before) * h, abs=1e-12)
    assert (after_reversal(log_odds, 0.0) == log_odds).all()
    assert after_reversal(log_odds, 1.0) == pytest.approx(-log_odds)


@pytest.mark.parametrize("h", [0.0, 0.1])
def test_the_policy_believes_what_bayes_says(h):
    """Its log-odds after three trials by hand: for S2, against it, for it."""
    env = Case("MetaTwoStep-v0", {"reversal_probability": h}).native(1)
    policy = optimal_policy(env.family, env.meta_observation)
    memory, belief = policy.initial_memory(1), 0.5
    for second, reward in ((0, 1.0), (1, 1.0), (1, 0.0)):
        for states, paid, after in (([0], [0.0], [1 + second]), ([1 + second], [reward], [0])):
            arrays = np.array(states), np.array([0]), np.array(paid), np.array(after)
            policy.update(memory, *arrays)
        p = 0.9 if (second == 0) == (reward == 1) else 0.1
        belief = p * belief / (p * belief + (1 - p) * (1 - belief))
        belief = belief * (1 - h) + (1 - belief) * h
        assert memory[0, 1] == pytest.approx(math.log(belief / (1 - belief)))
    assert policy.act(memory).tolist() == [0]


def test_the_optimum_of_the_reversal_task_earns_706_of_1000():
    """0.7059 a trial by the grid and by simulation; standard error 0.001."""
    family = Case("MetaTwoStepReversal-v0").scalar().family
    assert optimal_return(family) / 100 == pytest.approx(0.7059, abs=5e-5)
    mean = optimal_returns("MetaTwoStepReversal-v0", 2_000).mean() / 100
    assert mean == pytest.approx(0.7059, abs=0.005)


def test_reversals_that_hardly_ever_come_are_worth_what_none_are():
    """Broken if the odds of the least probability there is are too large for float64."""
    least = optimal_return(TwoStep(1, reversal_probability=5e-324))
    assert least == pytest.approx(optimal_return(TwoStep(1)), abs=0.02)
