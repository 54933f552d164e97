"""Choices by trial, by hand and those of agents that are known."""

import numpy as np
import pytest

from baselines.analysis.harlow import correct_by_trial, read_choices
from baselines.errors import InputError
from baselines.evaluation import evaluate
from baselines.records import Episode, Evaluation

SYMBOLS = "MetaHarlowSymbolic-v0"


def test_choices_by_hand():
    """Broken if fixation is taken for a choice, or a choice is counted in another trial."""
    rewards = np.array([[0.2, 0, 1, 0, 0.2, -1], [0, 0.2, 0, -1, 0, 0.2], [0] * 6])
    evaluation = Evaluation(
        env_id=SYMBOLS,
        agent="by hand",
        seed=0,
        rewards=rewards,
        regret=None,
        lengths=np.full(3, 6),
        actions=np.zeros(rewards.shape, np.uint8),
        episodes=(Episode(0),) * 3,
        env_kwargs={"num_trials": 3},
    )
    choices, nan = read_choices(evaluation), np.nan
    assert np.array_equal(choices, [[1, 0, nan], [0, nan, nan], [nan] * 3], equal_nan=True)
    assert np.array_equal(correct_by_trial(choices), [0.5, 0, nan], equal_nan=True)


@pytest.mark.parametrize("env_id", [SYMBOLS, "MetaHarlow-v0"])
def test_the_optimum_errs_in_the_first_trial_alone(env_id):
    """Broken if choices and trials do not belong together; 5 standard errors, 6e-7."""
    shares = correct_by_trial(read_choices(evaluate("optimal", env_id, 400)))
    assert abs(shares[0] - 0.5) < 5 * 0.5 / 20
    assert shares[1:].tolist() == [1.0] * 9


def test_another_task_is_refused():
    with pytest.raises(InputError, match=r"^MetaBandit-v0 is not the Harlow task$"):
        read_choices(evaluate("random", "MetaBandit-v0", 2))
