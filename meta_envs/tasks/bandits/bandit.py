"""What all bandits share: one pull a trial, and one trial a step."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_count
from meta_envs.core.family import TaskFamily
from meta_envs.tasks.bandits import rendering


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
        self.action_names = tuple(f"arm {arm}" for arm in range(num_arms))

    @abstractmethod
    def arm_means(self, env: int) -> NDArray[np.float64]:
        """Mean payoff of each arm at each trial of an episode, shape (num_trials, num_arms)."""

    def _scene(self, env: int, history: Sequence[tuple[int, float]]) -> rendering.Scene:
        """What people see of an episode so far."""
        means = self.arm_means(env) if self.reveal else None
        highest = self.reward_range[1]
        return rendering.Scene(self.num_arms, self.num_trials, highest, means, history)

    def render_ansi(self, env: int, history: Sequence[tuple[int, float]]) -> str:
        """One line an arm: its mean payoff now, then a mark a trial."""
        return rendering.text(self._scene(env, history))

    def render_rgb(self, env: int, history: Sequence[tuple[int, float]]) -> NDArray[np.uint8]:
        """One row an arm, one column a trial: what pulls paid and, in purple, the means."""
        return rendering.draw(self, self._scene(env, history))
