"""`MetaEpisode`: several episodes of one task are a single one."""

import copy
import pickle

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import data_equivalence
from gymnasium.vector import AutoresetMode
from gymnasium.wrappers import TimeLimit
from hypothesis import given, settings
from hypothesis import strategies as st

from meta_envs.wrappers import MetaEpisode, MetaObservation, TaskDistribution
from meta_envs.wrappers import vector as twins
from tests.meta_envs.cases import same
from tests.meta_envs.wrappers.environments import (
    MODES,
    PARTS,
    Anything,
    Chain,
    check_quietly,
    play_vector,
    sync,
)

TASKS = {"size": 2, "cost": 0.1}, {"size": 3, "cost": 0.2}, {"size": 9, "cost": 0.3}
OFFERED = (AutoresetMode.SAME_STEP, AutoresetMode.DISABLED)


def chains(limit=4):
    """Chains of several lengths; the longest is truncated."""
    return TaskDistribution(TimeLimit(Chain(), limit), list(TASKS), "set_task")


def test_trials_end_and_the_episode_goes_on():
    """Broken if a boundary were a step off, an inner end were passed on, or the last were not."""
    env = MetaEpisode(TimeLimit(Chain(size=2), 3), num_episodes=3)
    assert env.episode_length == 9
    first, info = env.reset(seed=0)
    assert info == {"place": 0}
    assert first[0] == 0
    actions = [1, 1, 0, 0, 0, 1, 0, 1]
    results = [env.step(action) for action in actions]
    trials = [0, 0, 1, 1, 1, 2, 2, 2]
    ends = {1: "terminated", 4: "truncated", 7: "terminated"}
    for step, (observation, reward, terminated, truncated, info) in enumerate(results):
        assert info["trial"] == trials[step]
        assert info["trial_over"] == (step in ends)
        assert info.get("trial_end") == ends.get(step)
        assert terminated == (step == 7)
        assert truncated is False
        assert reward == (0.75 if ends.get(step) == "terminated" else -0.25)
        assert ("trial_final_obs" in info) == (step in (1, 4))
        if step in (1, 4):
            assert observation[0] == 0  # The next trial's first.
            assert info["trial_final_obs"][0] == (1 if step == 1 else 0)
            assert info["place"] == 0 and info["cost"] == 1
    with pytest.raises(gym.error.ResetNeeded):
        env.step(0)


def test_a_last_truncation_is_an_end():
    """Broken if the end of the task were a truncation: an agent would bootstrap its value."""
    env = MetaEpisode(TimeLimit(Chain(), 2), num_episodes=1)
    env.reset(seed=0)
    env.step(0)
    _, _, terminated, truncated, info = env.step(0)
    assert (terminated, truncated, info["trial_end"]) == (True, False, "truncated")


def test_the_task_stays_and_the_noise_follows_from_the_seed():
    """Broken if an inner reset drew a task, or were seeded anew."""

    def play(seed):
        env = MetaEpisode(chains(), num_episodes=3)
        seen, tasks = [env.reset(seed=seed)[0]], [env.unwrapped.task]
        over = False
        while not over:
            observation, _, over, _, info = env.step(1)
            seen.append(observation)
            tasks.append(env.unwrapped.task)
            assert (env.unwrapped.size, env.unwrapped.cost) == tuple(tasks[0].values())
        assert info["trial"] == 2
        return seen, tasks, env.reset()[0]

    runs = {seed: play(seed) for seed in range(12)}
    assert {str(tasks[0]) for _, tasks, _ in runs.values()} == {str(task) for task in TASKS}
    for seed, (seen, tasks, after) in runs.items():
        assert all(task == tasks[0] for task in tasks)
        assert len({float(x[1]) for x in seen}) == len(seen)
        assert same((seen, tasks, after), play(seed))


def test_options_reach_every_trial():
    """Broken if a task given to reset were forgotten by the inner ones."""
    env = MetaEpisode(Chain(), num_episodes=2)
    env.reset(seed=0, options={"task": {"size": 1, "cost": 0.0}})
    env.unwrapped.size = 7
    assert [env.step(1)[2] for _ in range(7)] == [False] * 7
    assert env.unwrapped.size == 1


def test_done_and_timestep_are_shown():
    env = MetaObservation(MetaEpisode(TimeLimit(Chain(size=9), 2), 2), PARTS)
    env.reset(seed=0)
    observations = np.stack([env.step(0)[0] for _ in range(4)])
    assert observations[:, -2].tolist() == [0, 1, 0, 1]
    assert observations[:, -1].tolist() == [0.25, 0.5, 0.75, 1]


@settings(max_examples=40, deadline=None)
@given(
    mode=st.sampled_from(OFFERED),
    trials=st.integers(1, 3),
    seed=st.integers(0, 99),
    kind=st.sampled_from(["chain", "dict", "numbers"]),
)
def test_scalar_sync_and_twin_agree(mode, trials, seed, kind):
    """Broken if any observation, flag or info differed, in structure, value or dtype."""
    seen = {
        "dict": spaces.Dict(a=spaces.Discrete(3), b=spaces.Box(0, 1, (2,))),
        "numbers": spaces.MultiDiscrete([2, 3]),
    }

    def make():
        if kind == "chain":
            return chains()
        return Anything(copy.deepcopy(seen[kind]), spaces.Discrete(2))

    one = sync(lambda: MetaEpisode(make(), trials), 3, mode)
    other = twins.MetaEpisode(sync(make, 3, AutoresetMode.DISABLED), trials, mode)
    mine, theirs = play_vector(one, seed, 40), play_vector(other, seed, 40)
    assert all(data_equivalence(a, b, exact=True) for a, b in zip(mine, theirs, strict=True))


@pytest.mark.parametrize("mode", MODES)
def test_a_stack_of_wrappers_agrees(mode):
    """`MetaObservation` outside: around each, around Sync, and, where it can be, all twins."""
    one = sync(lambda: MetaObservation(MetaEpisode(chains(), 2), PARTS), 3, mode)
    stacks = [twins.MetaObservation(sync(lambda: MetaEpisode(chains(), 2), 3, mode), PARTS)]
    if mode in OFFERED:
        disabled = sync(chains, 3, AutoresetMode.DISABLED)
        stacks.append(twins.MetaObservation(twins.MetaEpisode(disabled, 2, mode), PARTS))
    mine = play_vector(one, 3, 60)
    assert sum(bool(result[2].any()) for result in mine if len(result) == 5) > 5
    for other in stacks:
        assert other.metadata["autoreset_mode"] == mode
        theirs = play_vector(other, 3, 60)
        assert all(data_equivalence(a, b, exact=True) for a, b in zip(mine, theirs, strict=True))


def test_what_cannot_be_is_named():
    with pytest.raises(ValueError, match="env must not be of meta_envs"):
        MetaEpisode(gym.make("MetaBandit-v0"))
    with pytest.raises(ValueError, match="num_episodes must be a whole number of at least 1"):
        MetaEpisode(Chain(), 0)
    disabled = sync(Chain, 2, AutoresetMode.DISABLED)
    with pytest.raises(ValueError, match="autoreset_mode must be SAME_STEP or DISABLED"):
        twins.MetaEpisode(disabled, 2, AutoresetMode.NEXT_STEP)
    with pytest.raises(ValueError, match="env must have autoreset mode DISABLED"):
        twins.MetaEpisode(sync(Chain, 2, AutoresetMode.SAME_STEP))
    with pytest.raises(ValueError, match="num_episodes must be"):
        twins.MetaEpisode(disabled, True)
    with pytest.raises(gym.error.ResetNeeded):
        MetaEpisode(Chain()).step(0)
    with pytest.raises(gym.error.ResetNeeded):
        twins.MetaEpisode(disabled).step(np.zeros(2, int))


def test_gymnasiums_checks_pass(recwarn):
    spec = gym.spec("Chain-v0")
    check_quietly(MetaEpisode(gym.make(spec), 3), recwarn)
    check_quietly(MetaObservation(MetaEpisode(gym.make(spec), 3), PARTS), recwarn)


def test_the_spec_remakes_it_and_copies_go_on_alike():
    env = MetaObservation(MetaEpisode(gym.make("Chain-v0"), 3), PARTS)
    again = gym.make(EnvSpec.from_json(env.spec.to_json()))
    assert same(env.reset(seed=4), again.reset(seed=4))
    assert again.get_wrapper_attr("episode_length") == 12
    for action in [0, 0, 0, 0, 1]:
        assert same(env.step(action), again.step(action))
    copied = pickle.loads(pickle.dumps(env))
    for action in [1, 1, 1, 1]:
        assert same(env.step(action), copied.step(action))
