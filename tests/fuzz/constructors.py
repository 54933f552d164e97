"""Random arguments for every id, and what accepts them played with random seeds and actions."""

from __future__ import annotations

import inspect
import random
from functools import partial
from typing import Any

import gymnasium as gym
import numpy as np

from meta_envs import optimal
from meta_envs.core import INPUTS, checks
from meta_envs.core.family import load_family
from meta_envs.optimal.numerics import limits
from tests.fuzz import playing
from tests.fuzz.running import attempt, limit_memory, must
from tests.fuzz.values import TEXTS, brief, odd
from tests.meta_envs.cases import playable_ids

WORDS = (
    *("mixed", "low", "high", "one-hot", "scalar", "every-step", "once", "train", "test", "same"),
    *("one-new", "#####\n#SAG#\n#####", "#######\n#S1 G #\n#  A#G#\n#######", "docs/figures"),
)
"""What text arguments may be, for one or the other of them."""
MOST_PLAYED, MOST_DRAWS = 1_000, 200_000
"""Sub-environments, and their random numbers, that are played; more of them are only made."""


def prepare() -> None:
    """Smaller limits than usual: other processes are to have room, and nothing to take long."""
    checks.MOST_MEMORY = 2**28
    limits.MOST_NUMBERS = 10**7
    limit_memory(6)
    # Numba compiles the first person's view once: no example's time is for that.
    if "MetaIMaze-v0" in playable_ids():
        gym.make("MetaIMaze-v0").reset(seed=0)


def parameters(id: str) -> dict[str, Any]:
    """The arguments of an id's family, with their defaults there."""
    kwargs = gym.spec(id).kwargs
    found = inspect.signature(load_family(kwargs["family"])).parameters
    return {n: kwargs.get(n, p.default) for n, p in found.items() if n != "num_envs"}


def plausible(rng: random.Random, default: Any) -> Any:
    """A value of the same type as the default."""
    if isinstance(default, bool):
        return rng.random() < 0.5
    if isinstance(default, int):
        return rng.choice([rng.randint(1, 5), rng.randint(1, 40), default])
    if isinstance(default, float):
        return rng.choice(
            [0.0, 1.0, rng.random(), rng.random(), 10 * rng.random(), 10 ** -rng.random()]
        )
    return rng.choice(
        [default, rng.choice(WORDS), [rng.random() for _ in range(rng.randint(1, 4))]]
    )


def draw(number: int) -> tuple[random.Random, str, bool, dict[str, Any]]:
    """The example of a number: its generator, id, whether it is a batch, and its arguments."""
    rng = random.Random(number)
    id, batch = rng.choice(playable_ids()), rng.random() < 0.5
    known, kwargs = parameters(id), {}
    for name in rng.sample(list(known), min(len(known), rng.choice([0, 1, 1, 2, 3]))):
        kwargs[name] = odd(rng) if rng.random() < 0.5 else plausible(rng, known[name])
    if rng.random() < 0.15:
        some = rng.sample(INPUTS, rng.randint(1, len(INPUTS)))
        kwargs["inputs"] = odd(rng) if rng.random() < 0.5 else some
    if rng.random() < 0.3:
        # Gymnasium itself falls over what is no text.
        modes = TEXTS if rng.random() < 0.2 else ("ansi", "rgb_array")
        kwargs["render_mode"] = rng.choice(modes)
    if batch:
        kwargs["num_envs"] = odd(rng) if rng.random() < 0.2 else rng.randint(1, 4)
    if rng.random() < 0.03:
        kwargs = {rng.choice(["num_arm", "seed", "Size", "kwargs"]): 3}
    return rng, id, batch, kwargs


def describe(number: int) -> str:
    """The example of a number in a line."""
    _, id, batch, kwargs = draw(number)
    given = ", ".join(f"{name}={brief(value)}" for name, value in kwargs.items())
    return f"{'make_vec' if batch else 'make'}({id}, {given})"


def example(number: int) -> str:
    """Makes an environment and plays with it, or is refused."""
    rng, id, batch, kwargs = draw(number)
    make = gym.make_vec if batch else gym.make
    names = {*parameters(id), *kwargs, "inputs", "render_mode"}
    fine, made = attempt(names, partial(make, id), **kwargs)
    if not fine:
        return f"refused: {made[:150]}"
    family = made.unwrapped.family
    for name, value in kwargs.items():
        check_meaning(family, name, parameters(id).get(name), value)
    if family.num_envs > MOST_PLAYED or family.draws.size > MOST_DRAWS:
        return "worked, and is too large to be played here"
    play = playing.play_batch if batch else playing.play_one
    play(rng, made)
    if rng.random() < 0.2:
        ask_optimum(made.unwrapped)
    made.close()
    return "worked"


def check_meaning(family: Any, name: str, default: Any, value: Any) -> None:
    """Raises a Finding if an argument was accepted as something that it is not."""
    if isinstance(default, bool):
        must(isinstance(value, bool | np.bool_), f"{name}={brief(value)} is taken for a bool")
    elif isinstance(default, int) or name == "num_envs":
        must(checks.is_whole(value), f"{name}={brief(value)} is taken for a whole number")
    elif isinstance(default, float):
        real = checks.is_whole(value) or isinstance(value, float | np.floating)
        must(real and np.isfinite(float(value)), f"{name}={brief(value)} is taken for a number")
    elif isinstance(default, str):
        must(isinstance(value, str), f"{name}={brief(value)} is taken for text")
    kept = getattr(family, name, value)
    if isinstance(default, int | float | str):
        must(kept == value, f"{name}={brief(value)} is taken as {kept!r}")


def ask_optimum(env: Any) -> None:
    """What is known of the optimum must be numbers, in the right order."""
    known = {}
    for name in ("optimal_return", "optimal_bound", "informed_return"):
        words = (*inspect.signature(type(env.family)).parameters, "known", "computed")
        fine, value = attempt(words, getattr(optimal, name), env.family)
        if fine:
            must(np.isfinite(value), f"{name} is {value}")
            known[name] = value
    least = known.get("optimal_return", -np.inf)
    for name, value in known.items():
        # A simulated value is known to within its standard error.
        must(value >= least - 0.02 * abs(least) - 0.1, f"{name} is {value}, the optimum {least}")
    fine, policy = attempt(
        ("known", "computed", "inputs", *inspect.signature(type(env.family)).parameters),
        partial(optimal.optimal_policy, env.family, env.meta_observation),
    )
    if fine and hasattr(env, "num_envs"):
        observation, _ = env.reset(seed=1)
        fine, played = attempt(("inputs",), policy.predict, observation)
        must(not fine or env.action_space.contains(played[0]), f"the optimum does {played}")
