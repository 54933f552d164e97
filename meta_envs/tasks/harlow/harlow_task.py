"""Harlow's learning-set task, whatever it is seen as: trials, objects and what a choice brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_choice, check_count, check_task, shown
from meta_envs.core.family import StepResult, Task, TaskFamily
from meta_envs.tasks.harlow import rendering
from meta_envs.tasks.harlow.gaze import (
    CHOICE,
    CHOSE_LEFT,
    FIXATED,
    HOLD,
    MAX_REPEAT,
    NUM_ACTIONS,
    Moment,
    advance,
)

PAIRS = ("same", "one-new")
FIXATION_REWARD = 0.2
REWARDS = np.zeros((4, 2))
"""By event, and by whether the right object is the rewarded one."""
REWARDS[FIXATED] = FIXATION_REWARD
REWARDS[CHOSE_LEFT:] = (1.0, -1.0), (-1.0, 1.0)


class HarlowTask(TaskFamily):
    """A gaze to turn, a cross to look at, and two objects of which one pays.

    Args:
        num_envs: Episodes held side by side.
        num_objects: How many objects there are to draw from.
        num_trials: Trials in an episode, at most.
        action_repeat: Frames that an action lasts.
        max_frames: Frames of an episode, at most.
        pairs: One of `PAIRS`.
        **kwargs: What `TaskFamily` needs to know of what is seen.

    Attributes:
        shown: The object on the left and on the right, shape (num_envs, num_trials, 2).
        good_right: 1 where the right one pays, else 0, shape (num_envs, num_trials).
    """

    has_regret = False
    action_names = ("no-op", "left", "right")
    episode_arrays = (
        *TaskFamily.episode_arrays,
        "objects",
        "rewarded",
        "shown",
        "good_right",
        "gazes",
        "speeds",
        "phases",
        "trials",
    )

    def __init__(
        self,
        num_envs: int,
        *,
        num_objects: int,
        num_trials: int,
        action_repeat: int,
        max_frames: int,
        pairs: str,
        **kwargs: Any,
    ) -> None:
        self.num_trials = check_count("num_trials", num_trials, minimum=1)
        self.action_repeat = check_count(
            "action_repeat", action_repeat, minimum=1, maximum=MAX_REPEAT
        )
        self.max_frames = check_count("max_frames", max_frames, minimum=self.action_repeat)
        self.pairs = check_choice("pairs", pairs, PAIRS)
        self.num_objects = num_objects
        # With one new in every trial, the first object is the one that stays.
        self.num_drawn = 2 if pairs == "same" else 1 + self.num_trials
        if self.num_drawn > num_objects:
            raise ValueError(
                f"num_trials must be less than the {num_objects} objects there are, "
                f"got {num_trials}"
            )
        # The task: the objects and which one pays. The noise: sides, for each trial.
        super().__init__(
            num_envs,
            num_actions=NUM_ACTIONS,
            episode_length=self.max_frames // self.action_repeat,
            num_draws=self.num_drawn + 1 + self.num_trials,
            # Three times, as all is computed before it is put in its place.
            episode_size=3 * (self.num_drawn + 3 * self.num_trials),
            reward_range=(-1.0, 1.0),
            **kwargs,
        )
        self.objects = np.zeros((self.num_envs, self.num_drawn), np.int64)
        self.rewarded = np.zeros(self.num_envs, np.int64)
        self.shown = np.zeros((self.num_envs, self.num_trials, 2), np.int64)
        self.good_right = np.zeros((self.num_envs, self.num_trials), np.int64)
        self.gazes, self.speeds, self.phases, self.trials = np.zeros((4, self.num_envs), np.int64)
        self._first_trial = np.arange(self.num_envs) * self.num_trials

    def _load_tasks(self, envs: NDArray[np.intp]) -> None:
        draws = self.draws[envs]
        self.objects[envs] = distinct(draws[:, : self.num_drawn], self.num_objects)
        self.rewarded[envs] = draws[:, self.num_drawn] < 0.5
        self._arrange(envs)
        self.gazes[envs] = self.speeds[envs] = self.trials[envs] = 0
        self.phases[envs] = HOLD

    def _arrange(self, envs: NDArray[np.intp]) -> None:
        """Puts the objects of each trial left and right."""
        swapped = (self.draws[envs, self.num_drawn + 1 :] < 0.5).astype(np.int64)
        second = self.objects[envs, 1:] + np.zeros_like(swapped)
        pair = np.stack([self.objects[envs, :1] + np.zeros_like(swapped), second], axis=2)
        self.shown[envs] = np.where(swapped[..., None], pair[..., ::-1], pair)
        self.good_right[envs] = self.rewarded[envs, None] ^ swapped

    def _parse_task(self, task: Mapping[str, Any]) -> tuple[NDArray[np.int64], int]:
        last = self.num_objects - 1
        objects = check_task(task, "objects", (self.num_drawn,), 0, last, whole=True)
        rewarded = check_task(task, "rewarded", (), 0, 1, whole=True)
        if len(np.unique(objects)) < self.num_drawn:
            raise ValueError(
                f"task['objects'] must be {self.num_drawn} different whole numbers in 0..{last}, "
                f"got {shown(task['objects'])}"
            )
        return objects, int(rewarded)

    def _set_task(self, env: int, parsed: tuple[NDArray[np.int64], int]) -> None:
        self.objects[env], self.rewarded[env] = parsed
        self._arrange(np.array([env]))

    def task(self, env: int) -> Task:
        return {"objects": self.objects[env].tolist(), "rewarded": int(self.rewarded[env])}

    def step(self, actions: NDArray[np.int64]) -> StepResult:
        now = Moment(self.gazes, self.speeds, self.phases)
        after, events = advance(now, actions, self.action_repeat)
        self.gazes[:], self.speeds[:], self.phases[:] = after
        trial = self.trials.copy()
        rewards = REWARDS.take(2 * events + self.good_right.take(self._first_trial + trial))
        chosen = events >= CHOSE_LEFT
        self.trials += chosen
        terminated = (self.trials >= self.num_trials) | self.advance()
        self.trial_over = chosen | terminated
        return rewards, np.zeros(self.num_envs), trial, terminated

    def choosing(self, envs: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """Which of the episodes show objects, and those on the left and right, shape (n, 2)."""
        envs = envs[self.phases[envs] == CHOICE]
        return envs, self.shown[envs, self.trials[envs]]

    def _scene(self, env: int, history: Sequence[tuple[int, float]]) -> rendering.Scene:
        """What there is to see of an episode from outside."""
        trial = min(int(self.trials[env]), self.num_trials - 1)
        return rendering.Scene(
            gaze=int(self.gazes[env]),
            phase=int(self.phases[env]),
            good_right=bool(self.good_right[env, trial]) if self.reveal else None,
            choices=[reward > 0 for _, reward in history if abs(reward) > FIXATION_REWARD],
            num_trials=self.num_trials,
            history=history,
            episode_length=self.episode_length,
        )

    def render_ansi(self, env: int, history: Sequence[tuple[int, float]]) -> str:
        """Where the gaze is, and a mark a trial: `#` where the choice was right, else `o`."""
        return rendering.text(self._scene(env, history))


def distinct(draws: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Turns uniform numbers into whole numbers that are all different in a row.

    Args:
        draws: Shape (rows, n).
        count: The numbers are in 0..count - 1, at least n.
    """
    picked = np.zeros(draws.shape, np.int64)
    for column in range(draws.shape[1]):
        number = (draws[:, column] * (count - column)).astype(np.int64)
        # The number-th of those that are left.
        for taken in np.sort(picked[:, :column], axis=1).T:
            number += number >= taken
        picked[:, column] = number
    return picked
