"""What all actions cost agrees with what those taken have cost."""

import numpy as np
import pytest

from baselines.common.errors import InputError
from baselines.evaluation.evaluate import evaluate
from baselines.inside.action_gaps import action_gaps


@pytest.mark.parametrize("env_id", ["MetaBandit-v0", "MetaTwoStepReversal-v0"])
def test_the_gaps_of_the_actions_taken_are_the_evaluations(env_id):
    """Broken if gaps are of another action, step or episode; one action is always best."""
    evaluation = evaluate("random", env_id, 30)
    gaps = action_gaps(evaluation)
    taken = np.take_along_axis(gaps, evaluation.actions[..., None].astype(int), axis=2)[..., 0]
    assert taken == pytest.approx(evaluation.optimality_gap)
    assert gaps.min(axis=2).max() == 0 < gaps.max()


def test_where_no_gap_is_known_that_is_said():
    with pytest.raises(InputError, match="MetaGridworld-v0: no optimality gap is known"):
        action_gaps(evaluate("random", "MetaGridworld-v0", 2))
