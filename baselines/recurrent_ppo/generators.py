"""The global random generators that Stable-Baselines3 draws from, kept for each agent apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]


class Generators:
    """The states of torch's and NumPy's global generators that belong to one agent.

    Stable-Baselines3 samples actions with torch's global generator and shuffles minibatches with
    NumPy's. While one is `in_use`, they go on from where it left off; outside, the program's own
    states are as if nothing had been drawn.
    """

    def __init__(self) -> None:
        self._state = _capture()
        self._in_use = False

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Puts the generators into this agent's states, and afterwards back."""
        if self._in_use:
            yield
            return
        others = _capture()
        _set(self._state)
        self._in_use = True
        try:
            yield
        finally:
            self._in_use = False
            self._state = _capture()
            _set(others)

    def seed(self, seed: int) -> None:
        """Starts from a seed."""
        with self.in_use():
            torch.manual_seed(seed)
            np.random.seed(seed % 2**32)  # noqa: NPY002 - the one SB3 draws from

    def state(self) -> Arrays:
        """The states, as arrays by name."""
        return _capture() if self._in_use else dict(self._state)

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Goes on from where `state` was called."""
        self._state = {name: np.array(state[name]) for name in self._state}


def _capture() -> Arrays:
    _, keys, position, has_gauss, gauss = np.random.get_state()  # noqa: NPY002
    return {
        "torch": torch.get_rng_state().numpy().copy(),
        "numpy": np.array(keys, np.uint32),
        "numpy_position": np.array([position, has_gauss], np.int64),
        "numpy_gauss": np.array([gauss], np.float64),
    }


def _set(state: Arrays) -> None:
    torch.set_rng_state(torch.from_numpy(state["torch"].copy()))
    position, has_gauss = state["numpy_position"].tolist()
    gauss = float(state["numpy_gauss"][0])
    np.random.set_state(("MT19937", state["numpy"], position, has_gauss, gauss))  # noqa: NPY002
