"""What all bandits share: one pull a trial, one trial a step, and a strip of pulls to look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.family import StepResult, TaskFamily, check_count

CELL = 8
"""Pixels a side of one trial of one arm in the picture of an episode."""
BAR = 12 * CELL
"""Pixels of the bar that shows an arm's mean payoff."""

WHITE, BLUE, GREEN, RED = (
    np.array(colour, float)
    for colour in ((255, 255, 255), (70, 110, 190), (40, 150, 70), (205, 60, 50))
)


class Bandit(TaskFamily):
    """Arms to pull, one a step, for a fixed number of trials."""

    def __init__(
        self, num_envs: int, *, num_arms: int, num_trials: int, num_draws: int, **kwargs: Any
    ) -> None:
        self.num_arms = num_arms
        self.num_trials = check_count("num_trials", num_trials, minimum=1)
        super().__init__(
            num_envs,
            num_actions=num_arms,
            episode_length=self.num_trials,
            num_draws=num_draws,
            **kwargs,
        )

    def arm_means(self, env: int) -> NDArray[np.float64]:
        """Mean payoff of each arm at each trial of an episode, shape (num_trials, num_arms)."""
        raise NotImplementedError

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
        """One row an arm, one column a trial.

        The bar on the left is the arm's mean payoff now. To its right the mean at each trial
        is the shade of blue, and a pull is a square from red (lowest payoff) to green (highest).
        """
        means = self.arm_means(env) / self.reward_range[1]
        height, width = self.num_arms * CELL * 2, BAR + CELL + self.num_trials * CELL
        image = np.broadcast_to(WHITE, (height, width, 3)).copy()
        now = min(len(history), self.num_trials - 1)
        for arm in range(self.num_arms):
            rows = slice(arm * 2 * CELL + 1, (arm + 1) * 2 * CELL - 1)
            image[rows, :BAR] = blend(WHITE, BLUE, 0.1)
            image[rows, : round(means[now, arm] * BAR)] = BLUE
            shade = np.repeat(means[:, arm], CELL)[:, None]
            image[rows, BAR + CELL :] = blend(WHITE, BLUE, 0.05 + 0.35 * shade)
        for trial, (arm, reward) in enumerate(history):
            top, left = arm * 2 * CELL + CELL // 2, BAR + CELL + trial * CELL
            colour = blend(RED, GREEN, reward / self.reward_range[1])
            image[top : top + CELL, left : left + CELL - 1] = colour
        return np.rint(image).astype(np.uint8)


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


def blend(
    first: NDArray[np.float64], second: NDArray[np.float64], weight: Any
) -> NDArray[np.float64]:
    """A colour between two others; `weight` 0 gives the first and 1 the second."""
    return np.asarray((1 - weight) * first + weight * second)
