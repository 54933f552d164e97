"""`check_family` finds what is wrong with anybody's family, a line each, and nothing with ours."""

import warnings

import pytest

import meta_envs
from meta_envs.registration import TABLE
from tests.meta_envs import families
from tests.meta_envs.cases import has_numba

PROBLEMS = {
    families.NoClock: "step must add 1 to steps",
    families.OwnRandomness: "all randomness must come from draws",
    families.DrawsInSteps: "task and draws must not depend on the actions",
    families.PaysTooMuch: "step must pay within reward_range [0, 1], got [",
    families.WrongShape: "step must return rewards as an array of shape (3,)",
    families.HandsOutItsClock: "step must return trial as a new array",
    families.Unending: "episodes must terminate after episode_length=4 steps",
    families.WrongRegret: "regret must be the largest of action_values minus",
    families.ForgetsAnArray: "episode_arrays must name every array",
    families.Leaks: "the first observation must not depend on the task",
    families.WrongObservation: "observe must return shape (3, 3)",
    families.NoJson: "is not JSON serializable",
    families.OneTask: "every episode must draw a new task",
    families.TakesAnyTask: "task {} must be refused with a ValueError",
    families.NoOptimumThere: "math must have one of OptimalPolicy, optimal_bound",
    families.BadOptimum: "optimal_return says 4, but OptimalPolicy earns 3",
    families.NoGaps: "of random actions must add up to optimal_return, 3, but come to",
    families.NegativeGaps: "optimality_gaps must not be below 0, got -0.5",
    families.GapsOfTheBest: "optimality_gaps must be 0 for what OptimalPolicy does, got 0.25",
    families.GapsOfEpisodes: "optimality_gaps must return an array of shape (2000,), got (2000, 4)",
    families.RenderingPlays: "a rendering must change nothing, but ansi does",
    families.DrawsNoImage: "render_rgb must return uint8 of shape (height, width, 3)",
}
"""What each family does wrong, and what is said of it."""


@pytest.mark.parametrize("family", PROBLEMS, ids=lambda family: family.__name__)
def test_what_is_wrong_is_said_in_a_line(family):
    """Broken if a mistake that a newcomer makes goes through, or is not named."""
    with pytest.raises(meta_envs.FamilyError) as caught:
        meta_envs.check_family(family)
    problems = caught.value.problems
    assert any(PROBLEMS[family] in problem for problem in problems), problems
    assert not any("\n" in problem for problem in problems)
    assert str(caught.value).splitlines() == [f"{family.__name__}: {p}" for p in problems]


def test_a_family_without_renderings_is_warned_of_and_promises_none():
    """`metadata` must not name what `render` cannot do."""
    with pytest.warns(UserWarning, match="Blind has no") as caught:
        meta_envs.check_family(families.Blind)
    assert sorted(str(one.message)[:19] for one in caught) == [
        "Blind has no ansi r",
        "Blind has no rgb_ar",
    ]
    for env in (meta_envs.MetaEnv(families.Blind), meta_envs.MetaVectorEnv(families.Blind)):
        assert env.metadata["render_modes"] == []
    for make in (meta_envs.MetaEnv, meta_envs.MetaVectorEnv):
        with pytest.raises(ValueError, match="render_mode must be None, as Blind draws nothing"):
            make(families.Blind, render_mode="ansi")
    assert meta_envs.MetaEnv(families.Cups).metadata["render_modes"] == ["ansi", "rgb_array"]


def test_a_family_as_it_should_be_passes():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        meta_envs.check_family(families.Cups)
        meta_envs.check_family(families.Cups, num_trials=1, inputs=["action", "reward"])


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.id)
def test_all_of_ours_pass(row):
    if row.id == "MetaIMaze-v0" and not has_numba():
        pytest.skip("MetaIMaze-v0 needs numba")
    meta_envs.check_family(row.family, **row.kwargs)


def test_what_is_no_family_is_refused():
    for wrong in (dict, "math:pi", "meta_envs.tasks.bandits.bandit:Nothing"):
        with pytest.raises(ValueError, match=r"^family must be a subclass of TaskFamily"):
            meta_envs.check_family(wrong)
