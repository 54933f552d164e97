"""What an episode is: its length, its trials, its regret, and the observation of each step."""

import numpy as np
import pytest

from tests.meta_envs.cases import (
    Case,
    each,
    ends_early,
    every_case,
    every_case_with_regret,
    every_id,
    has_regret,
    lasting_actions,
    memory,
    part_names,
    play,
    same,
    some_actions,
    start,
)

STATED_STEPS = {
    "MetaBandit-v0": 100,
    "MetaBanditDependentUniform-v0": 100,
    "MetaBanditDependentEasy-v0": 100,
    "MetaBanditDependentMedium-v0": 100,
    "MetaBanditDependentHard-v0": 100,
    "MetaBanditInformative-v0": 5,
    "MetaBanditRestless-v0": 100,
    "MetaVolatility-v0": 200,
    "MetaTwoStep-v0": 20,
    "MetaTwoStepReversal-v0": 300,
    "MetaMatching-v0": 200,
    "MetaRiskyChoice-v0": 60,
    "MetaGridworld-v0": 60,
    "MetaDarkRoom-v0": 100,
    "MetaDarkRoomHard-v0": 100,
    "MetaDarkKeyToDoor-v0": 250,
    "MetaTabularMDP-v0": 100,
    "MetaIMaze-v0": 900,
    "MetaIMazeGrid-v0": 200,
    "MetaHarlow-v0": 900,
    "MetaHarlowSymbolic-v0": 900,
    "MetaHarlowSymbolic6-v0": 900,
    "MetaInferredValue-v0": 200,
}
"""Steps in an episode, at most, according to each environment's documentation."""


@each(Case(id) for id in STATED_STEPS)
def test_the_stated_length_is_that_of_the_environment(case):
    assert case.scalar().family.episode_length == STATED_STEPS[case.id]


@every_case
def test_terminates_at_the_stated_step_and_never_truncates(case):
    env = start(case)
    length = env.family.episode_length
    for episode in range(2):
        ends = [result[2:4] for result in play(env, some_actions(case, episode, length))]
        assert ends == [(False, False)] * (len(ends) - 1) + [(True, False)]
        assert len(ends) == length or ends_early(case)
        env.reset()
    assert len(play(env, lasting_actions(case, 2, length))) == length


@every_case
def test_the_native_episodes_end_at_the_stated_step_too(case):
    envs = case.native(3)
    envs.reset(seed=1)
    length = envs.family.episode_length
    for step in range(1, 2 * length + 1):
        _, _, terminated, truncated, _ = envs.step(lasting_actions(case, step, 3))
        assert (terminated == (step % length == 0)).all()
        assert not truncated.any()


@every_case_with_regret
def test_regret_is_the_gap_to_the_best_action(case):
    """Broken if an action's regret is anything but the best action's value minus its own."""
    env = case.scalar()
    for seed in range(3):
        env.reset(seed=seed)
        for action in some_actions(case, seed, env.family.episode_length):
            values = env.family.action_values()
            assert values.shape == (1, env.family.num_actions)
            info = env.step(action)[4]
            assert type(info["regret"]) is float
            assert info["regret"] == values.max() - values[0, action] >= 0


@every_case_with_regret
def test_the_best_action_has_no_regret_and_the_others_have(case):
    """Broken if whoever knows the task has regret, or whoever never changes the action has none."""
    env = start(case, 5)
    length = env.family.episode_length
    for _ in range(length):
        best = env.family.action_values()[0].argmax()
        assert env.step(best)[4]["regret"] == 0.0
    sizes = []
    for action in range(env.family.num_actions):
        env.reset(seed=5)
        sizes.append(sum(result[4]["regret"] for result in play(env, [action] * length)))
    assert max(sizes) > 0


@every_case_with_regret
def test_the_native_regret_is_the_same_gap(case):
    envs = case.native(4)
    envs.reset(seed=0)
    length = envs.family.episode_length
    for step in range(1, length + 2):
        values, actions = envs.family.action_values(), some_actions(case, step, 4)
        infos = envs.step(actions)[4]
        infos = infos.get("final_info", infos)
        gaps = values.max(axis=1) - values[np.arange(4), actions]
        assert (infos["regret"] == gaps).all()


@every_id
def test_there_is_regret_where_it_is_known_and_only_there(case):
    """Broken if a number that means nothing is called regret, or one that is known is left out."""
    envs = case.short(2).native(2)
    envs.reset(seed=0)
    infos = [start(case).step(0)[4]]
    infos += [envs.step(np.zeros(2, int))[4] for _ in range(envs.family.episode_length)]
    infos.append(infos.pop()["final_info"])
    for info in infos:
        assert "trial" in info
        assert ("regret" in info) == has_regret(case)
    if not has_regret(case):
        with pytest.raises(NotImplementedError):
            envs.family.action_values()


@every_id
def test_trials_are_counted_from_zero(case):
    """Broken if `trial` skips one, runs backwards or goes on into the next episode."""
    env = start(case)
    for _ in range(2):
        trials = [env.step(0)[4]["trial"] for _ in range(env.family.episode_length)]
        assert all(type(trial) is int for trial in trials)
        assert trials[0] == 0
        assert set(np.diff(trials)) <= {0, 1}
        # A no-op for ever gets nowhere where trials end with a choice.
        if hasattr(env.family, "num_trials") and not ends_early(case):
            assert trials[-1] == env.family.num_trials - 1
        env.reset()


def encoded(family, names, action, reward, steps, done):
    """The last action, reward, end of a trial and timestep as the documentation shows them."""
    parts = {"action": np.eye(family.num_actions)[action], "reward": [reward], "done": [done]}
    parts["timestep"] = [steps / family.episode_length]
    if family.reward_levels is not None:
        parts["reward"] = np.equal(family.reward_levels, reward)
    return np.concatenate([parts[name] for name in names]).astype(np.float32)


@every_case
def test_the_observation_is_the_last_action_reward_and_timestep(case):
    """Broken if a part is missing, misplaced, late, or says anything more."""
    env = start(case)
    length, names = env.family.episode_length, part_names(case)
    results = play(env, some_actions(case, 2, length))
    trials = [result[4]["trial"] for result in results]
    over = [*(np.diff(trials) > 0), True]
    for steps, result in enumerate(results, start=1):
        action, (observation, reward) = some_actions(case, 2, length)[steps - 1], result[:2]
        expected = encoded(env.family, names, action, reward, steps, over[steps - 1])
        assert same(memory(env, observation), expected)
        if env.family.image_shape is None:
            assert len(observation) == env.family.observation_size + len(expected)
            assert same(observation[-len(expected) :], expected)


@every_case
def test_the_parts_have_names_that_no_framework_keeps_for_itself(case):
    """TorchRL cannot load parts called action, reward or done."""
    env = case.scalar()
    own = ["observation"] if env.family.observation_size else []
    names = own + [name if name == "timestep" else f"last_{name}" for name in part_names(case)]
    assert list(env.meta_observation.layout) == names
    if env.family.image_shape is not None:
        assert set(env.observation_space) == {"image", *names}
        assert not {"action", "reward", "done"} & set(env.observation_space)


@every_id
def test_the_parts_can_be_read_back(case):
    """Broken if agents that take the observation apart would read something else."""
    envs = case.native(3)
    observations, _ = envs.reset(seed=0)
    read = envs.meta_observation
    assert not read.last_action(observations).any()
    assert not read.last_reward(observations).any()
    for step in range(envs.family.episode_length - 1):
        actions = some_actions(case, step, 3)
        observations, rewards, ended = envs.step(actions)[:3]
        if ended.any():
            break  # What is seen is of the next episode.
        assert (read.last_action(observations).argmax(axis=1) == actions).all()
        assert (read.last_reward(observations).astype(np.float32) == np.float32(rewards)).all()
        if "timestep" in read.layout:
            clock = memory(envs, observations)[:, -1]
            assert np.allclose(clock, (step + 1) / envs.family.episode_length)
