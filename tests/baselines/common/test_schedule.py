"""Settings that move during training."""

import numpy as np
import pytest

from baselines.a2c_lstm import A2CLSTMConfig
from baselines.common.errors import InputError
from baselines.common.schedule import Schedule, constant
from baselines.recurrent_ppo import RecurrentPPOConfig


def test_schedules_move_and_stop():
    schedule = Schedule(1.0, 0.0, fraction=0.5)
    assert [schedule.at(p) for p in (0, 0.25, 0.5, 1)] == [1.0, 0.5, 0.0, 0.0]
    discount = Schedule(0.8, 0.98, fraction=1.0)
    horizons = [1 / (1 - discount.discount_at(p)) for p in (0, 0.5, 1)]
    np.testing.assert_allclose(horizons, [5, 5 * 10**0.5, 50])


@pytest.mark.parametrize("settings", [A2CLSTMConfig, RecurrentPPOConfig])
def test_a_discount_that_moves_cannot_be_one(settings):
    """Its horizon would grow without end; a discount that stays may be 1."""
    assert settings(discount=constant(1.0)).discount.discount_at(0.5) == 1
    for ends in ((0.9, 1.0), (1.0, 0.9)):
        with pytest.raises(InputError, match="discount can be 1 only if it does not move"):
            settings(discount=Schedule(*ends))
    with pytest.raises(InputError, match="fraction must be in"):
        Schedule(0.0, 1.0, fraction=0.0)
