"""The matching law and the weights of the past, by hand and of agents whose rule is known."""

import numpy as np
import pytest

from baselines.analysis.matching import (
    NO_CHOICE,
    Choices,
    Ratios,
    choice_history,
    fit_line,
    invalid_share,
    ratios,
    read_choices,
)
from baselines.common.errors import InputError
from baselines.evaluation.evaluate import evaluate

LEFT, RIGHT, CENTRE = range(3)
ENV_ID = "MetaMatching-v0"


def choices(arms, paid):
    arms = np.array(arms)
    lengths = np.full(len(arms), arms.shape[1])
    return Choices(arms, np.array(paid) == 1, lengths, np.zeros(len(arms)))


def test_ratios_are_counted_in_the_last_two_thirds_of_an_episode_by_hand():
    """Six trials, of which four count: 3 to 1 choices, 2 to 1 rewards; then 1 to 2 and 1 to 1."""
    played = choices(
        [[0, 0, 1, 1, 0, 1], [1, 1, 1, 0, NO_CHOICE, 0], [0, 0, 1, 1, 1, 1]],
        [[1, 1, 1, 0, 1, 1], [1, 0, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1]],
    )
    points = ratios(played)
    assert points.choices == pytest.approx(np.log2([3, 1 / 2]))
    assert points.rewards == pytest.approx(np.log2([2, 1]))
    assert len(points.left_rates) == 2  # The third never chose left there.


@pytest.mark.parametrize(("length", "first"), [(50, 17), (51, 17), (52, 18), (99, 33), (100, 34)])
def test_the_first_third_does_not_count(length, first):
    played = Choices(
        np.zeros((1, 100), int), np.zeros((1, 100), bool), np.array([length]), np.zeros(1)
    )
    assert np.flatnonzero(played.later[0]).tolist() == list(range(first, length))


def test_the_slope_is_that_of_an_agent_whose_matching_is_known():
    """Choices of 2^(s x) to 1 where rewards are 2^x to 1, in episodes made to measure."""
    for slope in (0.5, 1.0):
        arms, paid = [], []
        for x in (-4, -2, 0, 2, 4):
            right, left = (2 ** max(sign * slope * x, 0) for sign in (1, -1))
            right, left = round(16 * right), round(16 * left)
            won_right, won_left = 2 ** max(x, 0), 2 ** max(-x, 0)
            late = [1] * right + [0] * left + [NO_CHOICE] * (600 - right - left)
            wins = [i < won_right or right <= i < right + won_left for i in range(600)]
            arms.append([NO_CHOICE] * 300 + late)
            paid.append([False] * 300 + wins)
        line = fit_line(ratios(choices(arms, paid)))
        assert line == pytest.approx((slope, 0, 0), abs=1e-9)


def test_the_line_is_that_of_least_squares():
    """Slope, intercept and error against NumPy's solution of the normal equations."""
    x, noise = np.random.default_rng(0).normal(size=(2, 40))
    line = fit_line(Ratios(x, 0.6 * x - 0.2 + 0.3 * noise, x))
    found, covariance = np.polyfit(x, 0.6 * x - 0.2 + 0.3 * noise, 1, cov=True)
    assert (line.slope, line.intercept) == pytest.approx(tuple(found))
    assert line.error == pytest.approx(covariance[0, 0] ** 0.5)
    assert np.isnan(fit_line(Ratios(x[:2], x[:2], x[:2]))).all()
    assert np.isnan(fit_line(Ratios(0 * x, x, x))).all()


class Rule:
    """An agent that chooses right with log-odds 2 R(t-1) - 1.5 C(t-1) + 0.8 R(t-3) + 0.3."""

    def set_random_seed(self, seed):
        self.rng = np.random.default_rng(seed)

    def predict(self, observation, state=None, episode_start=None, deterministic=False):
        """The memory: signed rewards and choices of the last three trials, latest first."""
        if state is None:
            state = (np.zeros((len(observation), 2, 3)),)
        past = state[0].copy()
        past[episode_start] = 0
        fixation = observation[:, 0] == 1
        after = fixation & ~episode_start
        side = observation[:, 2 + RIGHT] - observation[:, 2 + LEFT]
        new = np.stack([side * observation[:, 5], side], axis=1)
        past[after] = np.concatenate([new[after, :, None], past[after, :, :-1]], axis=2)
        logits = 2 * past[:, 0, 0] - 1.5 * past[:, 1, 0] + 0.8 * past[:, 0, 2] + 0.3
        right = self.rng.random(len(past)) < 1 / (1 + np.exp(-logits))
        return np.where(fixation, CENTRE, right.astype(int)), (past,)


def test_an_agent_has_the_weights_of_its_rule():
    """Within 5 standard errors each; broken if lags, signs or kinds got mixed up."""
    history = choice_history(read_choices(evaluate(Rule(), ENV_ID, 1_000, seed=1)), lags=4)
    rewards, before = np.array([2, 0, 0.8, 0]), np.array([-1.5, 0, 0, 0])
    assert (np.abs(history.rewards - rewards) < 5 * history.reward_errors).all()
    assert (np.abs(history.choices - before) < 5 * history.choice_errors).all()
    assert history.reward_errors.max() < 0.05 and history.choice_errors.max() < 0.05


def test_choices_that_follow_from_the_past_have_no_finite_fit():
    played = choices([[0, 1] * 30] * 4, np.random.default_rng(0).integers(2, size=(4, 60)))
    assert all(np.isnan(part).all() for part in choice_history(played, lags=2))


def test_choices_are_those_of_the_task():
    """Base rates, lengths, rewards and invalid responses of random play."""
    evaluation = evaluate("random", ENV_ID, 200, seed=4, env_kwargs={"split": "test"})
    played = read_choices(evaluation)
    assert played.lengths.min() >= 50 and played.lengths.max() <= 100
    assert played.paid.sum() == (evaluation.rewards > 0).sum()
    assert not played.paid[played.arms == NO_CHOICE].any()
    band = np.floor(10 * played.left_rates)
    assert set(band) == {1, 3}
    richer_left = played.left_rates > 0.25
    won = [(played.paid & (played.arms == arm)).sum(axis=1) for arm in (0, 1)]
    assert won[0][richer_left].sum() > 1.3 * won[1][richer_left].sum()
    assert won[1][~richer_left].sum() > 1.3 * won[0][~richer_left].sum()
    assert invalid_share(evaluation) == pytest.approx(0.5, abs=0.02)
    assert invalid_share(evaluate("optimal", ENV_ID, 20)) == 0.0


def test_other_tasks_are_refused():
    with pytest.raises(InputError, match=r"^MetaBandit-v0 is not a matching task$"):
        read_choices(evaluate("random", "MetaBandit-v0", 2))
