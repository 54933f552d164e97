"""Right choices by trial are read off the rewards that choices brought."""

import numpy as np
import pytest

from baselines.analysis.harlow import read_choices, share_correct
from baselines.common.errors import InputError
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.replay import replay

CODES, PIXELS = "MetaHarlowSymbolic-v0", "MetaHarlow-v0"


@pytest.mark.parametrize("env_id", [CODES, PIXELS])
@pytest.mark.parametrize("kwargs", [{}, {"pairs": "one-new", "split": "test", "num_trials": 3}])
def test_the_optimum_guesses_once_and_is_right_ever_after(env_id, kwargs):
    """Broken if a choice is counted for another trial; the guess is off in 1e-6 of all seeds."""
    right = read_choices(evaluate("optimal", env_id, 60, 2, kwargs))
    assert right.shape == (60, kwargs.get("num_trials", 10))
    assert 10 < right[:, 0].sum() < 50
    assert (right[:, 1:] == 1).all()


def test_choices_are_those_of_the_episodes_played_again():
    """Against the trial that the environment itself names at each step."""
    evaluation = evaluate("random", CODES, 40, 1, {"max_frames": 1200})
    right = read_choices(evaluation)
    trials = replay(evaluation, lambda env, observation, infos: trial_of(infos))
    for env, (row, rewards) in enumerate(zip(right, evaluation.rewards, strict=True)):
        expected = np.full(10, np.nan)
        for trial, reward in zip(trials[env], rewards, strict=True):
            if abs(reward) == 1:
                expected[trial] = reward == 1
        assert np.array_equal(row, expected, equal_nan=True)
    assert 0 < np.isnan(right).sum() < right.size


def trial_of(infos):
    """The trial of each step, also where it ended its episode."""
    trial = infos.get("trial", 0)
    return trial + infos["final_info"]["trial"] if "final_info" in infos else trial


def test_shares_and_intervals_are_wilsons():
    """9 of 10 by hand: 0.596 to 0.982; none where there is nothing to count."""
    right = np.full((12, 3), np.nan)
    right[:10, 0] = [1] * 9 + [0]
    right[:, 1] = 1
    mean, low, high, count = share_correct(right)
    assert count.tolist() == [10, 12, 0]
    assert (mean[:2].tolist(), np.isnan(mean[2])) == ([0.9, 1.0], True)
    assert low[0] == pytest.approx(0.596, abs=5e-4) and high[0] == pytest.approx(0.982, abs=5e-4)
    assert low[1] < high[1] == 1


def test_another_task_is_refused():
    with pytest.raises(InputError, match="MetaBandit-v0 is no Harlow task"):
        read_choices(evaluate("random", "MetaBandit-v0", 2))
