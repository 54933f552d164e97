"""The volatility task is drawn and paid as stated. False alarms: see tests/meta_envs/bounds."""

import numpy as np
import pytest

from meta_envs.rendering.palette import INK
from tests.meta_envs.bounds import follows, happens, independent
from tests.meta_envs.cases import Case

ID = "MetaVolatility-v0"
N = 8_000
MEAN_K = np.exp(-3.5) - np.exp(-4.5)
"""Of k, the mean of exp(u) with u uniform on [-4.5, -3.5]."""


def drawn(n=N, seed=0, **kwargs):
    """The family of `n` sub-environments just reset."""
    envs = Case(ID, kwargs).native(n)
    envs.reset(seed=seed)
    return envs.family


def read(p1):
    """Whether each trial is volatile, and whether the first arm is better there."""
    return (p1 == 0) | (p1 == 1), p1 > 0.5


def beta_cdf(x):
    """Of Beta(4, 4): at least four of seven uniform numbers are below x."""
    counts = {4: 35, 5: 21, 6: 7, 7: 1}
    return sum(ways * x**k * (1 - x) ** (7 - k) for k, ways in counts.items())


def test_an_episode_starts_stable_or_volatile_and_with_either_arm():
    """Broken if a start is more likely than another, or something else than p1's four values."""
    p1 = drawn(num_trials=2).p1
    assert set(np.unique(p1)) == {0, 0.25, 0.75, 1}
    for value in (0, 0.25, 0.75, 1):
        assert happens((p1[:, 0] == value).sum(), N, 0.25, 4)


def test_stretches_end_with_probability_k():
    """Broken if k has another mean, or is not the same all through an episode.

    Were it drawn at each trial, an episode of 200 trials would be without a change with
    probability (1 - E k)^199 = 0.022, and not E (1 - k)^199 = 0.034.
    """
    volatile, _ = read(drawn().p1)
    changes = volatile[:, 1:] != volatile[:, :-1]
    for trial in (0, 57, 198):
        assert happens(changes[:, trial].sum(), N, MEAN_K, 3)
    k = np.exp(-4.5 + (np.arange(1000) + 0.5) / 1000)
    never = ((1 - k) ** 199).mean()
    assert happens((~changes.any(axis=1)).sum(), N, never)
    assert not happens((~changes.any(axis=1)).sum(), N, (1 - MEAN_K) ** 199)


def test_p1_flips_in_volatile_trials_and_in_no_others():
    """Broken if the better arm changes where v is 0, be it where a stretch ends."""
    volatile, better = read(drawn(2_000).p1)
    flips = better[:, 1:] != better[:, :-1]
    assert not flips[~volatile[:, :-1]].any()
    inside = flips[volatile[:, :-1]]
    assert happens(inside.sum(), inside.size, 0.2)
    ends = flips[volatile[:, :-1] & ~volatile[:, 1:]]
    assert happens(ends.sum(), ends.size, 0.2)


@pytest.mark.parametrize("schedule", ["low-first", "high-first"])
def test_a_test_schedule_is_the_published_one(schedule):
    """Broken if a half has other values, a block another length, or a side is more likely."""
    p1 = drawn(4_000, schedule=schedule).p1
    halves = p1[:, :100], p1[:, 100:]
    stable, volatile = halves if schedule == "low-first" else halves[::-1]
    assert set(np.unique(stable)) == {0.25, 0.75}
    assert (stable == stable[:, :1]).all()
    blocks = volatile.reshape(-1, 4, 25)
    assert set(np.unique(blocks)) == {0.2, 0.8}
    assert (blocks == blocks[:, :, :1]).all()
    better = blocks[:, :, 0] > 0.5
    assert (better[:, 1:] != better[:, :-1]).all()
    for first in (False, True):
        for second in (False, True):
            both = ((stable[:, 0] > 0.5) == first) & (better[:, 0] == second)
            assert happens(both.sum(), 4_000, 0.25, 4)


def test_magnitudes_are_beta_and_tell_nothing():
    """Broken if magnitudes are drawn otherwise, or tell of each other, of p1 or of the outcome."""
    family = drawn(N, num_trials=2)
    m = beta_cdf(np.array([family.magnitudes(env) for env in range(N)]))
    for first, second in ((m[:, 0, 0], m[:, 0, 1]), (m[:, 0, 0], m[:, 1, 0])):
        assert follows(first) and follows(second)
        assert independent(first, second)
    index = np.searchsorted([0, 0.25, 0.75, 1], family.p1[:, 0])
    p1 = (index + np.random.default_rng(1).random(N)) / 4
    outcome = family.draws[:, -6]  # Two outcomes, then two pairs of magnitudes.
    for hidden in (p1, outcome):
        assert independent(m[:, 0, 0], hidden) and independent(m[:, 0, 1], hidden)


def test_exactly_one_arm_pays_what_it_was_seen_to_offer():
    """Broken if both arms could pay, a reward is not the cue, or a cue is that of another trial."""
    first, second = (Case(ID).native(500) for _ in range(2))
    observation, _ = first.reset(seed=4)
    second.reset(seed=4)
    paid = []
    for trial in range(200):
        cues = first.meta_observation.own(observation)
        shown = [first.family.magnitudes(env)[trial] for env in (0, 499)]
        np.testing.assert_array_equal(cues[[0, 499]], np.float32(shown))
        observation, left, *_ = first.step(np.zeros(500, int))
        right = second.step(np.ones(500, int))[1]
        assert ((left > 0) != (right > 0)).all()
        rewards = np.stack([left, right], axis=1)
        np.testing.assert_array_equal(np.float32(rewards), cues * (rewards > 0))
        paid.append(left > 0)
    # A new episode has begun by now, so the probabilities are those of another reset.
    p1 = drawn(500, seed=4).p1
    paid = np.stack(paid, axis=1)
    for value in (0, 0.25, 0.75, 1):
        here = paid[p1 == value]
        assert happens(here.sum(), here.size, value, 4)


def test_after_the_last_trial_its_magnitudes_stand_there_still():
    """Broken if the last observation shows an offer that nobody will ever be made."""
    env = Case(ID, {"num_trials": 2}).scalar()
    env.reset(seed=0)
    cues = [env.step(0)[0][:2] for _ in range(2)]
    np.testing.assert_array_equal(cues[0], cues[1])


@pytest.mark.parametrize("task", [{"p1": [0.5]}, {"p1": [0.5, 1.5]}, {}])
def test_a_task_that_does_not_fit_is_refused(task):
    env = Case(ID, {"num_trials": 2}).scalar()
    with pytest.raises(ValueError, match=r"p1"):
        env.reset(options={"task": task})


def test_an_unknown_schedule_is_refused():
    with pytest.raises(ValueError, match=r"^schedule must be one of drawn, low-first, high-first"):
        Case(ID, {"schedule": "middle-first"}).scalar()


def test_renderings_show_offers_always_and_chances_only_where_revealed():
    """Broken if whoever plays does not see what is on offer, or sees what is hidden."""
    for reveal in (True, False):
        env = Case(ID, {"num_trials": 3}).scalar(render_mode="ansi")
        env.family.reveal = reveal
        env.reset(seed=0, options={"task": {"p1": [1.0, 1.0, 0.0]}})
        env.step(0)
        env.step(1)
        offers = env.family.magnitudes(0)[2]
        chances = ("chance 0.00  ", "chance 1.00  ") if reveal else ("", "")
        assert env.render().splitlines() == [
            "trial 2 of 3",
            f"arm 0   offers {offers[0]:.2f}  {chances[0]}#.",
            f"arm 1   offers {offers[1]:.2f}  {chances[1]}.o",
        ]


def test_the_image_has_a_line_at_each_offer_so_far():
    """Broken if offers of trials to come are shown, or a larger one does not stand higher."""
    env = Case(ID, {"num_trials": 10}).scalar(render_mode="rgb_array")
    env.reset(seed=0)
    env.step(0)
    before, magnitudes = env.render(), env.family.magnitudes(0)
    magnitudes[2:] = 0.99
    assert (env.render() == before).all()
    heights = []
    for offer in (0.01, 0.99):
        magnitudes[0, 0] = offer
        frame = env.render()
        rows, columns = np.nonzero((frame == INK).all(axis=2))
        # The first trial's cell of the upper arm, right of the labels and above the other arm.
        heights.append(rows[(columns > 170) & (columns < 210) & (rows > 60) & (rows < 155)].max())
    assert heights[1] < heights[0]
