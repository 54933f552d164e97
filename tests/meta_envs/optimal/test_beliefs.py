"""What optima believe, by name: as analyses take it, and as Bayes has it."""

import numpy as np
import pytest

from meta_envs.optimal import optimal_policy
from tests.meta_envs.cases import Case, playable_ids

EPISODES = 3
WITHOUT = ["MetaIMaze-v0", "MetaTabularMDP-v0"]
"""Where no optimum is known."""
DISTRIBUTIONS = {"targets", "goal", "key", "door"}
"""Beliefs that are probabilities of all that may be."""
PROBABILITIES = DISTRIBUTIONS | {
    *("posterior means", "posterior mean", "high volatility", "S2 is good", "left is rewarded"),
    *("risky arm pays", "chances", "objects known", "left pays", "holds key", "volatility"),
}


def watch(case, seed=0, episodes=EPISODES, actions=None):
    """The environment and the belief before each step of random episodes, step by step."""
    envs, rng = case.native(episodes), np.random.default_rng(seed)
    policy = optimal_policy(envs.family, envs.meta_observation)
    observation, _ = envs.reset(seed=seed)
    running, state = np.ones(episodes, bool), None
    while running.all():
        memory = policy.remember(observation, state)
        state = (memory,)
        yield envs, policy.belief(memory)
        action = rng.integers(envs.family.num_actions, size=episodes)
        observation, _, over, _, _ = envs.step(action)
        running &= ~over


@pytest.mark.parametrize("env_id", [id for id in playable_ids() if id not in WITHOUT])
def test_beliefs_are_finite_and_have_the_same_names_and_shapes_all_along(env_id):
    """Broken if a probe could not stack them, or what is called a probability were none."""
    shapes = set()
    for _, belief in watch(Case(env_id)):
        shapes.add(tuple((name, values.shape) for name, values in belief.items()))
        for name, values in belief.items():
            assert values.ndim == 2 and values.dtype == np.float64 and np.isfinite(values).all()
            assert len(values) == EPISODES
            if name in PROBABILITIES:
                assert (values >= 0).all() and (values <= 1 + 1e-12).all()
            if name in DISTRIBUTIONS:
                assert values.sum(axis=1) == pytest.approx(1)
    assert len(shapes) == 1 and shapes != {()}


def test_the_belief_is_not_the_memory():
    """Broken if who keeps beliefs kept what the next step changes."""
    for env_id in ("MetaBandit-v0", "MetaBanditDependentEasy-v0", "MetaTwoStep-v0"):
        first = next(watch(Case(env_id)))[1]
        before = {name: values.copy() for name, values in first.items()}
        for _ in watch(Case(env_id)):
            pass
        assert all((first[name] == before[name]).all() for name in first)


@pytest.mark.parametrize(
    ("case", "targets"),
    [
        (Case("MetaGridworld-v0"), {"goal": 0}),
        (Case("MetaDarkRoomHard-v0", {"size": 4, "trial_length": 8}), {"goal": 0}),
        (Case("MetaDarkKeyToDoor-v0", {"size": 3}), {"key": 0, "door": 1}),
    ],
    ids=str,
)
def test_the_place_that_is_believed_in_is_never_ruled_out_and_found_at_last(case, targets):
    """In every episode the true one, by as much as each other one that is left."""
    found = dict.fromkeys(targets, False)
    for envs, belief in watch(case, episodes=100):
        rows = np.arange(100)
        for name, column in targets.items():
            mass = belief[name]
            true = mass[rows, envs.family.targets[:, column]]
            assert true == pytest.approx(mass.max(axis=1)) and (true > 0).all()
            assert true == pytest.approx(1 / (mass > 0).sum(axis=1))
            found[name] |= bool((true == 1).any())
    assert all(found.values())


def test_counts_and_means_of_two_arms_are_those_of_what_happened():
    """By counting anew from all that was done and paid."""
    envs, rng = Case("MetaBandit-v0").native(20), np.random.default_rng(0)
    policy = optimal_policy(envs.family, envs.meta_observation)
    (observation, _), state = envs.reset(seed=0), None
    pulls, wins = np.zeros((2, 20, 2))
    for _ in range(30):
        state = (policy.remember(observation, state),)
        belief = policy.belief(state[0])
        expected = [wins[:, 0], (pulls - wins)[:, 0], wins[:, 1], (pulls - wins)[:, 1]]
        assert (belief["counts"] == np.stack(expected, axis=1)).all()
        assert belief["posterior means"] == pytest.approx((wins + 1) / (pulls + 2))
        actions = rng.integers(2, size=20)
        observation, rewards, *_ = envs.step(actions)
        pulls[np.arange(20), actions] += 1
        wins[np.arange(20), actions] += rewards


@pytest.mark.parametrize(
    ("case", "name", "truth"),
    [
        (Case("MetaBanditRestless-v0"), "arm 1 pays", lambda f, t: f.probabilities[:, t, 0]),
        (Case("MetaVolatility-v0"), "arm 1 pays", lambda f, t: f.p1[:, t]),
        (Case("MetaTwoStep-v0"), "S2 is good", lambda f, t: f.good_states[:, t // 2] == 0),
        (Case("MetaTwoStepReversal-v0"), "S2 is good", lambda f, t: f.good_states[:, t // 3] == 0),
        (
            Case("MetaInferredValue-v0", {"reversal_probability": 0.2}),
            "left is rewarded",
            lambda f, t: f.rewarded[:, t // (4 * f.block_length)] == 0,
        ),
        (
            Case("MetaBanditRestless-v0"),
            "high volatility",
            lambda f, t: np.abs(np.diff(f.probabilities[:, :, 0])).mean(axis=1) > 0.07,
        ),
    ],
)
def test_beliefs_are_calibrated(case, name, truth):
    """What is believed with probability p is so with p: a regression of truth on it has slope 1.

    That is Bayes' promise, whatever the filter. Over 1,000 episodes, 4 standard errors of their
    means: a false alarm in 16,000.
    """
    products = []
    for step, (envs, belief) in enumerate(watch(case, episodes=1_000)):
        believed, true = belief[name][:, 0], truth(envs.family, step)
        products.append((believed - 0.5) * (true - believed))
    sums = np.sum(products, axis=0)
    assert abs(sums.mean()) < 4 * sums.std(ddof=1) / 1_000**0.5
    assert np.std([b for *_, b in products]) > 0
