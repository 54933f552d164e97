"""What both forms of the maze share: the goal, drawn once, and runs that start anew."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_count, check_task
from meta_envs.core.family import Task, TaskFamily
from meta_envs.tasks.mazes.maze_map import Maze

MOST_STEPS = 50_000
"""As what an informed agent can still earn is computed for every step of an episode."""


class MazeTask(TaskFamily):
    """A maze in which the goal stays where it is for a whole episode.

    An episode's draws are the goal, then `draws_per_run` numbers for each run's start; a run takes
    a step at least.

    Args:
        num_envs: Episodes held side by side.
        maze: The maze.
        num_steps: Steps in an episode.
        draws_per_run: Random numbers that the start of a run needs.
        **kwargs: What else `TaskFamily` needs to know.

    Attributes:
        goals: The number of each episode's goal among `maze.goals`, shape (num_envs,).
        runs: Goals reached so far, same shape.
    """

    episode_arrays = (*TaskFamily.episode_arrays, "goals", "runs")

    def __init__(
        self, num_envs: int, *, maze: Maze, num_steps: int, draws_per_run: int, **kwargs: Any
    ) -> None:
        self.num_steps = check_count("num_steps", num_steps, minimum=1, maximum=MOST_STEPS)
        super().__init__(
            num_envs,
            episode_length=self.num_steps,
            num_draws=1 + draws_per_run * self.num_steps,
            **kwargs,
        )
        self.maze = maze
        self.draws_per_run = draws_per_run
        self.goals = np.zeros(self.num_envs, np.intp)
        self.runs = np.zeros(self.num_envs, np.int64)

    @abstractmethod
    def _start_run(self, envs: NDArray[np.intp], draws: NDArray[np.float64]) -> None:
        """Puts the agents of some episodes where their next run starts.

        Args:
            envs: Indices of the episodes.
            draws: Uniform numbers, shape (draws_per_run, len(envs)).
        """

    def _start_runs(self, envs: NDArray[np.intp]) -> None:
        first = 1 + self.draws_per_run * self.runs[envs]
        draws = [self.draws[envs, first + i] for i in range(self.draws_per_run)]
        self._start_run(envs, np.array(draws))

    def _load_tasks(self, envs: NDArray[np.intp]) -> None:
        self.goals[envs] = (self.draws[envs, 0] * len(self.maze.goals)).astype(np.intp)
        self.runs[envs] = 0
        self._start_runs(envs)

    def _end_step(self, hits: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Counts the step and starts new runs where it reached the goal; returns `terminated`."""
        self.runs += hits
        terminated = self.advance()
        # After the last step the agent stays where it is.
        starting = (hits > terminated).nonzero()[0]
        if len(starting):
            self._start_runs(starting)
        self.trial_over = hits | terminated
        return terminated

    def _parse_task(self, task: Mapping[str, Any]) -> int:
        return int(check_task(task, "goal", (), 0, len(self.maze.goals) - 1, whole=True))

    def _set_task(self, env: int, parsed: int) -> None:
        self.goals[env] = parsed

    def task(self, env: int) -> Task:
        return {"goal": int(self.goals[env])}
