"""An agent of a large room that plays in a smaller one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.common.environments import make_vector_env
from baselines.evaluation.load import load
from meta_envs.tasks.grids.grid import Grid


class SmallerRoom:
    """Shows an agent each cell of a room as the one of its own room that lies in the same place.

    Both rooms are laid so that the cells in which trials start lie on each other. The larger room's
    other cells are never seen: there the smaller one has a wall.

    Args:
        path: A checkpoint of an agent that was trained in the room of `env_id`.
        env_id: A room whose observation begins with its cells.
        size: Of the smaller room, at most that of the larger.
    """

    def __init__(self, path: Path, env_id: str, size: int) -> None:
        large, small = make_vector_env(env_id, 1), make_vector_env(env_id, 1, {"size": size})
        self.agent = load(path, large)
        own, other = (_room(env) for env in (large, small))
        shift_y, shift_x = (
            there - here
            for there, here in zip(
                divmod(own.start, own.size), divmod(other.start, other.size), strict=True
            )
        )
        y, x = np.divmod(np.arange(other.num_cells), other.size)
        self.cells = (y + shift_y) * own.size + x + shift_x
        self.num_cells = own.num_cells

    def predict(
        self,
        observation: Any,
        state: tuple[Any, ...] | None = None,
        episode_start: NDArray[np.bool_] | None = None,
        deterministic: bool = False,
    ) -> tuple[NDArray[Any], tuple[Any, ...] | None]:
        """Calls the agent, as Stable-Baselines3 does."""
        shown = np.zeros((len(observation), self.num_cells), np.float32)
        shown[:, self.cells] = observation[:, : len(self.cells)]
        shown = np.concatenate([shown, observation[:, len(self.cells) :]], axis=1)
        return self.agent.predict(shown, state, episode_start, deterministic)

    def set_random_seed(self, seed: int) -> None:
        """Seeds the agent's sampling."""
        agent: Any = self.agent
        agent.set_random_seed(seed)


def _room(env: Any) -> Any:
    family = env.unwrapped.family
    assert isinstance(family, Grid)
    return family
