"""Spaces of settings: what is drawn, and what an agent makes of it."""

import json

import numpy as np
import pytest
from scipy import stats

from baselines.a2c_lstm import A2CLSTMConfig
from baselines.a2c_lstm.config import Schedule
from baselines.common.errors import InputError
from baselines.training.sweep.space import changed, draw, read_space

pytest.importorskip("optuna")
RATE = {"low": 1e-4, "high": 1e-2, "log": True}


def test_settings_are_drawn_uniformly_and_independently():
    """False alarms: 1e-4 for each of three tests."""
    space = {"learning_rate": RATE, "discount": {"low": 0.6, "high": 0.99}, "cell": ["lstm", "gru"]}
    drawn = draw(space, 1_000, 0)
    rates = (np.log10([one["learning_rate"] for one in drawn]) + 4) / 2
    discounts = (np.array([one["discount"] for one in drawn]) - 0.6) / 0.39
    assert stats.kstest(rates, "uniform").pvalue > 1e-4
    assert stats.kstest(discounts, "uniform").pvalue > 1e-4
    assert stats.spearmanr(rates, discounts).pvalue > 1e-4
    assert {one["cell"] for one in drawn} == {"lstm", "gru"}


def test_more_settings_begin_with_the_same_ones():
    """So that a search can be made longer."""
    space = {"learning_rate": RATE, "hidden_size": {"low": 16, "high": 64, "step": 16}}
    assert draw(space, 7, 3)[:4] == draw(space, 4, 3)
    assert draw(space, 4, 4) != draw(space, 4, 3)


def test_one_number_holds_a_schedule_still_and_an_end_can_be_named():
    config = changed("a2c-lstm", A2CLSTMConfig(), {"learning_rate": 1e-3, "discount.end": 0.9})
    assert config.learning_rate == Schedule(1e-3, 1e-3)
    assert config.discount == Schedule(0.8, 0.9, 0.6)
    assert changed("a2c-lstm", A2CLSTMConfig(), {"cell": "gru"}).cell == "gru"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"learning_rat": 1.0}, "no setting 'learning_rat' (did you mean learning_rate?)"),
        ({"discount.begin": 1.0}, "no setting 'discount.begin'"),
        ({"discount": 1.5}, "`discount` must be between 0 and 1, got 1.5"),
        ({"hidden_size": "large"}, "`hidden_size` must be a whole number, got 'large'"),
    ],
)
def test_a_setting_that_the_agent_cannot_have_is_named(parameters, message):
    with pytest.raises(InputError) as error:
        changed("a2c-lstm", A2CLSTMConfig(), parameters)
    assert message in str(error.value)


@pytest.mark.parametrize(
    "values", [[], {}, {"low": 1}, {"low": 2, "high": 1}, {"low": 0, "high": 1, "to": 3}, 5, "a"]
)
def test_what_cannot_be_drawn_is_named(tmp_path, values):
    path = tmp_path / "space.json"
    path.write_text(json.dumps({"discount": values}))
    with pytest.raises(InputError) as error:
        read_space(str(path))
    assert "'discount'" in str(error.value)


def test_the_papers_space_is_supplied():
    assert set(read_space("wang2016")) == {"learning_rate", "discount"}
