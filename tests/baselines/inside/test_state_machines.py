"""Two state machines are the same where each can be mapped into the other, and act alike."""

from dataclasses import replace

import numpy as np
import pytest

from baselines.common.errors import InputError
from baselines.evaluation.evaluate import evaluate
from baselines.inside.controls import shuffled
from baselines.inside.mapping import fit_mapping
from baselines.inside.state_machines import (
    bandit_outputs,
    compare_states,
    network_outputs,
    output_dissimilarity,
    probabilities,
)
from tests.baselines.inside.bayes import (
    ENV_ID,
    SHORT,
    Mixed,
    counting_network,
    record_bayes,
)


@pytest.fixture(scope="module")
def compared():
    recording = record_bayes(counting_network(), episodes=140, teacher="optimal")
    return recording, compare_states(recording, "counts")


def test_a_network_that_is_the_bayes_filter_is_simulated_both_ways(compared):
    """Broken if a mapping is scored on another's target, or sees other steps."""
    recording, found = compared
    for missed in (found.to_belief, found.to_activity):
        assert missed.raw.value < 0.02
        assert missed.centred.value < 0.03
        assert missed.within_steps.value < 0.05
        assert np.isnan(missed.by_step.value[0])
    belief = recording.belief["counts"][found.held_out]
    # The published measure, worked out anew.
    squared = ((belief - found.mapped_belief) ** 2).sum(axis=2).mean()
    raw = squared / (belief**2).sum(axis=2).mean()
    assert found.to_belief.raw.value == pytest.approx(raw)
    # What is left of the variance around one mean, which here is nearly that of these episodes.
    around = ((belief - belief.mean(axis=(0, 1))) ** 2).sum(axis=2).mean()
    assert found.to_belief.centred.value == pytest.approx(squared / around, rel=0.1)


def test_of_another_episodes_activity_nothing_but_the_time_is_mapped(compared):
    found = compare_states(shuffled(compared[0]), "counts")
    for missed in (found.to_belief, found.to_activity):
        assert missed.within_steps.value > 0.95


def test_what_the_environment_shows_is_part_of_the_optimums_state(compared):
    """Broken if activity that tells a place, as any network's does, could not be mapped to."""
    recording = compared[0]
    own = np.eye(3, dtype=np.float32)[np.random.default_rng(0).integers(3, size=(140, 20))]
    placed = replace(recording, own=own, activity=own)
    assert compare_states(placed, "counts").to_activity.within_steps.value < 0.02
    hidden = replace(recording, activity=own)
    assert compare_states(hidden, "counts").to_activity.within_steps.value > 0.95


def test_acting_on_the_mapped_state_costs_nothing_where_it_is_the_same(compared):
    """D_o of the counting network and of the optimum, beside that of untaught mappings."""
    recording, found = compared
    here, belief = found.held_out, recording.belief["counts"][found.held_out]
    arms = belief.reshape(*belief.shape[:2], 2, 2)
    worth = (arms[..., 0] + 1) / (arms.sum(axis=3) + 2)
    played, policy = recording.played[here], counting_network()
    own = probabilities(recording.logits[here])
    assert network_outputs(policy, recording.activity[here]) == pytest.approx(own, abs=1e-5)
    mapped = network_outputs(policy, found.mapped_activity)
    best = bandit_outputs(belief, 20)
    for one, other in ((own, mapped), (best, bandit_outputs(found.mapped_belief, 20))):
        missed = output_dissimilarity(one, other, worth, played)
        blind = output_dissimilarity(one, np.full_like(one, 0.5), worth, played)
        assert missed.value < 0.2 * blind.low
    assert output_dissimilarity(own, own, worth, played).value == 0


def test_the_output_dissimilarity_is_of_sums_over_episodes():
    """Arm 0 always beside arm 1 always, worth .7 and .4, over ten steps of which two count."""
    first, second = np.zeros((2, 3, 10, 2))
    first[..., 0], second[..., 1] = 1, 1
    worth = np.broadcast_to([0.7, 0.4], first.shape)
    played = np.ones((3, 10), bool)
    assert output_dissimilarity(first, second, worth, played).value == pytest.approx(3)
    assert output_dissimilarity(second, first, worth, played).value == pytest.approx(3)
    played[:, 2:] = False
    assert output_dissimilarity(first, second, worth, played).value == pytest.approx(0.6)
    with pytest.raises(InputError, match="one shape"):
        output_dissimilarity(first, second[:, :2], worth, played)


def test_the_optimum_acts_on_true_counts_as_the_optimum_does():
    """Broken if arms, or successes and failures, are taken for each other."""
    evaluation = evaluate("optimal", ENV_ID, 50, 0, SHORT)
    chosen = bandit_outputs(evaluation.belief["counts"], 20)
    taken = np.take_along_axis(chosen, evaluation.actions[..., None].astype(int), axis=2)
    assert (taken > 0).all() and (taken == 1).mean() > 0.5


def test_counts_that_cannot_be_are_brought_into_range():
    wild = np.array([[-3.0, 0.2, 40.0, 1.4], [1e6, 1e6, 1e6, 1e6], [0.4, 0.4, 0.4, 0.4]])
    chances = bandit_outputs(wild, 20)
    assert chances.sum(axis=1) == pytest.approx(1)
    assert chances[0].tolist() == [0, 1] and chances[2].tolist() == [0.5, 0.5]


def test_a_mapping_is_not_linear_and_follows_its_seed():
    """It learns a product, far from 0, which no linear map can; the same one for a seed."""
    rng = np.random.default_rng(0)
    source, played = rng.uniform(-1, 1, (80, 20, 2)), np.ones((80, 20), bool)
    target = 500 + 100 * source.prod(axis=2, keepdims=True)
    said = [fit_mapping(source, target, played, seed)(source) for seed in (0, 0, 1)]
    assert ((said[0] - target) ** 2).mean() < 0.1 * target.var()
    assert np.array_equal(said[0], said[1]) and not np.array_equal(said[0], said[2])


def test_steps_past_the_end_are_not_mapped_from():
    recording = record_bayes(Mixed(), episodes=40)
    played = np.ones((40, 20), bool)
    played[:, 15:] = False
    source = np.where(played[..., None], recording.activity, np.nan)
    said = fit_mapping(source, recording.belief["counts"], played)(source)
    assert np.isfinite(said[:, :15]).all()


def test_a_belief_that_is_not_there_is_named(compared):
    with pytest.raises(InputError, match="no belief is called"):
        compare_states(replace(compared[0], belief={}), "counts")
