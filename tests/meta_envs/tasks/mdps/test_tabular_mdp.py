"""Random MDPs: their distribution, their noise and their values.

False alarms: see tests/meta_envs/bounds.
"""

import itertools

import numpy as np

from meta_envs.tasks.mdps.planning import value_iteration
from meta_envs.tasks.mdps.tabular_mdp import TabularMDP
from tests.meta_envs.bounds import (
    follows,
    happens,
    has_unit_variance,
    independent,
    mean_is,
    normal_cdf,
)
from tests.meta_envs.cases import Case, same, some_actions

ID = "MetaTabularMDP-v0"
N = 6_000
SMALL = Case(ID, {"num_states": 4, "num_actions": 3, "horizon": 3, "num_trials": 2})


def drawn(case=SMALL, n=N, seed=0):
    """The family of `n` sub-environments just reset."""
    envs = case.native(n)
    envs.reset(seed=seed)
    return envs.family


def sticks(p):
    """Independent uniform numbers, if the last axis of `p` is flat Dirichlet.

    The first probability is Beta(1, k - 1), the second, of what is left, Beta(1, k - 2), ...
    """
    left = 1 - np.cumsum(p, axis=-1) + p
    k = p.shape[-1]
    shares = [p[..., i] / left[..., i] for i in range(k - 1)]
    return np.stack([1 - (1 - x) ** (k - 1 - i) for i, x in enumerate(shares)], axis=-1)


def test_transitions_are_flat_dirichlet_for_every_state_and_action():
    """Broken if a next state is likelier than another, or the prior is not flat."""
    p = drawn().transitions
    assert p.shape == (N, 4, 3, 4)
    np.testing.assert_allclose(p.sum(axis=-1), 1, atol=1e-12)
    u = sticks(p)
    for state, action in itertools.product(range(4), range(3)):
        assert all(follows(u[:, state, action, i]) for i in range(3))
        assert independent(u[:, state, action, 0], u[:, state, action, 1])
        assert independent(u[:, state, action, 0], u[:, (state + 1) % 4, action, 0])
        assert independent(u[:, state, action, 0], u[:, state, (action + 1) % 3, 0])


def test_mean_rewards_are_normal_around_one_and_independent():
    """Broken if their mean or variance is not 1, or they go with the transitions."""
    family = drawn()
    means, u = family.reward_means - 1, sticks(family.transitions)
    for state, action in itertools.product(range(4), range(3)):
        mean = means[:, state, action]
        assert follows(mean, normal_cdf)
        assert has_unit_variance(mean)
        assert independent(normal_cdf(mean), normal_cdf(means[:, (state + 1) % 4, action]))
        assert independent(normal_cdf(mean), normal_cdf(means[:, state, (action + 1) % 3]))
        assert independent(normal_cdf(mean), u[:, state, action, 0])


def test_successive_episodes_have_tasks_of_their_own():
    env = SMALL.scalar()
    env.reset(seed=0)
    tasks = []
    for _ in range(3_000):
        tasks.append((env.task["reward_means"][0][0] - 1, env.task["transitions"][0][0]))
        env.reset()
    means, u = np.array([t[0] for t in tasks]), sticks(np.array([t[1] for t in tasks]))[:, 0]
    assert follows(means, normal_cdf) and follows(u)
    assert independent(normal_cdf(means[:-1]), normal_cdf(means[1:]))
    assert independent(u[:-1], u[1:])


def played(steps=6, actions=None):
    """States before, actions, rewards and states after each step, each of shape (steps, N)."""
    envs = SMALL.native(N)
    envs.reset(seed=1)
    record = []
    for step in range(steps):
        row = some_actions(SMALL, step, N) if actions is None else np.full(N, actions)
        before = envs.family.states.copy()
        rewards = envs.step(row)[1]
        record.append((before, row, rewards, envs.family.states.copy()))
    return drawn(seed=1), [np.array(part) for part in zip(*record, strict=True)]


def test_rewards_are_their_means_plus_standard_normal_noise():
    """Broken if the noise has another size, is not fresh at each step or goes with the task."""
    family, (states, actions, rewards, _) = played()
    noise = rewards - family.reward_means[np.arange(N), states, actions]
    for step in range(6):
        assert follows(noise[step], normal_cdf)
        assert has_unit_variance(noise[step])
        for other in range(step):
            assert independent(normal_cdf(noise[step]), normal_cdf(noise[other]))
        assert independent(normal_cdf(noise[step]), sticks(family.transitions)[:, 0, 0, 0])
        for mean in family.reward_means.reshape(N, -1).T:
            assert independent(normal_cdf(noise[step]), normal_cdf(mean - 1))


def test_the_noise_of_a_step_is_the_same_whatever_is_done():
    """Broken if noise depends on the agent."""
    family, (states, actions, rewards, _) = played()
    _, (other_states, other_actions, other_rewards, _) = played(actions=1)
    noise = rewards - family.reward_means[np.arange(N), states, actions]
    other = other_rewards - family.reward_means[np.arange(N), other_states, other_actions]
    np.testing.assert_allclose(noise, other, atol=1e-12)


def test_a_step_leads_where_the_transitions_say():
    """Broken if another action's or state's row is read, or the noise of steps is not fresh."""
    family, (states, actions, _, after) = played()
    for step in (0, 1, 3, 4):  # The others end a trial.
        p = family.transitions[np.arange(N), states[step], actions[step]]
        for state in range(4):
            assert happens((after[step] == state).sum(), N, p[:, state].mean(), 4)
            likely = p[:, state] > 0.5
            hits = (after[step] == state)[likely].sum()
            assert happens(hits, likely.sum(), p[likely, state].mean(), 4)
    # Where a step landed within its own row is uniform: smoothed by a coin of our own.
    coin = np.random.default_rng(0).random((6, N))
    landed = []
    for step in (0, 1, 3):
        p = family.transitions[np.arange(N), states[step], actions[step]]
        rows = np.arange(N), after[step]
        landed.append(p.cumsum(axis=1)[rows] - coin[step] * p[rows])
    assert all(follows(u) for u in landed)
    assert independent(landed[0], landed[1]) and independent(landed[1], landed[2])


def test_every_trial_starts_in_state_zero_and_the_last_step_leads_nowhere_else():
    """Broken if a trial goes on where the one before ended, or ends at another step."""
    envs = Case(ID, {"horizon": 4, "num_trials": 3}).native(500)
    observations, _ = envs.reset(seed=0)
    read = envs.meta_observation
    for step in range(1, 12):
        assert (observations[:, :10].sum(axis=1) == 1).all()
        assert (read.own(observations).argmax(axis=1) == envs.family.states).all()
        assert (observations[:, read.layout["last_done"]] == (step > 1 and step % 4 == 1)).all()
        if step % 4 == 1:
            assert (envs.family.states == 0).all()
        elif step % 4 == 2:
            assert 0.85 < (envs.family.states > 0).mean() < 0.95
        observations = envs.step(some_actions(Case(ID), step, 500))[0]


def test_states_are_one_hot_in_the_observation():
    """Broken if the agent sees another state than it is in."""
    envs = Case(ID).native(50)
    observations, _ = envs.reset(seed=0)
    for step in range(30):
        assert (observations[:, :10] == np.eye(10)[envs.family.states]).all()
        observations = envs.step(some_actions(Case(ID), step, 50))[0]


def q(p, r, to_go, state, action):
    """The value of an action by plain recursion."""
    if to_go == 1:
        return r[state][action]
    return r[state][action] + sum(
        chance * max(q(p, r, to_go - 1, after, a) for a in range(len(r[0])))
        for after, chance in enumerate(p[state][action])
    )


def test_action_values_are_those_of_a_plain_recursion_to_the_end_of_the_trial():
    """Broken if values look past the end of the trial, or at another number of steps to go."""
    env = SMALL.scalar()
    for seed in range(3):
        env.reset(seed=seed)
        for step, action in enumerate(some_actions(SMALL, seed, 6)):
            p, r = env.task["transitions"], env.task["reward_means"]
            state = int(env.family.states[0])
            expected = [q(p, r, 3 - step % 3, state, a) for a in range(3)]
            np.testing.assert_allclose(env.family.action_values()[0], expected, atol=1e-12)
            env.step(action)


def test_who_acts_on_the_values_gets_them():
    """Broken if the values are not what acting on them pays: return = trials x V*, (1e-6).

    With a reward in [-1, 1], noise taken off, an episode is within [-50, 50].
    """
    rng = np.random.default_rng(5)
    task = {
        "transitions": rng.dirichlet(np.ones(10), (10, 5)).tolist(),
        "reward_means": rng.uniform(-1, 1, (10, 5)).tolist(),
    }
    envs = Case(ID, {"num_trials": 5}).native(2_000)
    envs.reset(seed=0, options={"task": task})
    values = envs.family.trial_values()
    assert (values == envs.family.action_values().max(axis=1)).all()
    total = np.zeros(2_000)
    for _ in range(50):
        actions = envs.family.action_values().argmax(axis=1)
        total += np.array(task["reward_means"])[envs.family.states, actions]
        infos = envs.step(actions)[4]
        assert (infos.get("final_info", infos)["regret"] == 0).all()
    assert mean_is(total, 5 * values[0], -50, 50)


def test_solving_many_tasks_together_is_solving_each():
    """Broken if tasks in a batch mix, or the size of the batch shows in the last bit."""
    family = drawn(Case(ID), 300)
    p, r = family.transitions, family.reward_means[:, None]
    together = value_iteration(p, r, 10)
    for env in range(0, 300, 7):
        alone = value_iteration(p[env : env + 1].copy(), r[env : env + 1].copy(), 10)
        assert same(alone[0][0], together[0][env]) and same(alone[1][0], together[1][env])
    assert same(family.action_values(), together[0][:, -1, 0])


def test_rewards_may_depend_on_the_steps_to_go():
    """Broken if a plan takes the reward of another step."""
    p = np.ones((1, 1, 2, 1))
    rewards = np.array([[1.0, 2.0], [5.0, 3.0], [0.0, 7.0]])[None, :, None]
    values = value_iteration(p, rewards, 3)[1]
    assert values[0, :, 0].tolist() == [2.0, 7.0, 14.0]


def test_impossible_transitions_never_happen():
    """Broken if a number at the border of two states falls on the wrong side."""
    p = np.zeros((10, 5, 10))
    p[np.arange(10), :, (np.arange(10) + 1) % 10] = 1
    p[4, :, :] = 0
    p[4, :, [2, 5]] = 0.5
    p[5, :, :] = 0
    p[5, :, 1:8] = 1 / 7  # Added up one by one, a little less than 1.
    assert p[5, 0].cumsum()[-1] < 1
    task = {"transitions": p.tolist(), "reward_means": np.zeros((10, 5)).tolist()}
    envs = Case(ID, {"num_trials": 20}).native(200)
    envs.reset(seed=0, options={"task": task})
    for step in range(199):
        before = envs.family.states.copy()
        envs.step(some_actions(Case(ID), step, 200))
        if (step + 1) % 10:
            assert (p[before, 0, envs.family.states] > 0).all()
    family = TabularMDP(1)
    for noise in (0.0, 1 - 2**-53):
        family.begin(np.arange(1), [np.random.default_rng(0)], [task])
        family.draws[0, family._normals.stop :] = noise
        for _ in range(9):
            before = family.states[0]
            family.step(np.zeros(1, np.int64))
            assert p[before, 0, family.states[0]] > 0
