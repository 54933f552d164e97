"""How often an agent stays with its choice in the two-step task, by what the last trial brought."""

import numpy as np

from baselines.agents import make_agent
from baselines.environments import make_vector_env

KINDS = ["rewarded, common", "rewarded, rare", "unrewarded, common", "unrewarded, rare"]
"""The order of what `stay_chances` returns."""


def stay_chances(agent, env_id, num_envs, num_trials=None, seed=0):
    """Chance to choose again what was chosen last, after each of `KINDS`.

    Args:
        agent: A name of `AGENTS`, with arguments if need be.
        env_id: A two-step task.
        num_envs: Episodes to play.
        num_trials: Trials of each episode to count; None counts all.
        seed: Of tasks, luck and the agent.

    Returns:
        Four chances, and the mean reward of a trial.
    """
    env = make_vector_env(env_id, num_envs)
    choices, seconds, rewards = played(env, agent, seed)
    stay = (choices[1:] == choices[:-1])[: num_trials and num_trials - 1]
    kind = 2 * (rewards[:-1] == 0) + (choices[:-1] != seconds[:-1])
    kind = kind[: len(stay)]
    return np.array([stay[kind == k].mean() for k in range(4)]), rewards.mean()


def played(env, agent, seed):
    """Choices, 0 or 1 for the second-stage state, and rewards; each of shape (trials, num_envs)."""
    family = env.unwrapped.family
    player, state = make_agent(agent, env), None
    player.set_random_seed(seed)
    observation, _ = env.reset(seed=seed)
    shape = family.num_trials, family.trial_length, family.num_envs
    actions, states, rewards = np.zeros((3, *shape))
    for trial in range(family.num_trials):
        for step in range(family.trial_length):
            states[trial, step] = env.unwrapped.meta_observation.own(observation).argmax(axis=1)
            actions[trial, step], state = player.predict(observation, state)
            taken = actions[trial, step].astype(int)
            observation, rewards[trial, step], *_ = env.step(taken)
    second = states[:, -1] - (family.trial_length - 1)
    assert set(np.unique(second)) == {0, 1}
    assert not rewards[:, :-1].any()
    return actions[:, -2], second, rewards[:, -1]
