"""Nothing the agent is shown tells the task, so that only memory can beat chance.

What "a policy that cannot remember scores no better than chance" means here:

- The observation carries the last action and the last reward, so that a policy without memory
  already knows what happened one step ago. It may stay with an arm that has just paid and beat
  chance. That is learning inside the episode, not a leak. What can be asked is that the
  observation carries those two and the clock and nothing else
  (`test_equal_steps_bring_equal_observations`, and `test_episode.py` for every entry).
- A task may show the agent where it is (the grids). Then the observation must not depend on the
  task but through what the agent did: the same actions and noise lead through the same
  observations in every task, the reward aside.
- A policy that sees the clock alone (`inputs=["timestep"]`) cannot learn anything. Whatever it
  does at each step it must score at chance. Chance is the regret of actions that know nothing
  of the task; where no action is better than another before anything is known, it is the same
  for all of them.
- Where the task has states, the state is seen too, and what is asked is the same of policies that
  see the clock and the state.
"""

import numpy as np
import pytest

from meta_envs.tasks.cued.cued_trials import CuedTrials
from tests.meta_envs.bounds import follows, has_unit_variance, mean_is, normal_cdf
from tests.meta_envs.cases import (
    Case,
    every_bandit,
    every_case,
    every_grid,
    every_id,
    lasting_actions,
    memory,
    same,
    some_actions,
    start,
)

N = 6000
CHANCE = {
    # 100 trials times E[max(p1, p2)] - E[p] = 2/3 - 1/2.
    "MetaBandit-v0": 100 / 6,
    # 100 trials times half of E|2 p1 - 1|.
    "MetaBanditDependentUniform-v0": 25.0,
    "MetaBanditDependentEasy-v0": 40.0,
    "MetaBanditDependentMedium-v0": 25.0,
    "MetaBanditDependentHard-v0": 10.0,
    # p1 is uniform at every trial of the walk.
    "MetaBanditRestless-v0": 25.0,
    # 200 trials, stable or volatile equally often, times E max(p1 X, (1 - p1) Y) - 1/4, where X and
    # Y are Beta(4, 4): that is 0.375935 for p1 = 0.75 and 0.5 for p1 = 1.
    "MetaVolatility-v0": 200 * ((0.375935 + 0.5) / 2 - 0.25),
    # Arms 0..9: 5 trials times 5 - (5 + 9) / 10. The informative arm is worse: 22.25.
    "MetaBanditInformative-v0": 18.0,
    # A trial's regret is (2 common - 1) (2 p - 1) for one of the two choices: 10 times 0.4 / 2.
    "MetaTwoStep-v0": 2.0,
    # 100 times 0.6 * 0.8 / 2.
    "MetaTwoStepReversal-v0": 24.0,
    # There is nothing to choose but between valid responses.
    "MetaInferredValue-v0": 0.0,
    # 20 free trials, in half of which the choice is wrong: by 0.5 or by 1.
    "MetaRiskyChoice-v0": 7.5,
}
"""Regret per episode of an agent that knows nothing, by the environment's definition."""


@every_case
def test_reset_tells_nothing(case):
    """Broken if info, or what stands for the last step before there is one, tells anything."""
    env, envs = case.scalar(), case.native(50)
    for e in (env, envs):
        observation, info = e.reset(seed=0)
        assert info == {}
        assert not memory(e, observation).any()


@every_bandit
def test_a_bandit_shows_nothing_before_the_first_pull(case):
    """Broken if the first observation differs between tasks."""
    observations, _ = case.native(200).reset(seed=0)
    assert not observations.any()


@every_id
def test_the_first_observation_is_the_same_for_every_task(case):
    """Broken if the task shows in the first observation under the same noise."""
    env = case.scalar()
    first = env.reset(seed=0)
    for seed in range(1, 20):
        assert same(env.reset(seed=0, options={"task": start(case, seed).task}), first)


@every_id
def test_the_observation_after_autoreset_tells_nothing(case):
    """Broken if the first observation of a later episode remembers the one before."""
    envs = case.short(2).native(4)
    envs.reset(seed=0)
    for step in range(envs.family.episode_length):
        observations = envs.step(lasting_actions(case, step, 4))[0]
    assert not memory(envs, observations).any()


@every_bandit
def test_equal_steps_bring_equal_observations(case):
    """Broken if an observation tells more than last action, last reward and timestep."""
    envs = case.native(64)
    envs.reset(seed=0)
    seen = {}
    for step in range(envs.family.episode_length - 1):
        actions = some_actions(case, step, 64)
        observations, rewards, *_ = envs.step(actions)
        for key, observation in zip(
            zip(actions.tolist(), rewards.tolist(), strict=True), observations, strict=True
        ):
            text = observation.tobytes()
            assert seen.setdefault((step, *key), text) == text


@every_grid
def test_where_the_agent_is_does_not_depend_on_the_task(case):
    """Broken if the agent sees, or is moved or stopped by, anything hidden in the room."""
    env, other = (case.scalar(inputs=["done", "timestep"]) for _ in range(2))
    for seed in range(10):
        first, _ = env.reset(seed=seed)
        task = start(case, seed + 100).task
        assert same(first, other.reset(seed=seed, options={"task": task})[0])
        for action in some_actions(case, seed, env.family.episode_length):
            assert same(env.step(action)[0], other.step(action)[0])


def best_by_clock(case, seed, num_envs):
    """The best table from observation to action, with the clock as only observation."""
    envs = case.native(num_envs, inputs=["timestep"])
    observations, _ = envs.reset(seed=seed)
    table = {}
    for step in range(envs.family.episode_length):
        clocks = memory(envs, observations)
        assert len({clock.tobytes() for clock in clocks}) == 1
        table[clocks[0].tobytes()] = envs.family.action_values().mean(axis=0).argmax()
        observations = envs.step(some_actions(case, step, num_envs))[0]
    assert len(table) == envs.family.episode_length
    return table


def regrets(case, policy, seed, num_envs):
    """Regret per episode of a policy (step, clock) -> action that sees nothing else.

    Where a fixation point asks for another response than a choice, that is given.
    """
    envs = case.native(num_envs, inputs=["timestep"])
    observations, _ = envs.reset(seed=seed)
    total = np.zeros(num_envs)
    for step in range(envs.family.episode_length):
        actions = np.broadcast_to(policy(step, memory(envs, observations)[0]), num_envs)
        if isinstance(envs.family, CuedTrials):
            actions = envs.family.respond(envs.family.states, actions)
        observations, _, _, _, infos = envs.step(actions)
        total += infos.get("final_info", infos)["regret"]
    return total


@pytest.mark.parametrize("id", CHANCE)
@pytest.mark.parametrize("kind", ["first", "alternating", "random", "best by clock"])
def test_a_policy_that_sees_only_the_clock_scores_chance(id, kind):
    """Broken if an arm is better than another on average, or time tells which (1e-6 each)."""
    case, arms = Case(id), 10 if "Informative" in id else 2
    rng = np.random.default_rng(1)
    table = best_by_clock(case, 0, 2000) if kind == "best by clock" else {}
    policy = {
        "first": lambda step, clock: 0,
        "alternating": lambda step, clock: step % arms,
        "random": lambda step, clock: rng.integers(arms, size=N),
        "best by clock": lambda step, clock: table[clock.tobytes()],
    }[kind]
    worst = 4.9 * 5 if "Informative" in id else 100.0
    assert mean_is(regrets(case, policy, 10_000, N), CHANCE[id], 0, worst)


@pytest.mark.parametrize("kind", ["first", "alternating", "random", "by state and clock"])
def test_a_policy_that_sees_only_state_and_clock_scores_chance_in_an_mdp(kind):
    """Broken if a state or an action pays more than another on average (2e-6 each).

    The path of such a policy does not depend on the rewards. Given how often it takes each
    action in each state, c, its return is normal with mean 1 a step, 100 in all, and variance
    the sum of c^2, from the mean rewards, plus 100, from the noise.
    """
    envs, rng = Case("MetaTabularMDP-v0").native(N), np.random.default_rng(1)
    envs.reset(seed=10_000)
    policy = {
        "first": lambda step, state: 0 * state,
        "alternating": lambda step, state: 0 * state + step % 5,
        "random": lambda step, state: rng.integers(5, size=N),
        "by state and clock": lambda step, state: (state + step) % 5,
    }[kind]
    counts, total = np.zeros((N, 10, 5)), np.zeros(N)
    for step in range(100):
        states = envs.family.states.copy()
        actions = policy(step, states)
        counts[np.arange(N), states, actions] += 1
        total += envs.step(actions)[1]
    standard = (total - 100) / np.sqrt(np.square(counts).sum(axis=(1, 2)) + 100)
    assert follows(standard, normal_cdf)
    assert has_unit_variance(standard)


def test_the_informative_arm_is_worse_than_chance():
    """Broken if the best first pull could be seen by its reward: 5 - 0.55 a trial."""
    total = regrets(Case("MetaBanditInformative-v0"), lambda *_: 10, 0, N)
    assert mean_is(total, 5 * 4.45, 0, 4.9 * 5)
