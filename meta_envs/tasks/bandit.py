"""What all bandits share: one pull a trial, one trial a step, and a strip of pulls to look at."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.family import StepResult, TaskFamily, check_count

PICTURE_HEIGHT, PICTURE_WIDTH = 240, 500
"""About how many pixels the picture of an episode has for its arms and for its trials."""
GAUGE, GAP = 24, 4
"""Pixels of the column that shows the arms' means now, and of the gap beside it."""

WHITE, BLUE, GREEN, RED = np.array(
    ((255, 255, 255), (70, 110, 190), (40, 150, 70), (205, 60, 50)), np.float32
)


class Bandit(TaskFamily):
    """Arms to pull, one a step, for a fixed number of trials."""

    def __init__(
        self, num_envs: int, *, num_arms: int, num_trials: int, num_draws: int, **kwargs: Any
    ) -> None:
        self.num_arms = num_arms
        self.num_trials = check_count("num_trials", num_trials, minimum=1)
        self.action_names = tuple(f"arm {arm}" for arm in range(num_arms))
        super().__init__(
            num_envs,
            num_actions=num_arms,
            episode_length=self.num_trials,
            num_draws=num_draws,
            **kwargs,
        )

    @abstractmethod
    def arm_means(self, env: int) -> NDArray[np.float64]:
        """Mean payoff of each arm at each trial of an episode, shape (num_trials, num_arms)."""

    def render_ansi(self, env: int, history: Sequence[tuple[int, float]]) -> str:
        """One line an arm: its mean payoff now, then a mark a trial.

        A pull shows as `#` if it paid at least half of the highest payoff and `o` if less.
        """
        means = self.arm_means(env)
        now = min(len(history), self.num_trials - 1)
        lines = [f"trial {len(history)} of {self.num_trials}"]
        for arm in range(self.num_arms):
            marks = "".join(
                ("#" if 2 * reward >= self.reward_range[1] else "o") if action == arm else "."
                for action, reward in history
            )
            lines.append(f"arm {arm:<3d} mean {means[now, arm]:4.2f}  {marks}")
        return "\n".join(lines) + "\n"

    def render_rgb(self, env: int, history: Sequence[tuple[int, float]]) -> NDArray[np.uint8]:
        """One row an arm, one column a trial; nothing yet where trials are to come.

        The filled height is the arm's mean payoff at that trial, and on the left now. A pull
        colours its column, from red (nothing paid) to green (the highest payoff).
        """
        means = self.arm_means(env) / self.reward_range[1]
        height = min(max(PICTURE_HEIGHT // self.num_arms, 8), 60)
        cell = max(PICTURE_WIDTH // self.num_trials, 1)
        levels = 1 - (np.arange(height, dtype=np.float32) + 0.5) / height
        filled = levels[:, None] < means.T[:, None]
        colours = np.full((self.num_arms, self.num_trials, 3), BLUE)
        # How strongly a column is coloured, below and above the mean.
        below, above = np.zeros((2, self.num_arms, self.num_trials), np.float32)
        below[:, : len(history)], above[:, : len(history)] = 0.35, 0.07
        for trial, (arm, reward) in enumerate(history):
            colours[arm, trial] = RED + (GREEN - RED) * reward / self.reward_range[1]
            below[arm, trial], above[arm, trial] = 1.0, 0.4
        strength = np.where(filled, below[:, None], above[:, None])[..., None]
        trials = np.rint(WHITE + (colours[:, None] - WHITE) * strength).astype(np.uint8)
        now = min(len(history), self.num_trials - 1)
        gauge = np.where(filled[:, :, now, None], BLUE, WHITE + (BLUE - WHITE) * 0.1)
        image = np.full((self.num_arms, height, GAUGE + GAP + cell * self.num_trials, 3), WHITE)
        image = image.astype(np.uint8)
        image[:, :, :GAUGE] = gauge[:, :, None]
        image[:, :, GAUGE + GAP :] = trials.repeat(cell, axis=2)
        if cell > GAP:
            image[:, :, GAUGE + GAP + cell - 1 :: cell] = 255
        image[:, -GAP // 2 :] = 255
        return image.reshape(-1, *image.shape[2:])


class BernoulliArms(Bandit):
    """Arms that pay 1 or 0, with a probability that may change from trial to trial.

    A subclass fills `probabilities`, of shape (num_envs, num_trials or 1, num_arms): one row
    where the arms stay as they are through the episode.

    An episode's draws are its task's, then one uniform number a trial: a pull pays if that
    number is below the arm's probability, so the luck of a trial is the same for every arm.
    """

    def __init__(
        self,
        num_envs: int,
        *,
        num_arms: int,
        num_trials: int,
        num_task_draws: int,
        restless: bool = False,
    ) -> None:
        super().__init__(
            num_envs,
            num_arms=num_arms,
            num_trials=num_trials,
            num_draws=num_task_draws + check_count("num_trials", num_trials, minimum=1),
        )
        self.num_task_draws = num_task_draws
        self.probabilities = np.zeros((num_envs, num_trials if restless else 1, num_arms))
        self._best = np.zeros(self.probabilities.shape[:2])
        # Flat positions of each episode's first entry: one `take` then gathers a whole batch.
        envs = np.arange(num_envs)
        self._noise_start = envs * self.draws.shape[1] + num_task_draws
        self._best_start = envs * self.probabilities.shape[1]
        self._stride = int(restless)

    def _set_probabilities(self, envs: Any, probabilities: NDArray[np.float64]) -> None:
        self.probabilities[envs] = probabilities
        self._best[envs] = probabilities.max(axis=-1)

    def step(self, actions: NDArray[np.int64]) -> StepResult:
        row = self._best_start + self._stride * self.steps if self._stride else self._best_start
        chosen = self.probabilities.take(row * self.num_arms + actions)
        rewards = (self.draws.take(self._noise_start + self.steps) < chosen).astype(np.float64)
        regret = self._best.take(row) - chosen
        trial = self.steps.copy()
        self.steps += 1
        return rewards, regret, trial, self.steps >= self.num_trials

    def action_values(self) -> NDArray[np.float64]:
        row = np.minimum(self.steps, self.num_trials - 1) * self._stride
        return self.probabilities[np.arange(self.num_envs), row]

    def arm_means(self, env: int) -> NDArray[np.float64]:
        return np.broadcast_to(self.probabilities[env], (self.num_trials, self.num_arms))
