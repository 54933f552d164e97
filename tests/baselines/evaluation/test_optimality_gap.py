"""The exact distance of an agent from the optimum, beside its scores."""

from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest

from baselines.common.errors import InputError
from baselines.evaluation import evaluate as evaluate_module
from baselines.evaluation import optimum
from baselines.evaluation.evaluate import BATCH, evaluate
from meta_envs.optimal import optimal_return
from meta_envs.tasks.bandits.bernoulli_bandit import BernoulliBandit
from tests.meta_envs.cases import playable_ids, standard_error

EPISODES = 2_000
UNKNOWN = (
    "MetaMatching-v0",
    "MetaTabularMDP-v0",
    "MetaGridworld-v0",
    "MetaDarkRoom-v0",
    "MetaDarkRoomHard-v0",
    "MetaDarkKeyToDoor-v0",
    "MetaIMaze-v0",
    "MetaIMazeGrid-v0",
    "MetaHarlow-v0",
    "MetaHarlowSymbolic-v0",
    "MetaHarlowSymbolic6-v0",
)
"""Where no policy is proved best, or not its values from everywhere."""


def test_the_optimum_has_no_gap():
    """Not even a little of one: ties must be ties, and rounding none of its business."""
    e = evaluate("optimal", "MetaBandit-v0", EPISODES)
    assert e.optimality_gaps.shape == (EPISODES,)
    assert (e.optimality_gap == 0).all()
    assert e.ci95_optimality_gap == (0, 0)


@pytest.mark.parametrize("num_trials", [10, 100])
def test_the_gap_of_random_is_what_it_lacks_on_average(num_trials):
    """Random earns half of all pulls; false alarm 6e-5."""
    e = evaluate("random", "MetaBandit-v0", EPISODES, env_kwargs={"num_trials": num_trials})
    expected = optimal_return(BernoulliBandit(1, num_trials=num_trials)) - num_trials / 2
    assert abs(e.mean_optimality_gap - expected) < 4 * standard_error(e.optimality_gaps)


@pytest.mark.parametrize("agent", ["thompson", "ucb", "greedy", "win-stay-lose-shift"])
def test_the_gap_is_the_difference_to_the_optimum_with_less_noise(agent):
    """Both estimate the same; false alarm 6e-5 an agent."""
    e = evaluate(agent, "MetaBandit-v0", EPISODES, seed=3)
    best = evaluate("optimal", "MetaBandit-v0", EPISODES, seed=3)
    apart = e.optimality_gaps + e.returns - best.returns
    assert abs(apart.mean()) < 4 * standard_error(apart)
    low, high = e.ci95_optimality_gap
    assert low < e.mean_optimality_gap < high
    paired_low, paired_high = e.ci95_difference_to_optimum
    assert high - low < 0.8 * (paired_high - paired_low)


def test_the_gap_stands_in_the_summary_and_past_an_end_there_is_none():
    e = evaluate("random", "MetaBandit-v0", 20)
    summary = e.summary()
    assert summary["mean_optimality_gap"] == pytest.approx(e.optimality_gaps.mean())
    assert summary["ci95_optimality_gap"] == e.ci95_optimality_gap
    lengths = np.arange(20)
    assert e.optimality_gap[0].any()
    short = replace(e, lengths=lengths, rewards=e.rewards * (np.arange(100) < lengths[:, None]))
    for gaps, whole, length in zip(short.optimality_gap, e.optimality_gap, lengths, strict=True):
        assert (gaps[:length] == whole[:length]).all()
        assert not gaps[length:].any()


@pytest.mark.parametrize("env_id", [id for id in playable_ids() if id not in UNKNOWN])
def test_return_and_gap_add_up_to_what_the_optimum_earns(env_id):
    """In the same episodes, whatever is done; false alarm 6e-5 an agent. Its own gap is 0."""
    episodes = 300 if env_id == "MetaBanditRestless-v0" else 1_000
    best = evaluate("optimal", env_id, episodes, seed=1)
    assert not best.optimality_gaps.any()
    for agent in ("random", "thompson", "greedy"):
        try:
            e = evaluate(agent, env_id, episodes, seed=1)
        except InputError:
            continue  # Not a task for it.
        assert e.optimality_gaps.any()
        apart = e.returns + e.optimality_gaps - best.returns
        assert abs(apart.mean()) < 4 * standard_error(apart)


@pytest.mark.parametrize("env_id", [id for id in playable_ids() if id in UNKNOWN])
def test_where_it_is_not_known_it_is_none(env_id):
    e = evaluate("random", env_id, 2)
    assert e.optimality_gap is e.optimality_gaps is None
    assert e.mean_optimality_gap is e.ci95_optimality_gap is None


class Wrapped(gym.vector.VectorWrapper):
    """Swaps two arms, behind spaces that do not tell."""

    def step(self, actions):
        return self.env.step(1 - actions)


@pytest.mark.parametrize(
    ("env_id", "kwargs"),
    [
        ("MetaBandit-v0", {"num_arms": 3}),
        ("MetaBandit-v0", {"num_trials": 1_000}),
        ("MetaVolatility-v0", {"schedule": "low-first"}),
        ("CartPole-v1", {}),
    ],
    ids=str,
)
def test_it_is_none_for_arguments_that_rule_it_out_and_environments_not_ours(env_id, kwargs):
    """More arms, too long a programme, a policy that is not proved best, no optimum."""
    assert evaluate("random", env_id, 2, env_kwargs=kwargs).optimality_gap is None


def test_it_is_none_where_a_wrapper_changes_what_is_done(monkeypatch):
    """Broken if arms pulled by a wrapper counted as the agent's choices."""
    e = evaluate("random", "MetaBandit-v0", 2)
    make = optimum.make_vector_env
    monkeypatch.setattr(optimum, "make_vector_env", lambda *args: Wrapped(make(*args)))
    assert e.optimality_gap is None


@pytest.mark.parametrize("env_id", ["MetaTwoStepReversal-v0", "MetaVolatility-v0"])
def test_an_agent_from_which_an_input_is_withheld_has_the_gap_of_what_it_could_have_known(env_id):
    """The same actions in the same episodes: the same gap, of rewards not shown to it too."""
    seen = evaluate(Fixed(1), env_id, 20)
    blind = evaluate(Fixed(1), env_id, 20, env_kwargs={"inputs": ["timestep"]})
    assert (blind.optimality_gap == seen.optimality_gap).all() and seen.optimality_gap.any()


class Fixed:
    """Always does the same."""

    def __init__(self, action):
        self.action = action

    def predict(self, observation, state=None, episode_start=None, deterministic=False):
        return np.full(len(observation), self.action), state


def test_gaps_are_those_of_each_batch_and_in_order():
    """Broken if a batch were watched with the memory of the one before."""
    e = evaluate("random", "MetaBanditDependentEasy-v0", BATCH + 5)
    last = evaluate("random", "MetaBanditDependentEasy-v0", e.episodes[BATCH:])
    last = replace(last, actions=e.actions[BATCH:], rewards=e.rewards[BATCH:])
    assert (e.optimality_gap[BATCH:] == last.optimality_gap).all() and last.optimality_gap.any()
    assert (e.optimality_gap[:, 0] == 0).all()


def test_what_the_optimum_believed_is_found_once_and_only_if_asked_for(monkeypatch):
    """Broken if every recording of the same episodes had its filter run again."""
    calls = []

    def count(evaluation):
        calls.append(evaluation)
        return {"counts": np.zeros((2, 100, 4))}

    monkeypatch.setattr(evaluate_module, "beliefs", count)
    e = evaluate("random", "MetaBandit-v0", 2)
    assert (e.mean_return > 0, calls) == (True, [])
    assert e.belief is e.belief
    assert calls == [e]


def test_nobody_waits_for_a_gap_that_is_not_asked_for(monkeypatch):
    """The programme takes a while, and each evaluation would."""
    calls = []

    def count(evaluation):
        calls.append(evaluation)
        return np.zeros((2, 100))

    monkeypatch.setattr(evaluate_module, "optimality_gap", count)
    e = evaluate("random", "MetaBandit-v0", 2)
    assert (e.mean_return > 0, calls) == (True, [])
    e.summary()
    assert len(calls) == 1
