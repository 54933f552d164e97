"""Turning the gaze, and what looking somewhere brings about in a Harlow trial, as tables.

Angles are whole thousandths of a degree and speeds are such angles a frame, so that all of it is
the same on every machine. Angles grow to the right and are counted from the screen's middle.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DEGREE = 1_000
RING = 360 * DEGREE
SCREEN = 65 * DEGREE
"""Width of the screen."""
OBJECT_ANGLE = SCREEN // 4
"""Where the objects' middles are, to the left and to the right."""
FIXATION_TOLERANCE, CHOICE_TOLERANCE = 7 * DEGREE // 2, 7 * DEGREE
"""How far from the gaze the cross, and an object's middle, may be to be looked at."""
FIXATION_FRAMES, GAP_FRAMES = 4, 10
"""Frames for which the cross must be held, and between a choice and the next cross."""

NO_OP, LEFT, RIGHT = 0, 1, 2
NUM_ACTIONS = 3
PUSH = 770
"""What turning adds to the speed in a frame: 1.1 degrees a frame in the end."""
KEPT = 3, 10
"""The share of its speed that the gaze keeps from frame to frame."""
MAX_SPEED = 1_100
MAX_REPEAT = 6
"""The most frames of an action: in as many, no trial can be fixated and decided."""

HOLD, CHOICE, GAP = 0, FIXATION_FRAMES, FIXATION_FRAMES + 1
"""Phases: the cross, held for 0, 1, ... frames; both objects; and frame 0, 1, ... of the gap."""
NUM_PHASES = GAP + GAP_FRAMES
AWAY, AT_CROSS, AT_LEFT, AT_RIGHT = range(4)
"""Zones: what the gaze is close enough to."""
NUM_ZONES = 4
NOTHING, FIXATED, CHOSE_LEFT, CHOSE_RIGHT = range(4)
"""Events: what a frame can bring about."""


class Turns(NamedTuple):
    """What an action does to the gaze. The row of a table is that of `turn_rows`.

    Attributes:
        shifts: How far the gaze is from where it was after each frame, shape (rows, frames).
        speeds: Its speed after the last of them, shape (rows,).
    """

    shifts: NDArray[np.int64]
    speeds: NDArray[np.int64]


def turn_rows(speeds: NDArray[np.int64], actions: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows of `Turns` for speeds and actions, both of shape (num_envs,)."""
    return (speeds + MAX_SPEED) * NUM_ACTIONS + actions


@lru_cache(maxsize=MAX_REPEAT)
def turns(frames: int) -> Turns:
    """The tables for actions that last so many frames."""
    speed = np.repeat(np.arange(-MAX_SPEED, MAX_SPEED + 1), NUM_ACTIONS)
    push = np.tile([0, -PUSH, PUSH], 2 * MAX_SPEED + 1)
    speeds = []
    for _ in range(frames):
        # Towards zero, so that left and right are alike and the gaze comes to rest.
        speed = np.sign(speed) * (np.abs(speed) * KEPT[0] // KEPT[1]) + push
        speeds.append(speed)
    return Turns(np.cumsum(speeds, axis=0).T.copy(), speed)


def wrapped(angles: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same angles in -180 to 180 degrees."""
    return (angles + RING // 2) % RING - RING // 2


def zones(angles: NDArray[np.int64]) -> NDArray[np.intp]:
    """What a gaze in these directions is close enough to."""
    return ZONE_BETWEEN.take(ZONE_EDGES.searchsorted(angles, side="right"))


def _make_edges() -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Where zones begin and end, and which lie between."""
    edges, between = [], [AWAY]
    for middle, tolerance, zone in (
        (-OBJECT_ANGLE, CHOICE_TOLERANCE, AT_LEFT),
        (0, FIXATION_TOLERANCE, AT_CROSS),
        (OBJECT_ANGLE, CHOICE_TOLERANCE, AT_RIGHT),
    ):
        edges += [middle - tolerance, middle + tolerance + 1]
        between += [zone, AWAY]
    return np.array(edges), np.array(between, np.intp)


def _make_phases() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The next phase and the event, by phase and zone, each of shape (phases, zones)."""
    following = np.repeat(np.arange(NUM_PHASES)[:, None], NUM_ZONES, axis=1)
    events = np.full((NUM_PHASES, NUM_ZONES), NOTHING)
    following[HOLD:CHOICE] = HOLD
    # The last frame that the cross is held leads to the objects.
    following[HOLD:CHOICE, AT_CROSS] = np.arange(HOLD + 1, CHOICE + 1)
    events[CHOICE - 1, AT_CROSS] = FIXATED
    following[CHOICE, [AT_LEFT, AT_RIGHT]] = GAP
    events[CHOICE, [AT_LEFT, AT_RIGHT]] = CHOSE_LEFT, CHOSE_RIGHT
    following[GAP:] += 1
    following[-1] = HOLD
    return following, events


ZONE_EDGES, ZONE_BETWEEN = _make_edges()
NEXT_PHASE, EVENT = _make_phases()


class Moment(NamedTuple):
    """Where the gaze is and how far the trial has come, each of shape (num_envs,)."""

    gazes: NDArray[np.int64]
    speeds: NDArray[np.int64]
    phases: NDArray[np.int64]


def advance(
    now: Moment, actions: NDArray[np.int64], frames: int
) -> tuple[Moment, NDArray[np.int64]]:
    """Plays an action, the frames one after another.

    Args:
        now: Before it.
        actions: Shape (num_envs,).
        frames: That the action lasts, at most `MAX_REPEAT`.

    Returns:
        What it leads to and the event on the way, of which there is one at most.
    """
    table = turns(frames)
    rows = turn_rows(now.speeds, actions)
    path = wrapped(now.gazes[:, None] + table.shifts.take(rows, axis=0))
    phases, events = now.phases, np.zeros(len(rows), np.int64)
    for zone in zones(path).T:
        code = phases * NUM_ZONES + zone
        events += EVENT.take(code)
        phases = NEXT_PHASE.take(code)
    return Moment(path[:, -1], table.speeds.take(rows), phases), events
