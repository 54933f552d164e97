"""Stays in the two-step task, by hand, and intervals that hold what they say."""

import numpy as np
import pytest

from baselines.analysis.two_step import KINDS, Trials, read_trials, stay_probabilities
from baselines.common.errors import InputError
from baselines.evaluation.evaluate import evaluate
from tests.meta_envs.bounds import happens


def trials(choices, seconds, rewards):
    return Trials(np.array(choices), np.array(seconds), np.array(rewards, float))


def test_stays_are_counted_by_what_the_trial_before_brought():
    """Two episodes by hand; broken if kinds, order or the episodes' borders got mixed up."""
    played = trials(
        [[0, 0, 1, 1, 0], [1, 1, 1, 0, 0]],
        [[0, 1, 0, 1, 1], [0, 1, 0, 1, 0]],
        [[1, 1, 0, 0, 1], [0, 0, 1, 1, 0]],
    )
    assert played.kinds.tolist() == [[0, 1, 3, 2, 1], [3, 2, 1, 1, 2]]
    assert KINDS[3] == "unrewarded, rare"
    # Kind 0: stay. Kind 1: switch; switch, stay. Kind 2: switch; stay. Kind 3: stay; stay.
    assert stay_probabilities(played).mean == pytest.approx([1, 1 / 3, 1 / 2, 1])
    first = stay_probabilities(played, 2)
    assert first.mean == pytest.approx([1, np.nan, np.nan, 1], nan_ok=True)
    for wrong in (1, 6):
        with pytest.raises(ValueError, match=r"num_trials must be in 2\.\.5"):
            stay_probabilities(played, wrong)


@pytest.mark.parametrize("env_id", ["MetaTwoStep-v0", "MetaTwoStepReversal-v0"])
def test_trials_are_those_of_the_task(env_id):
    """Common in 3 of 4 or 4 of 5; the better state pays in 9 of 10, and which is in the task."""
    evaluation = evaluate("random", env_id, 300, seed=4)
    played = read_trials(evaluation)
    common, num_actions = (0.75, 2) if env_id == "MetaTwoStep-v0" else (0.8, 3)
    if num_actions == 2:
        assert played.rewards.sum() == evaluation.rewards.sum()
    chosen = played.chosen
    assert happens((played.choices == played.seconds)[chosen].sum(), chosen.sum(), common)
    assert set(np.unique(played.choices)) == set(range(num_actions))
    assert set(np.unique(played.seconds)) == {0, 1}
    assert ((played.kinds >= 0) == (chosen & (played.rewards >= 0))).all()
    # Trial by trial the rewards of a state go with those of the same state in the next trial.
    valid = (played.rewards[:, 1:] >= 0) & (played.rewards[:, :-1] >= 0)
    same = played.seconds[:, 1:] == played.seconds[:, :-1]
    again = played.rewards[:, 1:] == played.rewards[:, :-1]
    assert again[valid & same].mean() > 0.75 > 0.25 > again[valid & ~same].mean()


def test_an_invalid_response_is_no_choice():
    """By hand; broken if a trial with one counts as a kind, a stay or a switch."""
    played = trials([[0, 2, 0, 0, 0]], [[0, 1, 0, 0, 0]], [[1, 1, -1, 1, 0]])
    assert played.kinds.tolist() == [[0, -1, -1, 0, 2]]
    # Of two trials of kind 0 the first is followed by no choice, the second by a stay.
    assert stay_probabilities(played).mean[0] == 1
    assert np.isnan(stay_probabilities(played, 2).mean[0])


def test_other_tasks_are_refused():
    for env_id in ("MetaBandit-v0", "CartPole-v1"):
        with pytest.raises(InputError, match="is not a two-step task"):
            read_trials(evaluate("random", env_id, 2))


@pytest.mark.parametrize("dependent", [False, True])
def test_intervals_hold_the_truth_as_often_as_they_say(dependent):
    """Broken if trials of one episode were taken for independent ones.

    In a dependent episode all stay or none do. 95 of 100 intervals should hold 0.3; the bounds on
    the share of 600 are wrong for fewer than one seed in a million.
    """
    rng = np.random.default_rng(0)
    hits = []
    for _ in range(600):
        stays = rng.random((50, 1 if dependent else 9)) < 0.3
        choices = np.zeros((50, 10), int)
        choices[:, 1:] = np.cumsum(~np.broadcast_to(stays, (50, 9)), axis=1) % 2
        result = stay_probabilities(trials(choices, choices, np.ones((50, 10))))
        hits.append(result.low[0] <= 0.3 <= result.high[0])
    assert 0.90 < np.mean(hits) < 0.985


def test_certain_stays_have_an_interval_too():
    """Where all stay, an episode counts once: Wilson's lower end is n / (n + 1.96^2)."""
    choices = np.zeros((20, 6), int)
    result = stay_probabilities(trials(choices, choices, np.ones((20, 6))))
    assert result.mean[0] == result.high[0] == 1
    assert result.low[0] == pytest.approx(20 / (20 + 1.96**2))


@pytest.mark.parametrize(
    ("env_id", "episodes", "num_trials", "expected"),
    [
        ("MetaTwoStep-v0", 20_000, None, (1.0, 0.51, 0.51, 1.0)),
        ("MetaTwoStep-v0", 20_000, 2, (1.0, 0.0, 0.0, 1.0)),
        ("MetaTwoStepReversal-v0", 2_000, None, (1.0, 0.663, 0.663, 1.0)),
    ],
)
def test_the_optimum_stays_as_often_as_it_was_known_to(env_id, episodes, num_trials, expected):
    """Broken if the task or the policy differs from the papers'; the figures are ours, rounded.

    The standard error of a share, over seeds, is below 0.004 here.
    """
    trials = read_trials(evaluate("optimal", env_id, episodes))
    assert stay_probabilities(trials, num_trials).mean == pytest.approx(expected, abs=0.013)
