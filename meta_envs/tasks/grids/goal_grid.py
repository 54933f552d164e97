"""Grids with one hidden goal, which pays on every step that ends there or once a trial."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_count
from meta_envs.tasks.grids.grid import Grid


class GoalGrid(Grid):
    """A room with one invisible goal.

    Args:
        num_envs: Episodes held side by side.
        size: Cells a side.
        num_trials: Trials in an episode.
        trial_length: Steps in a trial.
        start: Index of the cell that trials start in.
        near: The goal is drawn from the cells with an x or a y of at least this, all alike.
        step_reward: What a step pays that does not end on the goal; one that does pays 1.
        once: Whether the goal pays only the first time in a trial.
    """

    def __init__(
        self,
        num_envs: int,
        *,
        size: int,
        num_trials: int,
        trial_length: int,
        start: int,
        near: int = 0,
        step_reward: float,
        once: bool,
    ) -> None:
        super().__init__(
            num_envs,
            size=size,
            num_trials=num_trials,
            trial_length=trial_length,
            targets=("goal",),
            start=start,
            reward_range=(step_reward, 1.0),
            # By distance and steps left, and a copy on the way.
            table_size=8 * size * (check_count("trial_length", trial_length, minimum=1) + 1),
        )
        self.start = start
        y, x = np.divmod(np.arange(self.num_cells), size)
        self.possible_goals = np.flatnonzero((x >= near) | (y >= near))
        self.step_reward = step_reward
        self._pays = np.array([step_reward, 1.0])
        self.once = once
        self.trial_values = trial_values(size, self.trial_length, step_reward, once)

    def _target_cells(self, draws: NDArray[np.float64]) -> NDArray[np.intp]:
        return self.possible_goals[(draws * len(self.possible_goals)).astype(np.intp)]

    def _arrive(
        self, cells: NDArray[np.intp], found: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        hit = cells == self.targets[:, 0]
        if self.once:
            return self._pays.take(hit > found), found | hit
        return self._pays.take(hit), found

    def _values(
        self, cells: NDArray[np.intp], found: NDArray[np.intp], left: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        _, lefts, far = self.trial_values.shape
        distance = self.distances.take(self.targets[:, 0] * self.num_cells + cells)
        row = found * lefts + left if self.once else left
        return self.trial_values.take(row * far + distance)


def trial_values(
    size: int, trial_length: int, step_reward: float, once: bool
) -> NDArray[np.float64]:
    """What the rest of a trial is worth to an informed agent, which goes straight to the goal.

    Args:
        size: Cells a side.
        trial_length: Steps in a trial.
        step_reward: What a step pays that does not end on the goal; one that does pays 1.
        once: Whether the goal pays only the first time in a trial.

    Returns:
        Values by whether the goal was found before, steps left and distance to the goal, shape
        (2, trial_length + 1, 2 * size - 1).
    """
    values = np.zeros((2, trial_length + 1, 2 * size - 1))
    values[1, 1:] = np.cumsum(np.full(trial_length, step_reward))[:, None]
    # A step ends on the goal from its own cell and from beside it, and from there again.
    again = 1.0 + values[1, :-1, 0] if once else np.cumsum(np.ones(trial_length))
    values[0, 1:, :2] = again[:, None]
    for distance in range(2, 2 * size - 1):
        values[0, 1:, distance] = step_reward + values[0, :-1, distance - 1]
    return values
