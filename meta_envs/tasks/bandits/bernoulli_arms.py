"""What bandits whose arms pay 1 or 0 share."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_count
from meta_envs.core.family import StepResult
from meta_envs.tasks.bandits.bandit import Bandit


class BernoulliArms(Bandit):
    """Arms that pay 1 or 0, with a probability that may change from trial to trial.

    A subclass fills `probabilities`, of shape (num_envs, num_trials or 1, num_arms): one row
    where the arms stay as they are through the episode.

    An episode's draws are its task's, then one uniform number a trial: a pull pays if that
    number is below the arm's probability, so the noise of a trial is the same for every arm.
    """

    episode_arrays = (*Bandit.episode_arrays, "probabilities", "best")

    def __init__(
        self,
        num_envs: int,
        *,
        num_arms: int,
        num_trials: int,
        num_task_draws: int,
        restless: bool = False,
    ) -> None:
        num_trials = check_count("num_trials", num_trials, minimum=1)
        rows = num_trials if restless else 1
        super().__init__(
            num_envs,
            num_arms=num_arms,
            num_trials=num_trials,
            num_draws=num_task_draws + num_trials,
            # Three times, as all is computed before it is put in its place.
            episode_size=3 * rows * (num_arms + 1),
        )
        self.num_task_draws = num_task_draws
        self.probabilities = np.zeros((self.num_envs, rows, num_arms))
        self.best = np.zeros(self.probabilities.shape[:2])
        # Flat positions of each episode's first entry: one `take` then gathers a whole batch.
        envs = np.arange(self.num_envs)
        self._noise_start = envs * self.draws.shape[1] + num_task_draws
        self._best_start = envs * rows
        self._arms_start = self._best_start * num_arms
        self.restless = restless

    def _set_probabilities(self, envs: Any, probabilities: NDArray[np.float64]) -> None:
        self.probabilities[envs] = probabilities
        self.best[envs] = probabilities.max(axis=-1)

    def step(self, actions: NDArray[np.int64]) -> StepResult:
        arms, best = self._arms_start, self.best[:, 0]
        if self.restless:
            row = self._best_start + self.steps
            arms, best = row * self.num_arms, self.best.take(row)
        chosen = self.probabilities.take(arms + actions)
        rewards = (self.draws.take(self._noise_start + self.steps) < chosen).astype(np.float64)
        regret = best - chosen
        trial = self.steps.copy()
        return rewards, regret, trial, self.advance()

    def action_values(self) -> NDArray[np.float64]:
        row = np.minimum(self.steps, self.num_trials - 1) * self.restless
        return self.probabilities[np.arange(self.num_envs), row]

    def arm_means(self, env: int) -> NDArray[np.float64]:
        return np.broadcast_to(self.probabilities[env], (self.num_trials, self.num_arms))
