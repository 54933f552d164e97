"""Agents that plan in random MDPs, against published scores and calculations by other means."""

import itertools

import numpy as np
import pytest

from baselines.classic.planning_policy import Belief, Experience
from baselines.classic.ucrl2 import optimistic_mean
from baselines.common.environments import make_vector_env
from baselines.common.errors import InputError
from baselines.evaluation.evaluate import evaluate
from baselines.experiments.duan2016_mdps import NO_PRIOR, PUBLISHED
from baselines.registry import CLASSIC, agents_for, make_agent
from tests.meta_envs.bounds import follows, happens, independent, normal_cdf

ID = "MetaTabularMDP-v0"
PUBLISHED_SE = 0.9
"""Of the means of 1,000 returns with a standard deviation below 28."""
AS_PUBLISHED = {
    "random": "random",
    "psrl": "psrl,prior_mean=0",
    "opsrl": "opsrl,prior_mean=0",
    "ucrl2": "ucrl2,scale=0.4",
    "beb": "beb,prior_mean=0,ahead=3.2",
    "epsilon-greedy": f"epsilon-greedy,{NO_PRIOR}",
    "greedy": f"greedy,{NO_PRIOR}",
}


@pytest.mark.parametrize("agent", AS_PUBLISHED)
def test_ten_trials_pay_what_duan_2016_published(agent):
    """Table 2 of RL^2; 4 standard errors of the difference."""
    e = evaluate(AS_PUBLISHED[agent], ID, 2_000, seed=21)
    error = (e.ci95_return[1] - e.mean_return) / 1.96
    assert abs(e.mean_return - PUBLISHED[agent][0]) < 4 * np.hypot(error, PUBLISHED_SE)


def test_with_the_true_prior_thompson_is_psrl_and_optimism_pays():
    """PSRL explores too much for ten trials; a small bonus does better, as does none."""
    psrl, thompson = (evaluate(name, ID, 1_000).returns for name in ("psrl", "thompson"))
    assert (psrl == thompson).all()
    for name in ("greedy", "beb"):
        assert evaluate(name, ID, 1_000).mean_return > psrl.mean() + 15


ON_MDPS = {"random", "psrl", "opsrl", "ucrl2", "beb", "greedy", "epsilon-greedy", "thompson"}
ON_MDPS.add("myopic")


@pytest.mark.parametrize("name", CLASSIC)
def test_agents_play_the_tasks_they_are_for(name):
    """A bandit's agent would take states for nothing, and score without anybody noticing."""
    env = make_vector_env(ID, 2)
    if name in ON_MDPS:
        make_agent(name, env)
    else:
        refusal = "is for .*: choose from random" if name != "optimal" else "no optimum"
        with pytest.raises(InputError, match=refusal):
            make_agent(name, env)
    assert set(agents_for(env.unwrapped.family)) == ON_MDPS


@pytest.mark.parametrize(
    ("agent", "message"),
    [
        ("opsrl,samples=0", "samples must be"),
        ("beb,beta=-1", "beta must be"),
        ("beb,ahead=-1", "ahead must be"),
        ("ucrl2,scale=-1", "scale must be"),
        ("ucrl2,delta=0", "delta must be"),
        ("greedy,prior_weight=0", "prior_weight must be"),
        ("psrl,prior_mean=nan", "prior_mean must be"),
        ("psrl,samples=3", "psrl has no argument 'samples'"),
        ("epsilon-greedy,epsilon=2", "epsilon must be"),
    ],
)
def test_bad_arguments_are_named(agent, message):
    with pytest.raises(InputError, match=f"^{message}"):
        make_agent(agent, make_vector_env(ID, 1))


@pytest.mark.parametrize("name", ["greedy", "epsilon-greedy"])
def test_a_prior_is_for_mdps_only(name):
    """Taken and not used, it would be a silent mistake."""
    with pytest.raises(InputError, match=rf"^{name} takes prior_mean on tabular MDPs only"):
        make_agent(f"{name},prior_mean=0", make_vector_env("MetaBandit-v0", 1))


def seen(batch=1, transitions=(), rewards=()):
    """An experience of 3 states and 2 actions, the given entries being counted."""
    experience = Experience(
        np.zeros((batch, 3, 2, 3)), np.zeros((batch, 3, 2)), np.zeros((batch, 3, 2))
    )
    for s, a, after in transitions:
        experience.transitions[:, s, a, after] += 1
    for s, a, reward in rewards:
        experience.visits[:, s, a] += 1
        experience.rewards[:, s, a] += reward
    return experience


def test_beliefs_are_the_conjugate_posterior():
    """By hand: Dirichlet(1 + counts); mean (m w + sum) / (w + n)."""
    experience = seen(transitions=[(0, 1, 2), (0, 1, 2)], rewards=[(0, 1, 4.0), (0, 1, 1.0)])
    p, r = Belief().expected(experience)
    np.testing.assert_allclose(p[0, 0, 1], [0.2, 0.2, 0.6])
    np.testing.assert_allclose(p[0, 2, 0], 1 / 3)
    assert r.shape == (1, 1, 3, 2)
    assert r[0, 0, 0, 1] == pytest.approx((1 + 5) / 3) and r[0, 0, 1, 1] == 1
    p, r = Belief(mean=-2, weight=0.5).expected(experience)
    np.testing.assert_allclose(p[0, 0, 1], np.array([0.5, 0.5, 2.5]) / 3.5)
    assert r[0, 0, 0, 1] == pytest.approx((-1 + 5) / 2.5) and r[0, 0, 1, 1] == -2


def test_samples_are_drawn_from_the_posterior():
    """Kolmogorov-Smirnov on a marginal of each kind; 1e-6 each."""
    n = 5_000
    experience = seen(n, [(0, 1, 2), (0, 1, 2)], [(0, 1, 4.0), (0, 1, 1.0), (0, 1, 1.0)])
    p, r = Belief().sample(experience, np.random.default_rng(0))
    # P(state 2) is Beta(3, 2), with distribution function x^3 (4 - 3 x).
    assert follows(p[:, 0, 1, 2], lambda x: x**3 * (4 - 3 * x))
    assert follows(p[:, 1, 0, 2], lambda x: 1 - (1 - x) ** 2)
    np.testing.assert_allclose(p.sum(axis=-1), 1)
    # Mean (1 + 6) / 4, variance 1 / 4; and the prior where nothing has been seen.
    assert follows(2 * (r[:, 0, 0, 1] - 7 / 4), normal_cdf)
    assert follows(r[:, 0, 2, 1] - 1, normal_cdf)
    assert independent(normal_cdf(r[:, 0, 2, 1] - 1), 1 - (1 - p[:, 1, 0, 2]) ** 2)


def test_agents_count_what_they_see_and_nothing_else():
    """Broken if a step is booked on another state, or the jump to the next trial is learnt."""
    kwargs = {"num_states": 3, "num_actions": 2, "horizon": 3, "num_trials": 4}
    env = make_vector_env(ID, 5, kwargs)
    agent = make_agent("psrl", env)
    agent.set_random_seed(0)
    observation, _ = env.reset(seed=0)
    state = None
    expected = seen(5)
    for step in range(11):
        actions, state = agent.predict(observation, state)
        before = env.unwrapped.family.states.copy()
        observation, rewards = env.step(actions)[:2]
        rows = np.arange(5)
        expected.visits[rows, before, actions] += 1
        expected.rewards[rows, before, actions] += rewards
        if step % 3 < 2:
            expected.transitions[rows, before, actions, env.unwrapped.family.states] += 1
    _, state = agent.predict(observation, state)
    for part, other in zip(agent._parts(state[0]), expected, strict=False):
        np.testing.assert_allclose(part, other, atol=1e-5)  # The observation is float32.


def test_a_plan_is_kept_through_its_trial_and_made_anew_after_it():
    """Broken if an agent plans at other moments, or in other episodes' stead."""
    env = make_vector_env(ID, 3, {"horizon": 4, "num_trials": 3})
    agent = make_agent("psrl", env)
    plans = []
    agent.plan = lambda experience: (
        plans.append(len(experience.visits)) or np.zeros((len(experience.visits), 4, 10, 5))
    )
    observation, _ = env.reset(seed=0)
    state, start, counts = None, np.ones(3, bool), []
    for step in range(12):
        actions, state = agent.predict(observation, state, start)
        counts.append(sum(plans))
        observation, _, start, _, _ = env.step(actions)
        if step == 5:
            observation, _ = env.reset(options={"reset_mask": np.array([True, False, False])})
            start = np.array([True, False, False])
    # All at steps 0, 4 and 8 but the first, which starts again at 6 and ends trials at 10, 14.
    assert counts == [3, 3, 3, 3, 6, 6, 7, 7, 9, 9, 10, 10]


def test_the_plan_for_each_number_of_steps_to_go_is_used_there():
    """A plan read backwards is nearly as good, and so would not show in the scores."""
    env = make_vector_env(ID, 2, {"horizon": 4, "num_trials": 2})
    agent = make_agent("greedy", env)
    # The best action is the number of further steps to go, plus 1 in odd states.
    action = np.arange(4)[:, None] + np.arange(10) % 2
    agent.plan = lambda experience: np.broadcast_to(np.eye(5)[action], (2, 4, 10, 5))
    observation, _ = env.reset(seed=0)
    state = None
    for step in range(8):
        actions, state = agent.predict(observation, state)
        assert (actions == 3 - step % 4 + env.unwrapped.family.states % 2).all()
        observation = env.step(actions)[0]


def test_epsilon_greedy_departs_from_the_plan_as_often_as_it_says():
    """With one best action, another is taken with probability 4/5 epsilon."""
    env = make_vector_env(ID, 1)
    agent = make_agent("epsilon-greedy,epsilon=0.3", env)
    agent.plan = lambda experience: np.broadcast_to(np.eye(5)[2], (len(experience[0]), 10, 10, 5))
    memory = agent.initial_memory(20_000)
    observation = np.repeat(env.reset(seed=0)[0], 20_000, axis=0)
    agent.begin(memory, observation)
    assert happens((agent.act(memory) != 2).sum(), 20_000, 0.3 * 4 / 5)


def test_myopic_takes_the_highest_mean_of_each_state():
    """Counted here in dictionaries, with a prior that counts one visit of 1.5."""
    env = make_vector_env(ID, 4)
    agent = make_agent("myopic,prior_mean=1.5", env)
    observation, _ = env.reset(seed=3)
    state, seen = None, {}
    for _ in range(60):
        actions, state = agent.predict(observation, state)
        states = env.unwrapped.family.states.tolist()
        step = env.step(actions)
        for i, (s, a) in enumerate(zip(states, actions.tolist(), strict=True)):
            means = [np.mean([1.5, *seen.get((i, s, other), [])]) for other in range(5)]
            assert means[a] == pytest.approx(max(means))
            seen.setdefault((i, s, a), []).append(float(np.float32(step[1][i])))
        observation = step[0]


def test_the_optimistic_mean_is_the_best_of_all_vertices():
    """The maximum of a linear function over the set is at an extreme point, found by search.

    With the slack d, mass of up to d / 2 moves: every order in which states can give is tried.
    """
    rng = np.random.default_rng(0)
    for _ in range(200):
        p = rng.dirichlet(np.ones(4) * 0.5)
        values, slack = rng.normal(size=4), rng.uniform(0, 2.5)
        best = -np.inf
        for target, order in itertools.product(range(4), itertools.permutations(range(4))):
            new, left = p.copy(), min(slack / 2, 1 - p[target])
            new[target] += left
            for giver in (g for g in order if g != target):
                given = min(new[giver], left)
                new[giver] -= given
                left -= given
            best = max(best, new @ values)
        found = optimistic_mean(p[None, None, None], np.array([[[slack]]]), values[None])
        assert found[0, 0, 0] == pytest.approx(best, abs=1e-12)


def test_ucrl2_with_no_slack_is_greedy_without_a_prior_and_else_values_what_is_unknown():
    env = make_vector_env(ID, 1, {"num_states": 3, "num_actions": 2, "horizon": 4})
    experience = seen(
        transitions=[(s, 0, (s + 1) % 3) for s in range(3)], rewards=[(s, 0, 1.0) for s in range(3)]
    )
    none, some = (make_agent(f"ucrl2,scale={scale}", env).plan(experience) for scale in (0, 0.5))
    greedy = make_agent(f"greedy,{NO_PRIOR}", env).plan(experience)
    np.testing.assert_allclose(none, greedy, atol=1e-12)
    assert (some > none).all()


def test_ucrl2_is_as_optimistic_as_its_formula():
    """After one trial of 2 steps: widths from 4 log(2 * 3 * 2 * 3 / 0.1), at most one state away.

    In state 0, action 0 has been taken twice and has led to state 2 once.
    """
    env = make_vector_env(ID, 1, {"num_states": 3, "num_actions": 2, "horizon": 2})
    experience = seen(transitions=[(0, 0, 2)], rewards=[(0, 0, 1.0), (0, 0, 3.0)])
    plan = make_agent("ucrl2,scale=0.01,delta=0.1", env).plan(experience)
    width = 0.01 * np.sqrt(4 * np.log(360))
    here = 2 + width / np.sqrt(2)
    assert plan[0, 0, 0, 0] == pytest.approx(here, abs=1e-3)
    assert plan[0, 0, 1, 0] == pytest.approx(width, abs=1e-3)
    # State 0 is the best to go to, and half of the slack is taken from where it has led.
    slack = width * np.sqrt(3)
    expected = here + width + slack / 2 * (here - width)
    assert plan[0, 1, 0, 0] == pytest.approx(expected, abs=2e-3)


def test_the_bonus_is_that_of_its_formula():
    """One step to go: mean + beta / (2 + n); each further step adds ahead / (1 + S + m)."""
    env = make_vector_env(ID, 1, {"num_states": 3, "num_actions": 2, "horizon": 2})
    experience = seen(transitions=[(0, 0, 0)], rewards=[(0, 0, 3.0), (0, 0, 3.0)])
    plan = make_agent("beb,beta=0.6,ahead=10", env).plan(experience)
    assert plan[0, 0, 0, 0] == pytest.approx(7 / 3 + 0.6 / 4)
    assert plan[0, 0, 1, 1] == pytest.approx(1 + 0.6 / 2)
    best = np.array([7 / 3 + 0.6 / 4, 1.3, 1.3])
    expected = 7 / 3 + 0.6 / 4 + 10 / 5 + np.array([0.5, 0.25, 0.25]) @ best
    assert plan[0, 1, 0, 0] == pytest.approx(expected)


def test_more_samples_promise_more():
    """The value of the best of several draws rises with their number."""
    env = make_vector_env(ID, 1, {"num_states": 3, "num_actions": 2, "horizon": 4})
    means = []
    for samples in (1, 4, 16):
        agent = make_agent(f"opsrl,samples={samples}", env)
        agent.set_random_seed(0)
        means.append(agent.plan(seen(500)).mean())
    assert means[0] + 1 < means[1] < means[2] - 1
