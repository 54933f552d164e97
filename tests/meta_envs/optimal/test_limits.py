"""Optima that would not fit into memory, or not end in minutes, are refused in one line."""

import pytest

from meta_envs import optimal
from meta_envs.optimal.numerics import limits
from tests.meta_envs.cases import Case

HALL = "\n".join(
    ["#" * 100, *["#GS" + " " * 96 + "#"] * 8, *["#" + " " * 98 + "#"] * 90, "#" * 100]
)
"""A maze with as many goals as there may be."""
LARGE = [
    ("MetaBandit-v0", {"num_trials": 400}),
    ("MetaBandit-v0", {"num_trials": 3_000}),
    ("MetaBanditDependentUniform-v0", {"num_trials": 1_000_000}),
    ("MetaBanditDependentEasy-v0", {"num_trials": 2_000}),
    ("MetaBanditRestless-v0", {"num_trials": 100_000}),
    ("MetaVolatility-v0", {"num_trials": 100_000}),
    ("MetaTwoStep-v0", {"num_trials": 1_000_000}),
    ("MetaTwoStepReversal-v0", {"num_trials": 10_000_000}),
    ("MetaMatching-v0", {"num_trials": 100_000}),
    ("MetaRiskyChoice-v0", {"num_free_trials": 2_000}),
    ("MetaGridworld-v0", {"size": 60}),
    ("MetaDarkRoom-v0", {"num_trials": 100_000}),
    ("MetaDarkKeyToDoor-v0", {"size": 60}),
    ("MetaDarkKeyToDoor-v0", {"num_trials": 100_000}),
    ("MetaHarlow-v0", {"num_trials": 10_000, "max_frames": 1_000_000}),
    ("MetaIMazeGrid-v0", {"map": HALL, "num_steps": 300}),
]
"""Which can be played, all of them."""


def ask(name, env):
    """What is known of an optimum, or the error that says why it is not."""
    try:
        if name == "optimal_policy":
            return optimal.optimal_policy(env.family, env.meta_observation)
        return getattr(optimal, name)(env.family)
    except ValueError as error:
        return error


NAMES = [name for name in optimal.__all__ if not name.startswith("has_")]


@pytest.mark.parametrize(("id", "kwargs"), LARGE)
def test_an_optimum_that_would_not_end_is_refused(id, kwargs):
    """Broken if it is begun: this test, too, would not end."""
    env = Case(id, kwargs).scalar()
    answers = {name: ask(name, env) for name in NAMES}
    refusals = [str(a) for a in answers.values() if isinstance(a, ValueError)]
    assert any(" must be " in line for line in refusals)
    assert not any("\n" in line for line in refusals)


def test_the_limit_is_told_by_the_argument():
    """On its own, as the test above would not end either if nothing were refused."""
    limits.check_size("size", 9, numbers=limits.MOST_NUMBERS)
    with pytest.raises(
        ValueError, match=r"^size must be smaller for its optimum .* got 9: .* 2 times"
    ):
        limits.check_size("size", 9, numbers=2 * limits.MOST_NUMBERS)
    with pytest.raises(ValueError, match=r"^size must be smaller, got 9: the tables .* 8 GiB"):
        limits.check_size("size", 9, numbers=0, memory=2**33)
