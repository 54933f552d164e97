"""Units are tuned to what they are made of, beside what that goes with."""

import numpy as np
import pytest
from scipy import stats

from baselines.common.errors import InputError
from baselines.inside.tuning import last_trial, unit_tuning
from tests.baselines.inside.bayes import counting_network, record_bayes


def material(rng, episodes=200, steps=1):
    """Three variables that go with each other, and four units: two tuned, one not, one silent."""
    first, noise = rng.normal(size=(2, episodes, steps))
    variables = {"a": first, "b": 0.7 * first + noise, "c": rng.normal(size=(episodes, steps))}
    units = np.stack(
        [variables["a"], variables["b"] - variables["c"], 0 * first, 0 * first], axis=2
    )
    units[..., :3] += rng.normal(size=(episodes, steps, 3))
    return units, variables


def test_partial_correlations_are_those_of_the_residuals():
    """Against scipy's correlation of what the other variables leave of a unit and a variable."""
    units, variables = material(np.random.default_rng(0))
    found = unit_tuning(units, variables)
    assert found.names == ("a", "b", "c")
    columns = np.column_stack([values[:, 0] for values in variables.values()])
    for unit in range(3):
        for index in range(3):
            others = np.column_stack([np.ones(200), np.delete(columns, index, axis=1)])
            left = [
                y - others @ np.linalg.lstsq(others, y, rcond=None)[0]
                for y in (units[:, 0, unit], columns[:, index])
            ]
            expected = stats.pearsonr(*left).statistic
            assert found.correlations[unit, index] == pytest.approx(expected)
    # "b" goes with the first unit, but no more where "a" is held fixed.
    assert stats.pearsonr(units[:, 0, 0], columns[:, 1]).pvalue < 1e-6
    assert found.significant[:3].tolist() == [
        [True, False, False],
        [False, True, True],
        [False, False, False],
    ]
    assert found.shares.tolist() == [0.25, 0.25, 0.25]


def test_a_unit_that_does_not_vary_codes_nothing():
    units, variables = material(np.random.default_rng(1))
    found = unit_tuning(units, variables)
    assert np.isnan(found.correlations[3]).all() and not found.significant[3].any()
    expected = np.abs(found.correlations[:3]).sum(axis=0) / 4
    assert found.mean_absolute == pytest.approx(expected)


@pytest.mark.parametrize("steps", [1, 10])
def test_false_alarms_are_as_rare_as_stated_also_where_steps_of_an_episode_are_alike(steps):
    """Of 1,000 untuned units 5 % at p < .05: 50 +- 7, so that 15..85 is five errors wide.

    With errors that took steps for independent a third would be false alarms at ten steps.
    """
    rng = np.random.default_rng(2)
    shape = (120, steps, 1000)
    units = rng.normal(size=(120, 1, 1000)) + 0.5 * rng.normal(size=shape)
    variable = rng.normal(size=(120, 1)) + 0.5 * rng.normal(size=(120, steps))
    found = unit_tuning(units, {"a": variable})
    assert 15 <= (found.p_values < 0.05).sum() <= 85
    # Corrected for 1,000 units, none is expected but once in twenty runs.
    assert found.significant.sum() <= 1


def test_only_what_was_played_counts():
    units, variables = material(np.random.default_rng(3), 100, 3)
    played = np.ones((100, 3), bool)
    played[::2, 1:] = False
    spoilt = np.where(played[..., None], units, 1e6)
    found = unit_tuning(spoilt, variables, played)
    assert np.abs(found.correlations[0, 0]) > 0.5


def test_the_last_trial_is_that_before():
    recording = record_bayes(counting_network())
    actions = recording.actions.astype(int)
    actions[0, 4] = -1  # None was chosen.
    variables = last_trial(actions, recording.rewards, recording.values)
    assert list(variables) == ["last action", "last reward", "action x reward", "value"]
    assert all((variables[name][:, 0] == 0).all() for name in list(variables)[:3])
    before = 2.0 * recording.actions[:, :-1] - 1
    before[0, 4] = 0
    assert (variables["last action"][:, 1:] == before).all()
    assert (variables["last reward"][:, 1:] == recording.rewards[:, :-1]).all()
    product = before * (recording.rewards[:, :-1] - recording.rewards[:, :-1].mean())
    assert variables["action x reward"][:, 1:] == pytest.approx(product)


def test_bad_input_is_named():
    units, variables = material(np.random.default_rng(4), 30)
    with pytest.raises(InputError, match="follows from the others"):
        unit_tuning(units, variables | {"d": variables["a"] + variables["c"]})
    with pytest.raises(InputError, match="'d' does not vary"):
        unit_tuning(units, variables | {"d": np.ones((30, 1))})
    with pytest.raises(InputError, match=r"of shape \(episodes, steps, units\).*d"):
        unit_tuning(units, variables | {"d": np.ones(30)})
    with pytest.raises(InputError, match="at least 6 episodes, got 5"):
        unit_tuning(units[:5], {name: values[:5] for name, values in variables.items()})
