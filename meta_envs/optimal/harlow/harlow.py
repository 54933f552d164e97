"""The Harlow task: guess in the first trial, be right in all others, and lose no time.

Nobody can know which object pays before one has been looked at, so that a first choice is worth
0 on average. From then on both objects are known; where one of them is new in every trial, the
one that is seen again in the second trial is the one that stays. The policy counts its own turns
to know where it looks, and turns towards what comes next at full speed: no other policy takes fewer
frames, as the gaze, even at full speed, is on the cross for longer than it has to be. What it
knows the objects by is a checksum of what is seen of them.

With as many frames as by default its return is the best possible one. With few of them an
agent that leans to one side while waiting could gain a frame where the guess is right:
`optimal_bound` is what even that cannot exceed. That is also why there are no optimality gaps: they
would need the best turns from wherever an agent looks, and with whatever time it has left.
"""

from __future__ import annotations

import zlib
from abc import abstractmethod
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core import MetaObservationWriter
from meta_envs.core.observation import Observation, select
from meta_envs.optimal.numerics.limits import check_size
from meta_envs.policies import Belief, Memory, Policy
from meta_envs.tasks.harlow import harlow
from meta_envs.tasks.harlow.gaze import (
    CHOICE,
    CHOICE_TOLERANCE,
    CHOSE_LEFT,
    FIXATED,
    FIXATION_FRAMES,
    FIXATION_TOLERANCE,
    GAP_FRAMES,
    HOLD,
    LEFT,
    MAX_SPEED,
    NO_OP,
    OBJECT_ANGLE,
    RIGHT,
    Moment,
    advance,
)
from meta_envs.tasks.harlow.harlow_task import FIXATION_REWARD, HarlowTask
from meta_envs.tasks.harlow.objects import SIZE

GAZE, SPEED, PHASE, OBJECTS, KNOWN, GOAL = 0, 1, 2, slice(3, 5), slice(5, 7), 7
"""Columns of the memory: where the gaze is and how far the trial has come; the objects on the
left and right; those of the first trial, the one that pays first, or `NONE`; where to turn."""
NONE = -1.0
FASTEST_CHOICE = -(-(OBJECT_ANGLE - CHOICE_TOLERANCE - FIXATION_TOLERANCE) // MAX_SPEED)
"""Frames at full speed from the edge of where the cross can be held to a choice."""
NUMBERS = 20_000
"""That the return takes to compute, about, beside the cube of the number of trials."""


class KnownTurns(Policy):
    """The best policy, whatever the objects are seen as.

    Args:
        family: The task.
        meta_observation: Of its environment.
    """

    def __init__(self, family: HarlowTask, meta_observation: MetaObservationWriter) -> None:
        super().__init__(meta_observation)
        self.action_repeat = family.action_repeat

    @abstractmethod
    def identify(self, observation: Observation, gazes: NDArray[np.int64]) -> Memory:
        """Numbers for the objects on the left and right, both in view, shape (batch, 2)."""

    def initial_memory(self, num_envs: int) -> Memory:
        memory = np.zeros((num_envs, GOAL + 1))
        memory[:, PHASE] = HOLD
        memory[:, KNOWN] = NONE
        return memory

    def learn(self, memory: Memory, observation: Any) -> None:
        actions = self.meta_observation.last_action(observation).argmax(axis=1)
        now = Moment(*memory[:, [GAZE, SPEED, PHASE]].T.astype(np.int64))
        after, events = advance(now, actions, self.action_repeat)
        memory[:, [GAZE, SPEED, PHASE]] = np.stack(after, axis=1)
        paid = self.meta_observation.last_reward(observation) > 0
        first = (events >= CHOSE_LEFT) & (memory[:, KNOWN.start] == NONE)
        # The one that pays comes first: the chosen one if it paid.
        left_pays = (events == CHOSE_LEFT) == paid
        seen = memory[:, OBJECTS]
        memory[first, KNOWN] = np.where(left_pays[:, None], seen, seen[:, ::-1])[first]
        rows = np.flatnonzero(events == FIXATED)
        if len(rows):
            self._decide(memory, rows, observation)

    def _decide(self, memory: Memory, rows: NDArray[np.intp], observation: Any) -> None:
        """Looks at the objects and makes up its mind which one to turn to."""
        gazes = memory[rows, GAZE].astype(np.int64)
        memory[rows, OBJECTS] = self.identify(select(observation, rows), gazes)
        (left, right), (good, bad) = memory[rows, OBJECTS].T, memory[rows, KNOWN].T
        # An object that is known to pay, or one beside an object known not to.
        to_right = (right == good) | (left == bad)
        to_right |= (good == NONE) & (self.rng.random(len(rows)) < 0.5)
        memory[rows, GOAL] = np.where(to_right, RIGHT, LEFT)

    def act(self, memory: Memory) -> NDArray[np.intp]:
        return turns_towards(memory[:, GAZE], memory[:, PHASE], memory[:, GOAL])

    def belief(self, memory: Memory) -> Belief:
        """Which object pays.

        Returns:
            "objects known": 1 as soon as a choice has told, (num_envs, 1).
            "left pays": the probability that the left one of the objects in view pays, 0.5 where
            there are none, (num_envs, 1).
        """
        known = memory[:, [KNOWN.start]] != NONE
        (left, right), (good, bad) = memory[:, OBJECTS].T, memory[:, KNOWN].T
        pays = (left == good) | (right == bad)
        told = known[:, 0] & (memory[:, PHASE] == CHOICE)
        return {
            "objects known": known.astype(np.float64),
            "left pays": np.where(told, pays, 0.5)[:, None],
        }


def turns_towards(
    gazes: NDArray[Any], phases: NDArray[Any], goals: NDArray[Any]
) -> NDArray[np.intp]:
    """The turn towards the chosen object, or to where the cross is or will be."""
    back = np.where(gazes > 0, LEFT, RIGHT)
    waiting = np.where(np.abs(gazes) > FIXATION_TOLERANCE, back, NO_OP)
    return np.where(phases == CHOICE, goals, waiting).astype(np.intp)


class OptimalPolicy(KnownTurns):
    """Knows objects by the middle of their images, which is in view as soon as they are shown.

    Memory: gaze, speed, phase, left and right object, the object that pays and the other, and
    the turn to take, shape (num_envs, 8).
    """

    def identify(self, observation: Any, gazes: NDArray[np.int64]) -> Memory:
        # Of 34 columns, 12 on either side may be out of view.
        margin = SIZE // 3 + 1
        width = SIZE - 2 * margin
        shifts = harlow.columns(gazes).tolist()
        numbers = np.empty((len(gazes), 2))
        for row, (image, shift) in enumerate(zip(observation["image"], shifts, strict=True)):
            for side, corner in enumerate(harlow.CORNERS):
                start = corner - shift + margin
                part = image[harlow.TOP : harlow.TOP + SIZE, start : start + width]
                numbers[row, side] = zlib.crc32(part.tobytes())
        return numbers


def optimal_return(family: HarlowTask) -> float:
    """The exact mean return of `OptimalPolicy`.

    Raises:
        ValueError: If there is time for too many trials.
    """
    # Where a trial ends, and when, are the more the shorter an action is.
    numbers = NUMBERS * _most_choices(family) ** 3 // family.action_repeat**2
    check_size("num_trials", family.num_trials, numbers=numbers)
    repeat, num_trials = family.action_repeat, family.num_trials

    @cache
    def value(gaze: int, speed: int, phase: int, trial: int, left: int) -> float:
        """Expected from the beginning of a trial, or of the gap before it, with `left` actions."""
        if trial == num_trials:
            return 0.0
        now, taken = play(Moment(*np.array([[gaze], [speed], [phase]])), NO_OP, repeat, left)
        if now is None:
            return 0.0
        total = FIXATION_REWARD
        for goal in (LEFT, RIGHT):
            after, more = play(now, goal, repeat, left - taken)
            if after is not None:
                rest = value(*(int(part[0]) for part in after), trial + 1, left - taken - more)
                total += ((trial > 0) + rest) / 2
        return total

    return value(0, 0, HOLD, 0, family.episode_length)


def play(now: Moment, goal: int, repeat: int, left: int) -> tuple[Moment | None, int]:
    """Turns as the policy does until something happens.

    Args:
        now: One moment.
        goal: Where to turn when there are objects.
        repeat: Frames of an action.
        left: Actions that can be taken.

    Returns:
        The moment after it, None if there is not enough time, and how many actions it took.
    """
    for taken in range(1, left + 1):
        action = turns_towards(now.gazes, now.phases, np.array([goal]))
        now, events = advance(now, action, repeat)
        if events[0]:
            return now, taken
    return None, left


def optimal_bound(family: HarlowTask) -> float:
    """A mean return that no policy can exceed; equal to `optimal_return` where time suffices.

    At full speed from the edge of where the cross can be held, an object is near enough after
    some frames, and the cross can be held again only after the gap.
    """
    fixations = _most_times(family, FIXATION_FRAMES)
    return FIXATION_REWARD * fixations + max(_most_choices(family) - 1, 0)


def _most_choices(family: HarlowTask) -> int:
    """No policy makes more choices in an episode."""
    return _most_times(family, FIXATION_FRAMES + FASTEST_CHOICE)


def _most_times(family: HarlowTask, first: int) -> int:
    """How often there is time for what can happen once a trial, and after `first` frames."""
    cycle = FASTEST_CHOICE + GAP_FRAMES + FIXATION_FRAMES
    frames = family.episode_length * family.action_repeat - first
    return min(frames // cycle + 1, family.num_trials) if frames >= 0 else 0
