"""Latencies to goals, by hand and against the environment's own count of runs."""

import numpy as np
import pytest

from baselines.analysis.goals import first_and_later, read_latencies
from baselines.common.environments import step_info
from baselines.common.errors import InputError
from baselines.evaluation.episodes import Episode
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.replay import replay
from baselines.evaluation.result import Evaluation

GRID = "MetaIMazeGrid-v0"


def recorded(rewards):
    """An evaluation with these rewards, shape (episodes, steps)."""
    rewards = np.array(rewards, float)
    return Evaluation(
        env_id=GRID,
        agent="by hand",
        seed=0,
        rewards=rewards,
        regret=None,
        lengths=np.full(len(rewards), rewards.shape[1]),
        actions=np.zeros(rewards.shape, np.uint8),
        episodes=(Episode(0),) * len(rewards),
    )


def test_latencies_by_hand():
    """Broken if a goal is counted from the wrong moment, or an apple for a goal."""
    latencies = read_latencies(
        recorded([[0, 10, 0, 0, 11, 10], [1, 0, 0, 0, 0, 10], [0, 0, 1, 0, 0, 0]])
    )
    nan = np.nan
    assert np.array_equal(latencies, [[2, 3, 1], [6, nan, nan], [nan] * 3], equal_nan=True)
    first, later = first_and_later(latencies)
    assert first.tolist() == [2, 6] and later.tolist() == [2]


def test_where_no_goal_was_reached_there_is_nothing():
    first, later = first_and_later(read_latencies(recorded([[0, 1, 0]])))
    assert first.size == later.size == 0


@pytest.mark.parametrize("env_id", [GRID, "MetaIMaze-v0"])
def test_as_many_goals_as_the_environment_counts(env_id):
    near = {"map": "######\n#S AG#\n######", "apples": True, "num_steps": 120}
    evaluation = evaluate("random", env_id, 8, seed=1, env_kwargs=near)
    latencies = read_latencies(evaluation)
    runs = replay(evaluation, lambda env, observation, infos: step_info(infos, "trial"))
    ended = runs[:, -1] + (evaluation.rewards[:, -1] >= 10)
    assert ((~np.isnan(latencies)).sum(axis=1) == ended).all() and ended.max() > 1
    # Runs fill the episode up to the last goal.
    assert (np.nansum(latencies, axis=1) <= 120).all()


def test_the_optimum_is_slower_only_to_the_first_goal():
    first, later = first_and_later(read_latencies(evaluate("optimal", GRID, 500, seed=0)))
    assert first.mean() == pytest.approx(15.2, abs=4 * 6.5 / 500**0.5)
    assert later.mean() == pytest.approx(9.07, abs=0.1)


def test_other_tasks_are_refused():
    for env_id in ("MetaBandit-v0", "CartPole-v1"):
        evaluation = evaluate("random", env_id, 2)
        with pytest.raises(InputError, match="is not a maze"):
            read_latencies(evaluation)
