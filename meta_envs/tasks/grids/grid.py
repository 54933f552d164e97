"""What all grids share: cells and moves, trials that start anew, and hidden targets."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_count, check_task
from meta_envs.core.family import StepResult, TaskFamily
from meta_envs.tasks.grids import rendering

MOVES = np.array(((0, 0), (0, 1), (1, 0), (0, -1), (-1, 0)))
"""What each action adds to (x, y): no-op, up, right, down, left."""
NUM_ACTIONS = len(MOVES)


class Grid(TaskFamily):
    """A square room in which invisible targets pay; every trial the agent starts anew in it.

    Cell (x, y) has the index y * size + x, y growing upwards. A move against a wall stays. A
    step pays for the cell that it ends in. The agent sees its own cell, one-hot, and where a
    step ends a trial, the cell that the next trial starts in.

    A subclass says what a step pays (`_arrive`) and what a cell is worth (`_values`).

    Args:
        num_envs: Episodes held side by side.
        size: Cells a side.
        num_trials: Trials in an episode.
        trial_length: Steps in a trial.
        targets: Names of the task's cells, as they stand in the task; one draw each.
        start: Index of the cell that trials start in, None for any, drawn for each trial.
        reward_range: Least and largest possible reward.
        table_size: Numbers in tables of the subclass; see `TaskFamily`.
    """

    action_names = ("no-op", "up", "right", "down", "left")
    episode_arrays = (*TaskFamily.episode_arrays, "targets", "starts", "cells", "found")

    def __init__(
        self,
        num_envs: int,
        *,
        size: int,
        num_trials: int,
        trial_length: int,
        targets: Sequence[str],
        start: int | None,
        reward_range: tuple[float, float],
        table_size: int = 0,
    ) -> None:
        self.size = size
        self.num_trials = check_count("num_trials", num_trials, minimum=1)
        self.trial_length = check_count("trial_length", trial_length, minimum=1)
        self.num_cells = self.size**2
        self.target_names = tuple(targets)
        self.random_start = start is None
        super().__init__(
            num_envs,
            num_actions=NUM_ACTIONS,
            episode_length=self.num_trials * self.trial_length,
            num_draws=len(targets) + self.num_trials * self.random_start,
            observation_size=self.num_cells,
            reward_range=reward_range,
            episode_size=self.num_trials,
            # Of every two cells their distance, and what computing it takes.
            table_size=4 * self.num_cells**2 + table_size,
        )
        shape = self.num_envs, self.num_trials
        self.targets = np.zeros((self.num_envs, len(targets)), np.intp)
        self.starts = np.full(shape, 0 if start is None else start, np.intp)
        self.cells = self.starts[:, 0].copy()
        self.found = np.zeros(self.num_envs, np.intp)
        self._make_tables()

    def _make_tables(self) -> None:
        """Looked up in steps: a gather is faster than arithmetic."""
        self.next_cells = next_cells(self.size)
        self.distances = distances(self.size)
        steps = np.arange(self.episode_length + 1)
        self._trial_of = np.minimum(steps // self.trial_length, self.num_trials - 1)
        self._left_at = self.trial_length - (steps - self._trial_of * self.trial_length)
        self._ends_at = steps % self.trial_length == 0
        self._start_row = np.arange(self.num_envs) * self.num_trials
        self._one_hot = np.eye(self.num_cells, dtype=np.float32)
        self._seen = np.zeros((self.num_envs, self.num_cells), np.float32)

    @abstractmethod
    def _arrive(
        self, cells: NDArray[np.intp], found: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """What a step into `cells` pays, and how many targets are then found in this trial.

        Args:
            cells: The cell that each episode's step ends in, shape (num_envs,).
            found: Targets found in the trial before, shape (num_envs,).
        """

    @abstractmethod
    def _values(
        self, cells: NDArray[np.intp], found: NDArray[np.intp], left: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """The most that can still be earned in the trial, shape (num_envs,).

        Args:
            cells: The cell of each episode, shape (num_envs,).
            found: Targets found in the trial so far, shape (num_envs,).
            left: Steps left in the trial, shape (num_envs,).
        """

    def _target_cells(self, draws: NDArray[np.float64]) -> NDArray[np.intp]:
        """Turns uniform numbers into cells; all alike unless a family says otherwise."""
        return (draws * self.num_cells).astype(np.intp)

    def _load_tasks(self, envs: NDArray[np.intp]) -> None:
        count = len(self.target_names)
        self.targets[envs] = self._target_cells(self.draws[envs, :count])
        if self.random_start:
            self.starts[envs] = (self.draws[envs, count:] * self.num_cells).astype(np.intp)
        self.cells[envs] = self.starts[envs, 0]
        self.found[envs] = 0

    def _parse_task(self, task: Mapping[str, Any]) -> list[int]:
        return [self._parse_cell(task, name) for name in self.target_names]

    def _parse_cell(self, task: Mapping[str, Any], name: str) -> int:
        x, y = check_task(task, name, (2,), 0, self.size - 1, whole=True).tolist()
        return int(y * self.size + x)

    def _set_task(self, env: int, parsed: list[int]) -> None:
        self.targets[env] = parsed

    def task(self, env: int) -> dict[str, Any]:
        cells = self.targets[env].tolist()
        named = zip(self.target_names, cells, strict=True)
        return {name: [cell % self.size, cell // self.size] for name, cell in named}

    def step(self, actions: NDArray[np.int64]) -> StepResult:
        left = self._left_at.take(self.steps)
        cells = self.next_cells.take(self.cells * NUM_ACTIONS + actions)
        rewards, found = self._arrive(cells, self.found)
        value = self._values(self.cells, self.found, left)
        regret = value - (rewards + self._values(cells, found, left - 1))
        trial = self._trial_of.take(self.steps)
        terminated = self.advance()
        self.trial_over = self._ends_at.take(self.steps)
        if np.count_nonzero(self.trial_over):
            # After the last trial the agent stays where it is.
            restart = (self.trial_over > terminated).nonzero()[0]
            cells[restart] = self.starts.take(self._start_row[restart] + trial[restart] + 1)
            found = found * ~self.trial_over
        self.cells, self.found = cells, found
        return rewards, regret, trial, terminated

    def observe(self) -> NDArray[np.float32]:
        return self._one_hot.take(self.cells, axis=0, out=self._seen, mode="clip")

    def action_values(self) -> NDArray[np.float64]:
        left = self._left_at.take(self.steps) - 1
        values = np.empty((self.num_envs, NUM_ACTIONS))
        for action in range(NUM_ACTIONS):
            cells = self.next_cells.take(self.cells * NUM_ACTIONS + action)
            rewards, found = self._arrive(cells, self.found)
            values[:, action] = rewards + self._values(cells, found, left)
        return values

    def _marks(self, env: int) -> Sequence[rendering.Mark]:
        """The hidden targets of one episode, for the viewer."""
        cells = self.targets[env].tolist() if self.reveal else [None] * len(self.target_names)
        marked = zip(cells, self.target_names, strict=True)
        return [rendering.Mark(cell, name[0].upper(), name) for cell, name in marked]

    def _scene(self, env: int, history: Sequence[tuple[int, float]]) -> rendering.Scene:
        """What people see of an episode so far."""
        trial = int(self._trial_of[len(history)])
        path = [int(self.starts[env, trial])]
        for action, _ in history[trial * self.trial_length :]:
            path.append(int(self.next_cells[path[-1], action]))
        return rendering.Scene(
            size=self.size,
            num_trials=self.num_trials,
            trial_length=self.trial_length,
            trial=trial,
            path=path,
            marks=self._marks(env),
            history=history,
            reward_range=self.reward_range,
        )

    def render_ansi(self, env: int, history: Sequence[tuple[int, float]]) -> str:
        """A map: `A` the agent, `S` the start, `*` the path; a letter for each hidden target."""
        return rendering.text(self._scene(env, history))

    def render_rgb(self, env: int, history: Sequence[tuple[int, float]]) -> NDArray[np.uint8]:
        """The map, and beside it a row a trial with a bar a step for what it brought."""
        return rendering.draw(self, self._scene(env, history))


def next_cells(size: int) -> NDArray[np.intp]:
    """The cell that each action leads to, shape (cells, actions); a wall stops."""
    cells = np.arange(size * size)
    moved = np.stack([cells % size, cells // size], axis=1)[:, None] + MOVES
    x, y = np.clip(moved, 0, size - 1).transpose(2, 0, 1)
    return np.asarray(y * size + x)


def distances(size: int) -> NDArray[np.intp]:
    """Moves between any two cells, shape (cells, cells)."""
    y, x = np.divmod(np.arange(size * size), size)
    return np.asarray(np.abs(x[:, None] - x) + np.abs(y[:, None] - y))
