"""Plays environments with good and bad input, and holds them to what they promise."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import gymnasium as gym
import numpy as np

from meta_envs.core import checks
from tests.fuzz.running import attempt, must
from tests.fuzz.values import brief, odd

STEPS = 12
SLACK = 1e-9
"""That a regret may be below 0 by, from rounding."""


def odd_task(rng: random.Random, task: dict[str, Any]) -> Any:
    """A task with something changed, or no task at all."""
    task = copy.deepcopy(task)
    kind, key = rng.randrange(6), rng.choice(list(task))
    if kind == 0:
        return odd(rng)
    if kind == 1:
        del task[key]
    elif kind == 2:
        task[key] = odd(rng)
    elif kind == 3:
        part = task
        while isinstance(part[key], list | dict) and part[key] and rng.random() < 0.8:
            part, key = part[key], rng.randrange(len(part[key]))
        part[key] = odd(rng)
    elif kind == 4:
        task["other"] = odd(rng)
    return task


def check_task(family: Any, given: Any, played: dict[str, Any]) -> None:
    """Raises a Finding if a task was accepted that is not the one that is played."""
    must(json.loads(json.dumps(played)) == played, f"the task {played} does not survive JSON")
    for key, value in played.items():
        same = np.allclose(np.asarray(given[key], float), np.asarray(value, float))
        must(same, f"task {key!r} is played as {value}, given as {brief(given[key])}")


def check_step(family: Any, reward: Any, info: dict[str, Any]) -> None:
    """Raises a Finding if a step brings what it must not."""
    low, high = family.reward_range
    reward = np.asarray(reward)
    must(np.isfinite(reward).all(), f"reward {reward}")
    must((reward >= low - SLACK).all() and (reward <= high + SLACK).all(), f"reward {reward}")
    if "regret" in info:
        regret = np.asarray(info["regret"])
        must(np.isfinite(regret).all() and (regret >= -SLACK).all(), f"regret {regret}")


def check_values(family: Any) -> Any:
    """What actions are worth, None where it is not known."""
    if not family.has_regret:
        return None
    values = family.action_values()
    must(values.shape == (family.num_envs, family.num_actions), f"values of shape {values.shape}")
    must(np.isfinite(values).all(), "values that are not finite")
    return values


def check_picture(picture: Any, mode: str | None) -> None:
    """Raises a Finding if a rendering is none."""
    if mode == "ansi":
        must(isinstance(picture, str) and picture, f"drawn as text: {picture!r}")
    elif mode == "rgb_array":
        fine = isinstance(picture, np.ndarray) and picture.dtype == np.uint8 and picture.ndim == 3
        must(fine and picture.size, "drawn as an image, but it is none")


def play_one(rng: random.Random, env: gym.Env) -> None:
    """Plays a scalar environment."""
    family = env.unwrapped.family
    observation, _ = env.reset(seed=rng.randrange(2**32))
    must(env.observation_space.contains(observation), "the first observation is out of its space")
    for _ in range(2):
        if rng.random() < 0.5:
            attempt(("Seed", "seed"), env.reset, seed=odd(rng))
        task, before = odd_task(rng, env.unwrapped.task), env.unwrapped.task
        fine, _ = attempt(("task",), env.reset, options={"task": task})
        if fine and task is not None:
            check_task(family, task, env.unwrapped.task)
        must(fine or env.unwrapped.task == before, "a refused task changes the task")
        if rng.random() < 0.3:
            attempt(("options",), env.reset, options=odd(rng))
        env.reset()
        for _ in range(STEPS):
            if rng.random() < 0.1:
                bad = odd(rng)
                fine, result = attempt(("action",), env.step, bad)
                number = bad.item() if isinstance(bad, np.ndarray) and bad.ndim == 0 else bad
                must(not fine or checks.is_whole(number), f"action {brief(bad)} is taken")
                if fine and result[2]:
                    break
            values, action = check_values(family), int(env.action_space.sample())
            observation, reward, over, _, info = env.step(action)
            must(env.observation_space.contains(observation), "an observation is out of its space")
            check_step(family, reward, info)
            if values is not None:
                regret = values[0].max() - values[0, action]
                must(abs(regret - info["regret"]) < 1e-6, f"regret {info['regret']}, not {regret}")
            if over:
                break
        if env.render_mode is not None:
            check_picture(env.render(), env.render_mode)


def play_batch(rng: random.Random, envs: gym.vector.VectorEnv) -> None:
    """Plays a vector environment."""
    envs = envs.unwrapped
    observation, _ = envs.reset(seed=rng.randrange(2**32))
    must(envs.observation_space.contains(observation), "first observations are out of their space")
    for _ in range(2):
        before = envs.tasks
        fine, _ = attempt(("seed",), envs.reset, seed=odd(rng))
        must(fine or envs.tasks == before, "a refused seed changes tasks")
        task = odd_task(rng, rng.choice(envs.tasks))
        key = rng.choice(["task", "tasks", "reset_mask", "other"])
        value = {"task": task, "tasks": [task] * envs.num_envs}.get(key, odd(rng))
        fine, _ = attempt((key, "task"), envs.reset, options={key: value})
        if fine and key in ("task", "tasks") and task is not None:
            check_task(envs.family, task, envs.tasks[0])
        if rng.random() < 0.3:
            attempt(("options",), envs.reset, options=odd(rng))
        play_steps(rng, envs)
        if envs.render_mode is not None and envs.num_envs < 20:
            for picture in envs.render():
                check_picture(picture, envs.render_mode)


def play_steps(rng: random.Random, envs: Any) -> None:
    """Plays some steps, some of them twice from the same state."""
    for _ in range(STEPS):
        if rng.random() < 0.1:
            bad = odd(rng)
            fine, _ = attempt(("actions",), envs.step, bad)
            must(
                not fine or not isinstance(bad, bool | float | str),
                f"actions {brief(bad)} are taken",
            )
        check_values(envs.family)
        state, actions = envs.state(), envs.action_space.sample()
        first = envs.step(actions)
        if rng.random() < 0.2:
            envs.restore(state)
            again = envs.step(actions)
            must((first[1] == again[1]).all(), "a restored step brings other rewards")
        must(envs.observation_space.contains(first[0]), "observations are out of their space")
        check_step(envs.family, first[1], first[4])
