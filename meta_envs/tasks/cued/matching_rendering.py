"""How an episode of the matching task looks to people: a row an arm and a column a trial."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.family import TaskFamily
from meta_envs.rendering import font
from meta_envs.rendering.bars import NONE, bars
from meta_envs.rendering.frame import (
    GAP,
    INNER,
    LINE,
    SCALE,
    Entry,
    Image,
    bar,
    below,
    beside,
    blank,
    compose,
    swatch,
    titled,
)
from meta_envs.rendering.palette import INK, PALE, TASK, WHITE, mix

ARMS = "left", "right"
HEIGHT, UPPER, CELL, NAMES = 110, 50, 24, 130
"""Pixels of an arm's row and of its upper part, that a trial has at most, and of the names."""
FILL = mix(WHITE, TASK, 0.45)
STATES = "fixation point: centre is asked for", "choice: left or right is asked for"


class Scene(NamedTuple):
    """An episode so far.

    Attributes:
        num_trials: Of an episode, at most.
        choices: Action and reward at each choice so far.
        state: 0 at the fixation point, 1 at the choice, None where the episode is over.
        base_rates: Of each arm, shape (2,); None where the task is hidden.
        baits: Whether each arm has one in this trial, shape (2,); None where that is hidden, or
            the episode is over.
    """

    num_trials: int
    choices: Sequence[tuple[int, float]]
    state: int | None
    base_rates: NDArray[np.float64] | None
    baits: NDArray[np.bool_] | None


def text(scene: Scene) -> str:
    """One line an arm: its base rate and whether it has a bait, then a mark a trial."""
    state = "over" if scene.state is None else STATES[scene.state]
    lines = [f"trials {len(scene.choices)}, {state}"]
    for arm, name in enumerate(ARMS):
        marks = "".join(_mark(choice, reward, arm) for choice, reward in scene.choices)
        rate = "" if scene.base_rates is None else f"base rate {scene.base_rates[arm]:4.2f}  "
        if scene.baits is not None:
            rate += "bait  " if scene.baits[arm] else "      "
        lines.append(f"{name:<5}  {rate}{marks}")
    return "\n".join(lines) + "\n"


def _mark(choice: int, reward: float, arm: int) -> str:
    if choice not in (0, 1):
        return "!"
    if choice != arm:
        return "."
    return "#" if reward > 0 else "o"


def draw(
    family: TaskFamily, scene: Scene, history: Sequence[tuple[int, float]]
) -> NDArray[np.uint8]:
    """The arms' names, base rates and baits, and beside them the trials."""
    cell = min(max((INNER - NAMES - GAP) // scene.num_trials, 1), CELL)
    rows = np.full((2, HEIGHT, scene.num_trials * cell, 3), WHITE)
    choices = bars(_outcomes(scene), HEIGHT - UPPER, cell)
    rows[:, UPPER:] = choices.reshape(2, -1, *choices.shape[1:])
    if scene.base_rates is not None:
        sure = _chances(scene)[: scene.num_trials]
        levels = 1 - (np.arange(UPPER - 2, dtype=np.float32) + 0.5) / (UPPER - 2)
        filled = (levels[:, None] < sure.T[:, None]).repeat(cell, axis=2)
        rows[:, 1 : UPPER - 1, : filled.shape[2]] = np.where(filled[..., None], FILL, PALE)
    strip = below(*rows)
    state = "the episode is over" if scene.state is None else STATES[scene.state]
    body = titled(beside(_names(scene), strip), state)
    legend = [
        Entry(bar(1.0), "choice that paid 1"),
        Entry(bar(0.0), "paid 0"),
        Entry(swatch(FILL), "hidden: how sure it was to pay", task=True),
    ]
    trial = (len(scene.choices) - (scene.state is None), None)
    return compose(family, "choices by trial", trial, history, body, legend)


def _names(scene: Scene) -> Image:
    """What each row is, and what is hidden of it."""
    image = blank(2 * HEIGHT + GAP, NAMES)
    for arm, name in enumerate(ARMS):
        top = arm * (HEIGHT + GAP) + 4
        font.write(image, name, top, 0, SCALE, INK)
        if scene.base_rates is not None:
            rate = f"rate {scene.base_rates[arm]:.2f}"
            font.write(image, rate, top + LINE, 0, SCALE, TASK)
        if scene.baits is not None and scene.baits[arm]:
            font.write(image, "bait now", top + 2 * LINE, 0, SCALE, TASK)
    return image


def _outcomes(scene: Scene) -> NDArray[np.float64]:
    """What each choice paid, `NONE` at the arm that was not chosen, shape (2, num_trials)."""
    outcomes = np.full((2, scene.num_trials), NONE)
    for trial, (choice, reward) in enumerate(scene.choices):
        if choice in (0, 1):
            outcomes[choice, trial] = reward
    return outcomes


def _chances(scene: Scene) -> NDArray[np.float64]:
    """How sure each arm was to pay, up to the trial under way, shape (trials, 2)."""
    assert scene.base_rates is not None
    empty, waits = 1 - scene.base_rates, np.zeros(2)
    chances = []
    for choice in (*(choice for choice, _ in scene.choices), None):
        chances.append(1 - empty ** (waits + 1))
        waits = np.where(np.arange(2) == choice, 0, waits + 1)
    return np.array(chances if scene.state is not None else chances[:-1])
