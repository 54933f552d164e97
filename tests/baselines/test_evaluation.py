"""The evaluator: known scores, equal luck for all, and seeds that keep apart."""

import gymnasium as gym
import numpy as np
import pytest

from baselines.environments import derive_seeds, make_vector_env
from baselines.errors import InputError
from baselines.evaluation import BATCH, evaluate

KNOWN_REGRET = {
    ("random", "MetaBandit-v0"): 16.67,
    ("random", "MetaBanditDependentUniform-v0"): 25,
    ("random", "MetaBanditDependentEasy-v0"): 40,
    ("random", "MetaBanditDependentMedium-v0"): 25,
    ("random", "MetaBanditDependentHard-v0"): 10,
    ("thompson", "MetaBandit-v0"): 2.80,
    ("thompson", "MetaBanditDependentUniform-v0"): 2.80,
    ("thompson", "MetaBanditDependentEasy-v0"): 2.11,
    ("thompson", "MetaBanditDependentMedium-v0"): 2.99,
    ("thompson", "MetaBanditDependentHard-v0"): 4.09,
    ("ucb", "MetaBandit-v0"): 2.97,
    ("ucb", "MetaBanditDependentUniform-v0"): 2.87,
    ("ucb", "MetaBanditDependentEasy-v0"): 2.55,
    ("ucb", "MetaBanditDependentMedium-v0"): 3.01,
    ("ucb", "MetaBanditDependentHard-v0"): 3.88,
    ("optimal", "MetaBandit-v0"): 1.748,
    ("optimal", "MetaBanditDependentUniform-v0"): 1.21,
    ("optimal", "MetaBanditDependentEasy-v0"): 0.62,
    ("optimal", "MetaBanditDependentMedium-v0"): 1.01,
    ("optimal", "MetaBanditDependentHard-v0"): 2.28,
    ("thompson", "MetaBanditInformative-v0"): 14.0,
    ("optimal", "MetaBanditInformative-v0"): 4.45,
}


@pytest.mark.parametrize(("agent", "env_id"), KNOWN_REGRET)
def test_regret_is_the_one_calculated_independently(agent, env_id):
    """The values come from other programs than ours; 5 standard errors and their rounding."""
    evaluation = evaluate(agent, env_id, 8_000, seed=3)
    error = (evaluation.ci95_regret[1] - evaluation.mean_regret) / 1.96
    assert abs(evaluation.mean_regret - KNOWN_REGRET[agent, env_id]) < 5 * error + 0.006


def test_every_agent_meets_the_same_tasks_and_luck():
    """The best arm's mean is reward-independent: random and optimal must share it to the bit."""
    by_agent = {}
    for agent in ("random", "optimal"):
        e = evaluate(agent, "MetaBanditDependentHard-v0", 50, seed=5)
        # Both arms' luck is the same uniform number: after equal choices rewards are equal too.
        by_agent[agent] = e
    same_choice = by_agent["random"].regret == by_agent["optimal"].regret
    assert 0.2 < same_choice.mean() < 0.8
    np.testing.assert_array_equal(
        by_agent["random"].rewards[same_choice], by_agent["optimal"].rewards[same_choice]
    )


def test_an_episode_can_be_played_again_in_the_scalar_environment():
    """Episode i must be that of the i-th derived seed, whatever the batching."""
    e = evaluate("optimal", "MetaBanditInformative-v0", BATCH + 3, seed=9)
    env = gym.make("MetaBanditInformative-v0")
    env.reset(seed=derive_seeds(9, "evaluation", BATCH + 3)[BATCH + 1])
    target = env.unwrapped.task["target"]
    assert e.rewards[BATCH + 1, 0] == pytest.approx((target + 1) / 10)


def test_more_episodes_leave_the_first_ones_as_they_were():
    few = evaluate("optimal", "MetaBanditInformative-v0", 7, seed=1)
    many = evaluate("optimal", "MetaBanditInformative-v0", 30, seed=1)
    np.testing.assert_array_equal(few.rewards, many.rewards[:7])


def test_the_same_seed_gives_the_same_scores():
    """An evaluation that cannot be repeated cannot be checked."""
    first, second = (evaluate("thompson", "MetaBandit-v0", 20, seed=4) for _ in range(2))
    np.testing.assert_array_equal(first.rewards, second.rewards)
    other = evaluate("thompson", "MetaBandit-v0", 20, seed=5)
    assert not np.array_equal(first.rewards, other.rewards)


def test_training_and_evaluation_seeds_have_nothing_in_common():
    """Otherwise an agent would be tested on tasks it was trained on."""
    count, num_envs = 2_000, 512
    sets = [set(derive_seeds(seed, "evaluation", count)) for seed in range(3)]
    for seed in range(3):
        for stage in range(3):
            first = derive_seeds(seed, "training", 1, stage)[0]
            sets.append(set(range(first, first + num_envs)))
    assert len(set.union(*sets)) == sum(len(s) for s in sets)


def test_episodes_of_different_lengths_end_where_they_end():
    """Rewards past an episode's end would count the next episode's."""
    e = evaluate("random", "CartPole-v1", 12, seed=0)
    assert e.regret is None
    assert e.mean_regret is None
    np.testing.assert_array_equal(e.rewards.sum(axis=1), e.lengths)
    assert len(set(e.lengths.tolist())) > 1


class Recorder:
    """Always takes the first action, and notes how it was called."""

    def __init__(self):
        self.calls = []

    def predict(self, observation, state=None, episode_start=None, deterministic=False):
        self.calls.append((state, episode_start.copy(), deterministic))
        return np.zeros(len(observation), np.int64), (len(self.calls),)


def test_state_and_episode_start_are_passed_as_sb3_passes_them():
    """An agent whose state was dropped could not remember anything inside the episode."""
    agent = Recorder()
    e = evaluate(agent, "MetaBanditInformative-v0", 3, deterministic=True)
    assert e.agent == "Recorder"
    assert e.deterministic
    assert [state for state, _, _ in agent.calls] == [None, (1,), (2,), (3,), (4,)]
    assert [start.all() for _, start, _ in agent.calls] == [True, False, False, False, False]
    assert all(deterministic for _, _, deterministic in agent.calls)


def test_an_agent_that_forgets_its_state_scores_at_chance_or_worse():
    """Without memory Thompson sampling sees one pull at most: far from its own score."""

    class Forgetful:
        def predict(self, observation, state=None, episode_start=None, deterministic=False):
            return self.inner.predict(observation, None, np.ones(len(observation), bool))

    from baselines.agents import make_agent

    agent = Forgetful()
    agent.inner = make_agent("thompson", make_vector_env("MetaBandit-v0", 1))
    e = evaluate(agent, "MetaBandit-v0", 2_000)
    assert e.ci95_regret[0] < 16.67 < e.ci95_regret[1] + 0.3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"agent": "nobody"}, "there is no agent or checkpoint 'nobody'"),
        ({"env_id": "MetaBandits-v0"}, "Did you mean: `MetaBandit`"),
        ({"episodes": 0}, "episodes must be"),
        ({"seed": -1}, "seed must be"),
        ({"env_kwargs": {"num_arms": 1}}, "num_arms must be a whole number of at least 2"),
        ({"env_kwargs": {"arms": 3}}, "arms"),
        ({"agent": "optimal", "env_kwargs": {"num_arms": 3}}, "num_arms=2"),
        ({"agent": "thompson", "env_kwargs": {"inputs": ["action"]}}, "last reward"),
        ({"agent": "ucb", "env_id": "CartPole-v1"}, "use random"),
        ({"env_id": "Pendulum-v1"}, "Discrete"),
    ],
)
def test_bad_input_is_named(arguments, message):
    arguments = {"agent": "random", "env_id": "MetaBandit-v0", "episodes": 2} | arguments
    with pytest.raises(InputError) as caught:
        evaluate(**arguments)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
