"""Seeds and generators of a batch of episodes: read, checked, and packed into arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import is_whole, shown


def check_seeds(seed: Any, num_envs: int) -> list[int | None]:
    """Returns one seed a sub-environment, or raises a ValueError that says what is needed."""
    seeds: list[Any] = []
    if is_whole(seed):
        seeds = [int(seed) + env for env in range(num_envs)]
    elif isinstance(seed, Sequence) or (isinstance(seed, np.ndarray) and seed.ndim):
        seeds = list(seed)
    if len(seeds) != num_envs or not all(
        one is None or (is_whole(one) and one >= 0) for one in seeds
    ):
        raise ValueError(
            f"seed must be None, a whole number of at least 0 or a list of {num_envs} such, "
            f"got {shown(seed)}"
        )
    return [None if one is None else int(one) for one in seeds]


def pack_generator(generator: np.random.Generator) -> NDArray[np.int64]:
    """The state of a generator on PCG64, NumPy's and Gymnasium's usual, as six words."""
    state: Any = generator.bit_generator.state
    numbers = state["state"]["state"], state["state"]["inc"]
    words = [word for number in numbers for word in divmod(number, 2**64)]
    return np.array([*words, state["has_uint32"], state["uinteger"]], np.uint64).view(np.int64)


def restore_generator(generator: np.random.Generator, words: NDArray[np.int64]) -> None:
    """Puts a generator into the state that `pack_generator` has packed."""
    high, low, inc_high, inc_low, has_uint32, uinteger = words.view(np.uint64).tolist()
    generator.bit_generator.state = {
        "bit_generator": "PCG64",
        "state": {"state": high * 2**64 + low, "inc": inc_high * 2**64 + inc_low},
        "has_uint32": has_uint32,
        "uinteger": uinteger,
    }
