"""The map of choices shows what an agent does with what it knows."""

import numpy as np

from baselines.evaluation.evaluate import evaluate
from baselines.experiments.inside.exploration import MEANS, PULLS, chosen_map

ENV_ID = "MetaBandit-v0"
CENTRES = (MEANS[:-1] + MEANS[1:]) / 2


def its_map(agent, episodes=300):
    evaluation = evaluate(agent, ENV_ID, episodes)
    return chosen_map(evaluation, (evaluation.actions == 0).astype(np.float64))


def test_who_takes_the_higher_mean_changes_over_at_no_difference():
    """Broken if the arms, or what is less known, were taken for each other."""
    share, _ = its_map("greedy")
    seen = ~np.isnan(share)
    above = seen & (np.diff(MEANS)[0] < CENTRES)
    below = seen & (-np.diff(MEANS)[0] > CENTRES)
    assert above.any() and below.any()
    assert (share[above] == 1).all()
    assert (share[below] == 0).all()


def test_who_pays_a_bonus_for_the_unknown_changes_over_below():
    """The optimum pulls the less known arm also where its mean is lower; greedy never does."""
    share, number = its_map("optimal")
    below = (-np.diff(MEANS)[0] > CENTRES) & ~np.isnan(share)
    assert share[below].max() > 0.3
    assert number.shape == share.shape == (len(PULLS) - 1, len(MEANS) - 1)


def test_arms_pulled_equally_often_are_not_on_it():
    evaluation = evaluate("optimal", ENV_ID, 10, env_kwargs={"num_trials": 1})
    _, number = chosen_map(evaluation, np.ones((10, 1)))
    assert number.sum() == 0
