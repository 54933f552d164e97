"""A probe reads what is there, and nothing that is not."""

import numpy as np
import pytest

from baselines.common.errors import InputError
from baselines.inside.controls import shuffled
from baselines.inside.probes import PENALTIES, probe, probe_belief, probe_each_step
from tests.baselines.inside.bayes import Mixed, counting_network, record_bayes


@pytest.fixture(scope="module")
def mixed():
    return record_bayes(Mixed())


@pytest.mark.parametrize("network", [Mixed(), counting_network()], ids=["mixed", "lstm"])
def test_a_network_that_is_the_bayes_filter_is_read_in_full(network):
    """Broken if activity and belief are of different steps, or episodes are mixed up."""
    recording = record_bayes(network)
    for found in (
        probe_belief(recording, "counts"),
        probe_each_step(recording.activity, recording.belief["counts"], recording.played),
    ):
        assert found.total.value > 0.9999 and found.within_steps.value > 0.9999
        assert np.isnan(found.by_step.value[0])  # Nothing is known yet, by anybody.
        assert (found.by_step.value[1:] > 0.99).all()
        belief = recording.belief["counts"][found.held_out]
        assert found.predicted == pytest.approx(belief, abs=0.1)


def test_nothing_but_the_time_is_read_of_another_episodes_activity(mixed):
    """Broken if scores are of the episodes that were fitted, or R^2 is a squared correlation."""
    other = shuffled(mixed)
    assert (other.activity != mixed.activity).any(axis=(1, 2)).all()
    found = probe_belief(other, "counts")
    # All counts grow: a clock explains some of them.
    assert found.total.value > 0.1
    assert found.within_steps.value < 0.02 and found.within_steps.low < 0
    each = probe_each_step(other.activity, other.belief["counts"], other.played)
    assert each.within_steps.value < 0.02
    assert np.nanmedian(each.by_step.value) <= 0.01


def test_noise_explains_less_than_nothing_of_held_out_episodes():
    """Broken if the penalty is chosen by the fit itself, or the held-out are among the fitted."""
    rng = np.random.default_rng(0)
    played = np.ones((40, 6), bool)
    for seed in range(5):
        activity, target = rng.normal(size=(40, 6, 50)), rng.normal(size=(40, 6, 2))
        assert -0.1 < probe(activity, target, played).total.value < 0.05, seed


def test_the_fit_is_the_ridge_regression_of_the_normal_equations():
    """Against weights solved for directly, with the penalty that the probe chose."""
    rng = np.random.default_rng(1)
    activity, played = rng.normal(size=(35, 4, 5)) @ rng.normal(size=(5, 5)), np.ones((35, 4), bool)
    target = activity @ rng.normal(size=(5, 2)) + rng.normal(size=(35, 4, 2))
    played[::3, 3] = False
    found = probe(activity, target, played)
    fit = slice(0, 25)
    x, y = activity[fit][played[fit]], target[fit][played[fit]]
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    z = (x - mean) / deviation
    weights = np.linalg.solve(
        z.T @ z + len(z) * found.penalty * np.eye(5), z.T @ (y - y.mean(axis=0))
    )
    said = y.mean(axis=0) + (activity[25:] - mean) / deviation @ weights
    assert found.predicted == pytest.approx(said)
    here = played[25:]
    squares = ((target[25:][here] - y.mean(axis=0)) ** 2).sum()
    assert found.total.value == pytest.approx(
        1 - ((target[25:][here] - said[here]) ** 2).sum() / squares
    )
    assert PENALTIES[0] < found.penalty < PENALTIES[-1]


def test_the_penalty_is_the_one_that_predicts_held_out_folds_best():
    """Against errors of folds that are fitted and predicted one by one."""
    rng = np.random.default_rng(2)
    activity, played = rng.normal(size=(42, 3, 20)), np.ones((42, 3), bool)
    target = activity[..., :1] + 3 * rng.normal(size=(42, 3, 1))
    found = probe(activity, target, played)
    x = activity[:30] - activity[:30].mean(axis=(0, 1))
    x, y = x / x.std(axis=(0, 1)), target[:30] - target[:30].mean()
    errors = np.zeros(len(PENALTIES))
    for fold in np.array_split(np.arange(30), 5):
        rest = np.setdiff1d(np.arange(30), fold)
        a, b = x[rest].reshape(-1, 20), y[rest].reshape(-1, 1)
        mean_a, mean_b = a.mean(axis=0), b.mean()
        for index, penalty in enumerate(PENALTIES):
            square = (a - mean_a).T @ (a - mean_a) + len(a) * penalty * np.eye(20)
            weights = np.linalg.solve(square, (a - mean_a).T @ (b - mean_b))
            errors[index] += ((y[fold] - mean_b - (x[fold] - mean_a) @ weights) ** 2).sum()
    assert found.penalty == PENALTIES[errors.argmin()]


def test_intervals_hold_what_more_episodes_show():
    """95 % intervals of 40 fits hold the R^2 of a perfect fit, .5, at least 31 times.

    With a chance of .95 each, fewer would come once in 50,000 runs.
    """
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(40):
        # All steps of an episode share their noise: episodes are what is independent.
        activity = rng.normal(size=(280, 5, 1))
        scale = np.sqrt(2) * np.abs(rng.normal(size=(280, 1, 1)))
        activity, noise = activity * scale / np.sqrt(2), rng.normal(size=(280, 5, 1))
        found = probe(activity, activity + noise, np.ones((280, 5), bool)).total
        hits += bool(found.low <= 0.5 <= found.high)
    assert hits >= 31


def test_the_timestep_is_a_target_like_any_other(mixed):
    clock = np.broadcast_to(np.arange(20.0), (60, 20))
    found = probe(mixed.activity, clock, mixed.played)
    assert found.total.value > 0.9999  # The sum of all counts.
    assert np.isnan(found.within_steps.value) and np.isnan(found.by_step.value).all()


def test_what_is_past_an_episodes_end_does_not_count(mixed):
    played = mixed.played.copy()
    played[::2, 12:] = False
    belief = np.where(played[..., None], mixed.belief["counts"], 1e6)
    activity = np.where(played[..., None], mixed.activity, -1e6)
    found = probe(activity, belief, played)
    assert found.total.value > 0.9999


def test_bad_input_is_named(mixed):
    with pytest.raises(InputError, match=r"no belief is called 'goal' in MetaBandit.*'counts'"):
        probe_belief(mixed, "goal")
    with pytest.raises(InputError, match="at least 20"):
        probe(mixed.activity[:19], mixed.belief["counts"][:19], mixed.played[:19])
    with pytest.raises(InputError, match="same episodes and steps"):
        probe(mixed.activity, mixed.belief["counts"][:, 1:], mixed.played)
