"""How an episode of a random MDP looks to people: the states it went through, and what it got."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.family import TaskFamily
from meta_envs.rendering import font
from meta_envs.rendering.bars import NONE, bars
from meta_envs.rendering.frame import (
    GAP,
    INNER,
    PATCH,
    SCALE,
    Entry,
    Image,
    bar,
    beside,
    blank,
    compose,
    dot,
    labels,
    swatch,
    titled,
)
from meta_envs.rendering.palette import GREY, INK, TASK, WHITE, Colour, mix
from meta_envs.rendering.shapes import disc, line

SIDE = 330
"""Pixels of the ring of states a side, and of the steps beside it in height."""
LOW, HIGH = -1.0, 3.0
"""Rewards that are drawn as the least and as the most: two standard deviations of the means around
1."""
WORST_REGRET = 3.0
"""Regret of a step that is drawn as high as can be."""
FAINT, STRONG = mix(WHITE, TASK, 0.1), mix(WHITE, TASK, 0.7)
"""A state whose mean is the lowest, and one whose is the highest, below a dark path."""


class Scene(NamedTuple):
    """A moment of an episode, and the steps before it.

    Attributes:
        horizon: Steps in a trial.
        num_trials: Trials in the episode.
        states: In which each step so far was taken, shape (steps,).
        actions: Taken, shape (steps,).
        rewards: That they brought, shape (steps,).
        regrets: What each step has cost, shape (steps,); None where the task is hidden.
        state: The present state.
        num_states: Of the MDP.
        means: Mean reward of each state's best action, shape (num_states,); None where the task
            is hidden.
        best_trial: What a trial is worth to an informed agent; None where the task is hidden.
    """

    horizon: int
    num_trials: int
    states: NDArray[np.intp]
    actions: NDArray[np.intp]
    rewards: NDArray[np.float64]
    regrets: NDArray[np.float64] | None
    state: int
    num_states: int
    means: NDArray[np.float64] | None
    best_trial: float | None


def text(scene: Scene) -> str:
    """One line a trial: its steps as `state:action reward`, and what they have added up to."""
    played, horizon = len(scene.states), scene.horizon
    lines = [
        f"step {played} of {horizon * scene.num_trials}, now in state {scene.state}; "
        "state:action reward"
    ]
    if scene.best_trial is not None:
        lines[0] += f"; best trial on average {scene.best_trial:.2f}"
    for first in range(0, played, horizon):
        trial = slice(first, first + horizon)
        parts = (scene.states[trial], scene.actions[trial], scene.rewards[trial])
        steps = zip(*(part.tolist() for part in parts), strict=True)
        words = "  ".join(f"{state}:{action} {reward:+.2f}" for state, action, reward in steps)
        total = scene.rewards[trial].sum()
        lines.append(f"trial {first // horizon:<3d} {words}  = {total:.2f}")
    return "\n".join(lines) + "\n"


def draw(family: TaskFamily, scene: Scene) -> NDArray[np.uint8]:
    """The states on the left, the steps on the right.

    Left: the states in a ring, state 0 on top, with their numbers and how often each has been
    visited; the present one has a thick edge. The lines are the path of the present trial, darker
    where it is recent, with a dot where they end. A state is the more purple the higher the mean
    reward of its best action.

    Right: a row a trial with a bar a step for its reward; above it, in purple, the regret.
    """
    ring = blank(SIDE, SIDE)
    _draw_ring(ring, scene)
    ring = titled(ring, "states and visits")
    steps = titled(_draw_steps(scene, INNER - SIDE - 2 * GAP), "rewards by trial and step")
    legend = [
        Entry(_circle, "state now"),
        Entry(swatch(INK), "path"),
        Entry(bar(1.0), f"reward {HIGH:g} or more"),
        Entry(bar(0.0), f"{LOW:g} or less"),
        Entry(dot(STRONG), "hidden: high mean", task=True),
        Entry(dot(FAINT), "low mean", task=True),
        Entry(_top_half, "regret", task=True),
    ]
    history = list(zip(scene.actions.tolist(), scene.rewards.tolist(), strict=True))
    trial = (len(history) // scene.horizon, scene.num_trials)
    body = beside(ring, steps, gap=2 * GAP)
    return compose(family, "a random MDP, by states and by steps", trial, history, body, legend)


def _circle(patch: Image) -> None:
    middle = np.full(2, (PATCH - 1) / 2)
    disc(patch, middle, PATCH / 2 - 0.5, INK)
    disc(patch, middle, PATCH / 2 - 3, WHITE)


def _top_half(patch: Image) -> None:
    patch[: len(patch) // 2] = STRONG


def _draw_ring(image: Image, scene: Scene) -> None:
    played, num_states = len(scene.states), scene.num_states
    first = max(played - 1, 0) // scene.horizon * scene.horizon
    path = scene.states[first:]
    if played < first + scene.horizon:  # Else the trial is over and leads nowhere.
        path = np.append(path, scene.state)
    radius = min(SIDE / 2 * np.pi / (num_states + np.pi) * 0.8, SIDE / 9)
    angles = 2 * np.pi * np.arange(num_states) / num_states
    ring = np.stack([-np.cos(angles), np.sin(angles)], axis=1)
    places = SIDE / 2 + (SIDE / 2 - radius - 5) * ring
    for state, place in enumerate(places):
        here = state == path[-1]
        disc(image, place, radius + (4 if here else 1.5), INK if here else GREY)
        disc(image, place, radius, _fill(scene, state))
    for age, (one, other) in enumerate(pairwise(path), start=2):
        colour = mix(GREY, INK, age / len(path))
        line(image, places[one], places[other], 2.5, colour)
        disc(image, places[other], 4, colour)
    visits = np.bincount(scene.states, minlength=num_states)
    for state, place in enumerate(places):
        row, column = place.astype(int).tolist()
        # Outside the middle, where the lines meet.
        row += round(float(radius) * (0.55 if ring[state, 0] > 0 else -0.55))
        _centred(image, str(state), row, column, SCALE if radius > 24 else 1, radius)
        count = f"{visits[state]}x" if visits[state] else ""
        row, column = place.astype(int).tolist()
        row -= round(float(radius) * (0.45 if ring[state, 0] > 0 else -0.45))
        if radius > 24:
            _centred(image, count, row, column, 1, radius)


def _centred(image: Image, text: str, row: int, column: int, scale: int, radius: float) -> None:
    """Writes text around a place, if it fits into a disc there."""
    width = font.width(text, scale)
    if width < 2 * radius:
        top, left = row - (font.ROWS - 1) * scale // 2, column - (width - scale) // 2
        font.write(image, text, top, left, scale)


def _fill(scene: Scene, state: int) -> Colour:
    if scene.means is None:
        return WHITE
    share = np.clip((scene.means[state] - LOW) / (HIGH - LOW), 0, 1)
    return mix(FAINT, STRONG, float(share))


def _draw_steps(scene: Scene, width: int) -> Image:
    """A row a trial: the regrets of its steps, and below them the rewards."""
    high = min(max(SIDE // scene.num_trials, 3), 40)
    names = labels([f"trial {trial + 1}" for trial in range(scene.num_trials)], high)
    wide = min(max((width - names.shape[1] - GAP) // scene.horizon, 1), 40)
    shares, regrets = np.full((2, scene.num_trials * scene.horizon), NONE)
    shares[: len(scene.rewards)] = np.clip((scene.rewards - LOW) / (HIGH - LOW), 0, 1)
    if scene.regrets is not None:
        regrets[: len(scene.regrets)] = np.clip(scene.regrets / WORST_REGRET, 0, 1)
    shape = scene.num_trials, scene.horizon
    upper = high // 3
    rows = np.full((scene.num_trials, high, scene.horizon * wide, 3), WHITE)
    drawn = bars(shares.reshape(shape), high - upper, wide)
    rows[:, upper:] = drawn.reshape(scene.num_trials, -1, *drawn.shape[1:])
    lines = max(upper - 3, 1)
    levels = (np.arange(lines, dtype=np.float32)[::-1] + 0.5) / lines
    costly = (levels[:, None] < regrets.reshape(shape)[:, None]).repeat(wide, axis=2)
    costly[:, :, wide - 1 :: wide] &= wide <= 3  # The gap between steps.
    rows[:, :lines][costly] = STRONG
    return beside(names, rows.reshape(-1, *rows.shape[2:]))
