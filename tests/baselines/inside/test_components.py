"""Principal components of clouds whose shape is known."""

import numpy as np
import pytest

from baselines.common.errors import InputError
from baselines.inside.components import principal_components


def test_axes_and_variances_of_a_known_cloud():
    """Three turned axes with variances 9, 4 and 0: dimensions (9+4)^2 / (81+16)."""
    rng = np.random.default_rng(0)
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    inner = rng.normal(size=(50, 40, 3))
    inner -= inner.mean(axis=(0, 1))
    # Exactly these variances and no correlation.
    whitened = inner.reshape(-1, 3) @ np.linalg.inv(
        np.linalg.cholesky(np.cov(inner.reshape(-1, 3).T)).T
    )
    activity = 7 + (whitened * [3, 2, 0]).reshape(50, 40, 3) @ turn.T
    found = principal_components(activity)
    assert found.variances == pytest.approx([9, 4, 0], abs=1e-9)
    assert found.explained == pytest.approx([9 / 13, 4 / 13, 0], abs=1e-9)
    assert found.participation_ratio == pytest.approx(13**2 / 97)
    assert np.abs(found.directions @ turn) == pytest.approx(np.eye(3), abs=1e-6)
    projected = found.project(activity)
    assert projected.shape == (50, 40, 2)
    assert np.abs(projected[..., 0]) == pytest.approx(np.abs(whitened[:, 0] * 3).reshape(50, 40))
    # The sign is told by the weights, so that it does not change from machine to machine.
    assert (found.directions[np.arange(3), np.abs(found.directions).argmax(axis=1)] > 0).all()


def test_a_ball_uses_all_dimensions_and_a_line_one():
    rng = np.random.default_rng(1)
    ball = principal_components(rng.normal(size=(20_000, 6)))
    assert ball.participation_ratio == pytest.approx(6, abs=0.05)
    line = principal_components(rng.normal(size=(100, 1)) * np.arange(1.0, 5))
    assert line.participation_ratio == pytest.approx(1)


def test_only_what_was_played_counts():
    rng = np.random.default_rng(2)
    activity, played = rng.normal(size=(30, 10, 4)), rng.random((30, 10)) < 0.5
    spoilt = np.where(played[..., None], activity, 1e9)
    assert principal_components(spoilt, played).variances == pytest.approx(
        principal_components(activity[played]).variances
    )


def test_activity_that_does_not_vary_is_refused():
    with pytest.raises(InputError, match="must vary"):
        principal_components(np.ones((5, 4, 3)))
