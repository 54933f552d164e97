"""Classic agents, against numbers and formulas that are not ours."""

import numpy as np
import pytest

from baselines.classic.ucb import KLUCB, bernoulli_kl
from baselines.common.environments import make_vector_env
from baselines.evaluation.evaluate import evaluate
from baselines.registry import agents_for, make_agent
from meta_envs.core.observation import select
from meta_envs.optimal.bandits.gittins import discounted_indices
from meta_envs.registration import TABLE
from meta_envs.tasks.bandits.bernoulli_bandit import BernoulliBandit


@pytest.mark.parametrize(
    ("discount", "n", "s", "index"),
    [
        # Gittins, Glazebrook and Weber 2011, "Multi-armed bandit allocation indices", table 8.4,
        # from a Beta(1, 1) prior: n pulls of which s paid.
        (0.9, 0, 0, 0.7029),
        (0.9, 1, 1, 0.8001),
        (0.9, 1, 0, 0.5001),
        (0.9, 2, 1, 0.6346),
        (0.99, 0, 0, 0.8699),
        (0.99, 1, 1, 0.9102),
        (0.99, 1, 0, 0.7005),
    ],
)
def test_gittins_indices_are_those_of_the_tables(discount, n, s, index):
    assert discounted_indices(discount, 3)[n, s] == pytest.approx(index, abs=2e-4)


def test_kl_ucb_solves_its_equation():
    """Its index q is where n KL(mean, q) = log t, above the mean."""
    env = make_vector_env("MetaBandit-v0", 1)
    policy = KLUCB(env.unwrapped.meta_observation)
    mean = np.array([[0.0, 0.3, 0.9, 1.0]])
    n, t = np.array([[3.0, 7.0, 20.0, 5.0]]), np.array([[35.0]])
    q = policy.index(mean, n, t)
    assert np.all(q >= mean)
    np.testing.assert_allclose((n * bernoulli_kl(mean, q))[0, :3], np.log(35), atol=1e-5)
    assert q[0, 3] == 1


@pytest.mark.parametrize("p", [(0.2, 0.7), (0.5, 0.9)])
def test_win_stay_lose_shift_pulls_the_first_arm_as_often_as_its_chain_says(p):
    """Two states that are left with probability 1 - p: stationary shares go as the other's."""
    share = (1 - p[1]) / ((1 - p[0]) + (1 - p[1]))
    e = evaluate_on_task("win-stay-lose-shift", p, 800)
    first = e.regret[:, 20:] == max(p) - p[0]
    error = first.mean(axis=1).std() / len(first) ** 0.5
    assert abs(first.mean() - share) < 5 * error


def test_rescorla_wagner_is_a_softmax_of_values_that_follow_rewards():
    """Two pulls by hand: Q = .5 -> .5 + .25 (1 - .5) = .625; -> .625 (1 - .25) = .46875."""
    env = make_vector_env("MetaBandit-v0", 1)
    agent = make_agent("rescorla-wagner,alpha=0.25,beta=4,lapse=0.1", env)
    memory = agent.initial_memory(1)
    agent.update(memory, np.array([0]), np.array([1.0]))
    assert memory[0].tolist() == [0.625, 0.5]
    agent.update(memory, np.array([0]), np.array([0.0]))
    assert memory[0].tolist() == [0.46875, 0.5]
    agent.set_random_seed(0)
    share = agent.act(np.repeat(memory, 40_000, axis=0)).mean()
    expected = 0.1 + 0.8 / (1 + np.exp(4 * (0.46875 - 0.5)))
    assert abs(share - expected) < 5 * 0.5 / 200


def cued(name):
    """An agent on arms of cued magnitude, with 40,000 memories of the same offers, .6 and .3."""
    env = make_vector_env("MetaVolatility-v0", 1)
    agent = make_agent(name, env)
    agent.set_random_seed(0)
    memory = agent.initial_memory(40_000)
    memory[:, :2] = 0.6, 0.3
    return agent, memory


def learn(agent, memory, first_paid):
    memory[:, 2:] = agent.update(memory[:, 2:], np.full(len(memory), first_paid))


def test_cued_rescorla_wagner_weighs_a_chance_by_what_is_on_offer():
    """Two outcomes by hand: p = .5 -> .625 -> .46875; a softmax of p m1 and (1 - p) m2."""
    agent, memory = cued("cued-rescorla-wagner,alpha=0.25,beta=4")
    learn(agent, memory, True)
    assert memory[0, 2] == 0.625
    learn(agent, memory, False)
    assert memory[0, 2] == 0.46875
    second = 1 / (1 + np.exp(4 * (0.46875 * 0.6 - 0.53125 * 0.3)))
    assert abs(agent.act(memory).mean() - second) < 5 * 0.5 / 200


def test_pearce_hall_learns_faster_after_surprises():
    """By hand: p, alpha = .5, .2 -> .6, .5 * .5 + .5 * .2 = .35 -> .6 - .35 * .6, .475."""
    agent, memory = cued("pearce-hall,alpha=0.2,eta=0.5,beta=inf")
    learn(agent, memory, True)
    assert memory[0, 2:].tolist() == pytest.approx([0.6, 0.35])
    learn(agent, memory, False)
    assert memory[0, 2:].tolist() == pytest.approx([0.39, 0.475])
    assert (agent.act(memory) == 0).all()  # .39 * .6 against .61 * .3.


@pytest.mark.parametrize("action", [0, 1])
def test_who_is_shown_magnitudes_learns_which_arm_paid(action):
    """Broken if an outcome were learnt of the wrong arm: then all would go for the poorer one."""
    env = make_vector_env("MetaVolatility-v0", 4)
    agent = make_agent("cued-rescorla-wagner,alpha=1", env)
    task = {"p1": [1.0] * 100 + [0.0] * 100}
    observation, _ = env.reset(seed=0, options={"tasks": [task] * 4})
    _, state = agent.predict(observation)
    for trial in range(1, 198):
        observation = env.step(np.full(4, action))[0]
        _, state = agent.predict(observation, state)
        assert (state[0][:, 2] == (trial <= 100)).all()


def test_epsilon_greedy_explores_as_often_as_it_says():
    """With all the evidence on one arm, the other is pulled with probability epsilon / 2."""
    env = make_vector_env("MetaBandit-v0", 1)
    agent = make_agent("epsilon-greedy,epsilon=0.3", env)
    agent.set_random_seed(0)
    memory = np.repeat(np.array([[[9.0, 9.0], [9.0, 0.0]]]), 40_000, axis=0)
    assert abs(agent.act(memory).mean() - 0.15) < 5 * 0.36 / 200


def test_more_samples_make_thompson_more_optimistic():
    """The best of many draws prefers the arm that is known less, at equal means."""
    env = make_vector_env("MetaBandit-v0", 1)
    memory = np.repeat(np.array([[[2.0, 40.0], [1.0, 20.0]]]), 4_000, axis=0)
    shares = []
    for samples in (1, 20):
        agent = make_agent(f"optimistic-thompson,samples={samples}", env)
        agent.set_random_seed(0)
        shares.append((agent.act(memory) == 0).mean())
    assert abs(shares[0] - 0.5) < 0.05
    assert shares[1] > 0.9


def evaluate_on_task(agent, probabilities, episodes):
    import json

    from baselines.common.environments import derive_seeds
    from baselines.evaluation.episodes import Episode

    task = json.dumps({"probabilities": list(probabilities)})
    seeds = derive_seeds(0, "evaluation", episodes)
    return evaluate(agent, "MetaBandit-v0", [Episode(seed, task) for seed in seeds])


BANDIT_AGENTS = agents_for(BernoulliBandit(1))


@pytest.mark.parametrize("name", [n for n in BANDIT_AGENTS if not n.startswith("optimal")])
@pytest.mark.parametrize("num_arms", [2, 7])
def test_every_agent_plays_any_number_of_arms_and_all_but_random_learn(name, num_arms):
    e = evaluate(name, "MetaBandit-v0", 400, env_kwargs={"num_arms": num_arms, "num_trials": 60})
    best_mean = num_arms / (num_arms + 1)
    chance = 60 * (best_mean - 0.5)
    if name == "random":
        assert e.ci95_regret[0] - 0.5 < chance < e.ci95_regret[1] + 0.5
    else:
        assert e.ci95_regret[1] < 0.8 * chance


def some_agents():
    """A few agents for every id that they play."""
    names = ["random", "greedy", "ucb", "thompson", "optimal"]
    names += ["two-step-model-based", "two-step-model-free", "ucrl2"]
    for row in TABLE:
        played = agents_for(make_vector_env(row.id, 1).unwrapped.family)
        yield from ((name, row.id) for name in names if name in played)


@pytest.mark.parametrize(("name", "env_id"), list(some_agents()))
def test_memory_is_per_episode_and_not_shared(name, env_id):
    """Rows of a batch must not influence each other, and a restart must forget everything."""
    env = make_vector_env(env_id, 4)
    agent = make_agent(name, env)
    observation, _ = env.reset(seed=0)
    state = None
    for _ in range(3):
        action, state = agent.predict(observation, state)
        observation = env.step(action)[0]
    if name == "random":
        assert state is None
        return
    start = np.array([False, True, False, True])
    agent.set_random_seed(0)
    _, mixed = agent.predict(observation, state, start)
    agent.set_random_seed(0)
    _, anew = agent.predict(select(observation, start))
    _, carried = agent.predict(observation, state, np.zeros(4, bool))
    np.testing.assert_allclose(mixed[0][~start], carried[0][~start])
    np.testing.assert_allclose(mixed[0][start], anew[0])
    before = state[0].copy()
    agent.predict(observation, state)
    np.testing.assert_array_equal(state[0], before)
