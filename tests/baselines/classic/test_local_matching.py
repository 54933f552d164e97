"""The local matching law, by hand, and how well it does."""

import numpy as np
import pytest

from baselines.common.environments import make_vector_env
from baselines.common.errors import InputError
from baselines.evaluation.evaluate import evaluate
from baselines.registry import make_agent

ENV_ID = "MetaMatching-v0"


def test_incomes_are_leaky_sums_and_choices_their_shares():
    """Left pays, then right does not, then nothing is chosen; a quarter is forgotten each time."""
    agent = make_agent("local-matching,time_constant=4", make_vector_env(ENV_ID, 1))
    memory, income = agent.initial_memory(1), np.array([0.25, 0.25])
    for action, reward in ((0, 1.0), (1, 0.0), (2, -1.0)):
        for step in ((0, 2, 0.0, 1), (1, action, reward, 0)):
            assert memory[0, 1:] == pytest.approx(income)
            agent.update(memory, *(np.array([x]) for x in step))
        income = 0.75 * income + [0.25 * (reward > 0), 0]
    assert memory[0, 1:] == pytest.approx(income)
    memory[0, 0] = 1
    agent.set_random_seed(0)
    share = agent.act(np.repeat(memory, 40_000, axis=0)).mean()
    assert abs(share - income[1] / income.sum()) < 5 * 0.5 / 200


def test_at_the_fixation_point_it_responds_with_the_centre():
    agent = make_agent("local-matching", make_vector_env(ENV_ID, 1))
    assert (agent.act(agent.initial_memory(5)) == 2).all()


def test_who_forgets_everything_at_once_repeats_what_paid_and_else_guesses():
    """A time constant of 1: a reward decides the next choice, none leaves it open, not nan."""
    agent = make_agent("local-matching,time_constant=1", make_vector_env(ENV_ID, 1))
    agent.set_random_seed(0)
    for incomes, share in (((0, 1), 1.0), ((1, 0), 0.0), ((0, 0), 0.5)):
        memory = np.tile((1.0, *incomes), (10_000, 1))
        assert abs(agent.act(memory).mean() - share) < 0.025


def test_fifteen_trials_are_about_the_best_time_constant():
    """As its docstring says: ahead of 3 and of 100 by far more than the errors, about 0.2."""
    means = {
        tau: evaluate(f"local-matching,time_constant={tau}", ENV_ID, 2_000).mean_return
        for tau in (3, 15, 100)
    }
    assert means[15] > max(means[3], means[100]) + 1
    assert evaluate("optimal", ENV_ID, 2_000).mean_return > means[15] + 1


def test_it_is_refused_where_it_cannot_play_and_with_a_wrong_argument():
    with pytest.raises(InputError, match=r"^local-matching is for the matching task: choose from "):
        make_agent("local-matching", make_vector_env("MetaBandit-v0", 1))
    with pytest.raises(InputError, match=r"^time_constant must be a number between 1 and 1e\+09"):
        make_agent("local-matching,time_constant=0.5", make_vector_env(ENV_ID, 1))
