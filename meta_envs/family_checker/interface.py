"""Checks of what users meet: Gymnasium's interface, renderings, leaks and bad input."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from gymnasium.utils.env_checker import check_env

from meta_envs.core import MetaEnv, MetaVectorEnv
from meta_envs.family_checker.playing import SEED, Make, Problems, play, same, some_actions


def check_api(make: Make) -> Problems:
    """Gymnasium's check, and where it is installed Stable-Baselines3's."""
    checkers: dict[str, Callable[[Any], Any]] = {
        "gymnasium": partial(check_env, skip_render_check=True)
    }
    if importlib.util.find_spec("stable_baselines3"):
        from stable_baselines3.common.env_checker import check_env as sb3_check_env

        checkers["stable_baselines3"] = sb3_check_env
    for name, checker in checkers.items():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            checker(make(MetaEnv))
        for one in caught:
            yield f"{name}'s check_env: {' '.join(str(one.message).split())}"


def check_renderings(make: Make) -> Problems:
    """That an episode looks like something in every mode promised, and is not changed by it."""
    plain = make(MetaEnv)
    actions = some_actions(plain.family, 0, plain.family.episode_length)[:5]
    plain.reset(seed=SEED)
    expected = play(plain, actions)
    for mode in plain.family.render_modes:
        env = make(MetaEnv, render_mode=mode)
        env.reset(seed=SEED)
        results = []
        for action in actions[: len(expected)]:
            drawn = [env.render()]
            results.append(env.step(action))
            drawn.append(env.render())
            if mode == "ansi" and not all(isinstance(one, str) for one in drawn):
                yield "render_ansi must return text"
            if mode == "rgb_array" and not all(map(_is_image, drawn)):
                yield "render_rgb must return uint8 of shape (height, width, 3)"
        if not same(results, expected):
            yield f"a rendering must change nothing, but {mode} does"


def _is_image(drawn: Any) -> bool:
    return isinstance(drawn, np.ndarray) and drawn.dtype == np.uint8 and drawn.shape[2:] == (3,)


def check_leaks(make: Make) -> Problems:
    """That nothing tells the task before the first step."""
    env = make(MetaEnv)
    first = env.reset(seed=SEED)
    if first[1]:
        yield f"reset's info must be empty, got {first[1]}"
    for seed in range(SEED + 1, SEED + 10):
        other = make(MetaEnv)
        other.reset(seed=seed)
        if not same(env.reset(seed=SEED, options={"task": other.task}), first):
            yield "the first observation must not depend on the task, but it does"
            return


def check_bad_input(make: Make) -> Problems:
    """That what cannot be is refused by name."""
    env, envs = make(MetaEnv), make(MetaVectorEnv, num_envs=2)
    n = env.family.num_actions
    for e in (env, envs):
        e.reset(seed=SEED)
    for what, error, call in (
        ("num_envs=0", ValueError, lambda: make(MetaVectorEnv, num_envs=0)),
        ("an unknown argument", TypeError, lambda: make(MetaEnv, no_such_argument=1)),
        (f"action {n}", ValueError, lambda: env.step(n)),
        (f"actions [0, {n}]", ValueError, lambda: envs.step(np.array([0, n]))),
        ("task {}", ValueError, lambda: env.reset(options={"task": {}})),
        ("a task that is no dict", ValueError, lambda: env.reset(options={"task": 3})),
    ):
        if not _raises(call, error):
            yield f"{what} must be refused with a {error.__name__}"


def _raises(call: Callable[[], Any], error: type[Exception]) -> bool:
    try:
        call()
    except error:
        return True
    except Exception:
        return False
    return False
