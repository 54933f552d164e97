"""Checks of the dynamics: what a step returns and costs, and what episodes depend on."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from numpy.typing import NDArray

from meta_envs.core import MetaEnv, MetaVectorEnv, TaskFamily
from meta_envs.family_checker.playing import (
    NUM_ENVS,
    SEED,
    Make,
    Problems,
    play,
    same,
    some_actions,
)


def check_steps(make: Make) -> Problems:
    """What a step returns, that it advances the clock, and that episodes end."""
    family, n = make(MetaVectorEnv, num_envs=NUM_ENVS).family, NUM_ENVS
    family.begin(np.arange(n), [np.random.default_rng(seed) for seed in range(n)])
    for step in range(family.episode_length):
        if family.observation_size and family.observe().shape != (n, family.observation_size):
            yield f"observe must return shape ({n}, {family.observation_size})"
            return
        before = family.steps.copy()
        rewards, regret, trial, terminated = family.step(some_actions(family, step, n))
        for name, array, kind in (
            ("rewards", rewards, "f"),
            ("regret", regret, "f"),
            ("trial", trial, "iu"),
            ("terminated", terminated, "b"),
        ):
            if getattr(array, "shape", None) != (n,) or array.dtype.kind not in kind:
                yield f"step must return {name} as an array of shape ({n},), got {array!r}"
                return
            if any(np.shares_memory(array, own) for own in _arrays(family)):
                yield f"step must return {name} as a new array, not as one that the family keeps"
                return
        if (family.steps != before + 1).any():
            yield "step must add 1 to steps in every episode"
            return
        if terminated.any():
            return
    yield f"episodes must terminate after episode_length={family.episode_length} steps at most"


def _arrays(family: TaskFamily) -> list[NDArray[Any]]:
    """The arrays that a family keeps from step to step."""
    return [array for array in vars(family).values() if isinstance(array, np.ndarray)]


def check_rewards(make: Make) -> Problems:
    """That rewards are in their range, and regret is what it should be."""
    envs = make(MetaVectorEnv, num_envs=NUM_ENVS)
    family = envs.family
    low, high = family.reward_range
    envs.reset(seed=SEED)
    for step in range(family.episode_length):
        values = family.action_values() if family.has_regret else None
        actions = some_actions(family, step, NUM_ENVS)
        rewards, regret, _, terminated = family.step(actions)
        if ((rewards < low) | (rewards > high)).any():
            yield f"step must pay within reward_range [{low:g}, {high:g}], got {rewards.tolist()}"
        levels = family.reward_levels
        if levels is not None and not np.isin(rewards, levels).all():
            yield f"step must pay one of reward_levels, got {rewards.tolist()}"
        if values is not None:
            if values.shape != (NUM_ENVS, family.num_actions):
                yield f"action_values must return shape ({NUM_ENVS}, {family.num_actions})"
                return
            gap = values.max(axis=1) - values[np.arange(NUM_ENVS), actions]
            if not np.allclose(regret, gap, atol=1e-9) or (regret < 0).any():
                yield "regret must be the largest of action_values minus that of the action taken"
        if terminated.any():
            return


def check_best_action(make: Make) -> Problems:
    """That an informed agent has no regret."""
    env = make(MetaEnv)
    if not env.family.has_regret:
        return
    env.reset(seed=SEED)
    for _ in range(env.family.episode_length):
        *_, over, _, info = env.step(env.family.action_values()[0].argmax())
        if info["regret"] != 0:
            yield f"the best action must have a regret of exactly 0, got {info['regret']!r}"
        if over:
            return


def check_agreement(make: Make) -> Problems:
    """Scalar, SyncVectorEnv and native environment, across the ends of episodes."""
    native = make(MetaVectorEnv, num_envs=NUM_ENVS)
    sync = SyncVectorEnv(
        [partial(make, MetaEnv)] * NUM_ENVS, autoreset_mode=AutoresetMode.SAME_STEP
    )
    agree = same(native.reset(seed=SEED), sync.reset(seed=SEED))
    steps = native.family.episode_length + native.family.episode_length // 2 + 1
    for actions in some_actions(native.family, 0, (steps, NUM_ENVS)):
        agree = agree and same(native.step(actions), sync.step(actions))
    if not agree:
        yield (
            "the vector environment must play what scalar ones play with the same seeds: "
            "all randomness must come from draws, and no episode may depend on another"
        )


def check_noise(make: Make) -> Problems:
    """Task and noise of three episodes, whatever is done in them."""
    episodes: list[list[Any]] = [[], []]
    for seed, seen in enumerate(episodes):
        env = make(MetaEnv)
        env.reset(seed=SEED)
        for episode in range(3):
            seen.append((env.task, env.family.draws.copy()))
            play(env, some_actions(env.family, 10 * episode + seed, env.family.episode_length))
            seen.append(env.family.draws.copy())
            env.reset()
    if not same(*episodes):
        yield "task and draws must not depend on the actions: a step draws nothing"


def check_tasks(make: Make) -> Problems:
    """That tasks differ, survive JSON and can be played again."""
    env, tasks = make(MetaEnv), []
    for seed in range(20):
        env.reset(seed=seed)
        tasks.append(json.dumps(env.task, allow_nan=False))
    if len(set(tasks)) == 1:
        yield "every episode must draw a new task, but 20 seeds brought the same one"
    actions, played = some_actions(env.family, 3, env.family.episode_length), []
    for options in (None, {"task": json.loads(tasks[-1])}):
        first = env.reset(seed=19, options=options)
        played.append((first, play(env, actions), env.task))
    if not same(*played):
        yield "a task must survive JSON: options={'task': task} did not play the same again"


def check_state(make: Make) -> Problems:
    """That episodes go on from a saved state."""
    envs, fresh = (make(MetaVectorEnv, num_envs=NUM_ENVS) for _ in range(2))
    length = envs.family.episode_length
    actions = some_actions(envs.family, 5, (length + 1, NUM_ENVS))
    envs.reset(seed=SEED)
    for name, array in envs.family.state().items():
        if len(array) != NUM_ENVS:
            yield f"episode_arrays must name arrays with a row for each episode, but {name} has not"
    for row in actions[: length // 2]:
        envs.step(row)
    # Scratch that a family keeps elsewhere must not matter.
    fresh.reset(seed=SEED + 100)
    fresh.restore(envs.state())
    if not all(same(envs.step(row), fresh.step(row)) for row in actions[length // 2 :]):
        yield "episode_arrays must name every array that a step depends on: a restored one differs"
