"""What the checks share: how environments are made, played and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from gymnasium.utils.env_checker import data_equivalence
from numpy.typing import NDArray

from meta_envs.core import MetaEnv, TaskFamily

NUM_ENVS, SEED = 3, 7
"""Sub-environments that are compared, and the seed they start from."""

Problems = Iterator[str]
"""A line each."""
Make = Callable[..., Any]
"""Makes an environment of the family: `make(MetaEnv)`, `make(MetaVectorEnv, num_envs=3)`."""
Check = Callable[[Make], Problems]


def some_actions(family: TaskFamily, seed: int, shape: Any) -> NDArray[np.int64]:
    """Random actions."""
    return np.random.default_rng(seed).integers(family.num_actions, size=shape)


def same(first: Any, second: Any) -> bool:
    """Whether two results are equal bit for bit, in structure and types too."""
    return data_equivalence(first, second, exact=True)


def play(env: MetaEnv, actions: NDArray[np.int64]) -> list[Any]:
    """The results of `step` for each action, up to the end of the episode."""
    results: list[Any] = []
    for action in actions:
        results.append(env.step(action))
        if results[-1][2]:
            break
    return results
