"""A recording trial by trial: what was preferred, chosen and paid, between two choices."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.common.errors import InputError
from baselines.evaluation.replay import played_family
from baselines.inside.recording import Recording
from meta_envs.core import TaskFamily
from meta_envs.tasks.two_step.two_step import TwoStep


class Choices(NamedTuple):
    """Trials in which one of two actions was chosen. Arrays have shape (episodes, trials).

    Attributes:
        preferences: For action 0 over action 1 before the choice: of a softmax policy the
            difference of their logits, which is the log-odds of choosing action 0.
        actions: 0 or 1.
        rewards: Of the trial.
        states: That the choice led to, counted from 0; None where it leads to none.
        counted: Where there was a valid choice.
        steps: Of the episode, at which each choice was made, shape (trials,).
    """

    preferences: NDArray[np.float64]
    actions: NDArray[np.int64]
    rewards: NDArray[np.float64]
    states: NDArray[np.int64] | None
    counted: NDArray[np.bool_]
    steps: NDArray[np.int64]


def read_choices(recording: Recording, preferences: NDArray[np.floating] | None = None) -> Choices:
    """The trials of a recording: its pulls of two arms, or its trials of a two-step task.

    Args:
        recording: Of a task with two actions, or of a two-step task.
        preferences: Of each step, shape (episodes, steps), for agents without logits: for example
            beta (Q0 - Q1) of a Rescorla-Wagner learner, whose values are its activity. None for
            the logits' difference.

    Raises:
        InputError: If the task is another, or there is no preference.
    """
    if preferences is None:
        if recording.logits is None:
            raise InputError(
                f"{recording.agent} has no logits: pass `preferences`, such as the difference of "
                "its two values in each step"
            )
        preferences = recording.logits[:, :, 0].astype(np.float64) - recording.logits[:, :, 1]
    if preferences.shape != recording.played.shape:
        raise InputError(
            f"`preferences` must have the shape {recording.played.shape} of the steps, got "
            f"{preferences.shape}"
        )
    wrong = "not a task with two actions, and not a two-step task"
    family: TaskFamily = played_family(
        recording.evaluation,
        wrong,
        TaskFamily,  # type: ignore[type-abstract]  # any family is one of these
    )
    levels = np.asarray(preferences, np.float64)
    if isinstance(family, TwoStep):
        return _two_step(recording, levels, family)
    if family.num_actions != 2:
        raise InputError(f"{recording.evaluation.env_id} is {wrong}")
    steps = np.arange(levels.shape[1])
    actions = recording.actions.astype(np.int64)
    return Choices(levels, actions, recording.rewards, None, recording.played, steps)


def _two_step(recording: Recording, preferences: NDArray[np.float64], family: TwoStep) -> Choices:
    """The choices in S1, where they led, and what that paid."""
    shape = -1, family.num_trials, family.trial_length
    actions = recording.actions.reshape(shape)[..., -2].astype(np.int64)
    rewards = recording.rewards.reshape(shape)[..., -1]
    shown = recording.own.argmax(axis=2).reshape(shape)
    return Choices(
        preferences=preferences.reshape(shape)[..., -2],
        actions=actions,
        rewards=rewards,
        states=shown[..., -1] - family.choice_state - 1,
        # Every other response is invalid, and so is the centre in S2 and S3, which costs.
        counted=(actions < 2) & (rewards >= 0),
        steps=np.arange(family.num_trials) * family.trial_length + family.trial_length - 2,
    )
