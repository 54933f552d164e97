"""Seeds and generators of a batch of episodes: read, checked, and packed into arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium.utils import seeding
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


class Generators:
    """The generator of each sub-environment, made when it is first needed.

    Attributes:
        all: The generators, None where there is none yet.
        seeds: What each started from; -1, Gymnasium's word for "not known", after `restore`.
    """

    def __init__(self, num_envs: int) -> None:
        self.all: list[Any] = [None] * num_envs
        self.seeds: list[Any] = [None] * num_envs

    def seeded(self, seed: int | Sequence[int | None] | None, envs: NDArray[np.intp]) -> Generators:
        """A copy in which those of `envs` are new where `seed` gives one or there is none yet.

        Raises:
            ValueError: If the seed does not fit.
        """
        num_envs = len(self.all)
        given = [None] * num_envs if seed is None else check_seeds(seed, num_envs)
        new = Generators(num_envs)
        new.all, new.seeds = list(self.all), list(self.seeds)
        for env in envs.tolist():
            if given[env] is not None or new.all[env] is None:
                new.all[env], new.seeds[env] = seeding.np_random(given[env])
        return new

    def pack(self) -> NDArray[np.int64]:
        """Their states, shape (num_envs, 6)."""
        return np.stack([pack_generator(generator) for generator in self.all])

    def restore(self, packed: NDArray[np.int64]) -> None:
        """Goes on from where `pack` was called."""
        self.all = [np.random.default_rng() for _ in packed]
        self.seeds = [-1] * len(packed)
        for generator, words in zip(self.all, packed, strict=True):
            restore_generator(generator, words)


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
