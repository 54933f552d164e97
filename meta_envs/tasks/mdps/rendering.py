"""How an episode of a random MDP looks to people: the states it went through, and its regret."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meta_envs.rendering.palette import WHITE, heat
from meta_envs.rendering.shapes import disc, line

SIDE, MARGIN = 400, 20
"""Pixels of each of the two halves, and of the gap around them."""
GREY, BLACK = np.array(((150,) * 3, (0,) * 3), np.float32)
LOW, HIGH = -1.0, 3.0
"""Mean rewards that are drawn fully red and fully green: two standard deviations around 1."""
WORST_REGRET = 3.0
"""Regret of a step that is drawn fully red."""


class Scene(NamedTuple):
    """A moment of an episode, and the steps before it.

    Attributes:
        horizon: Steps in a trial.
        num_trials: Trials in the episode.
        states: In which each step so far was taken, shape (steps,).
        actions: Taken, shape (steps,).
        rewards: That they brought, shape (steps,).
        regrets: What each step has cost, shape (steps,).
        state: The present state.
        means: Mean reward of each state's best action, shape (num_states,).
        best_trial: What a trial is worth to an informed agent.
    """

    horizon: int
    num_trials: int
    states: NDArray[np.intp]
    actions: NDArray[np.intp]
    rewards: NDArray[np.float64]
    regrets: NDArray[np.float64]
    state: int
    means: NDArray[np.float64]
    best_trial: float


def text(scene: Scene) -> str:
    """One line a trial: its steps as `state:action reward`, and what they have added up to."""
    played, horizon = len(scene.states), scene.horizon
    lines = [
        f"step {played} of {horizon * scene.num_trials}, now in state {scene.state}; "
        f"state:action reward; best trial on average {scene.best_trial:.2f}"
    ]
    for first in range(0, played, horizon):
        trial = slice(first, first + horizon)
        parts = (scene.states[trial], scene.actions[trial], scene.rewards[trial])
        steps = zip(*(part.tolist() for part in parts), strict=True)
        words = "  ".join(f"{state}:{action} {reward:+.2f}" for state, action, reward in steps)
        total = scene.rewards[trial].sum()
        lines.append(f"trial {first // horizon:<3d} {words}  = {total:.2f}")
    return "\n".join(lines) + "\n"


def draw(scene: Scene) -> NDArray[np.uint8]:
    """The states on the left, the steps on the right.

    Left: the states in a ring, state 0 on top, each coloured by the mean reward of its best
    action, from red (-1) to green (3), the stronger the more often it has been visited; the present
    one has a black edge. The lines are the path of the present trial, darker where it is recent,
    with a dot where they end. Right: a row a trial and a column a step, from green (no regret) to
    red.
    """
    image = np.full((SIDE + 2 * MARGIN, 2 * SIDE + 3 * MARGIN, 3), WHITE)
    _draw_ring(image[MARGIN:-MARGIN, MARGIN : MARGIN + SIDE], scene)
    _draw_steps(image[MARGIN:-MARGIN, -SIDE - MARGIN : -MARGIN], scene)
    return np.rint(image).astype(np.uint8)


def _draw_ring(image: NDArray[np.float32], scene: Scene) -> None:
    played, num_states = len(scene.states), len(scene.means)
    first = max(played - 1, 0) // scene.horizon * scene.horizon
    path = scene.states[first:]
    if played < first + scene.horizon:  # Else the trial is over and leads nowhere.
        path = np.append(path, scene.state)
    radius = min(SIDE / 2 * np.pi / (num_states + np.pi) * 0.8, SIDE / 10)
    angles = 2 * np.pi * np.arange(num_states) / num_states
    ring = np.stack([-np.cos(angles), np.sin(angles)], axis=1)
    places = SIDE / 2 + (SIDE / 2 - radius - 3) * ring
    visits = np.bincount(scene.states, minlength=num_states)
    for state, place in enumerate(places):
        disc(image, place, radius + 3, BLACK if state == path[-1] else GREY)
        strength = 0.15 + 0.85 * visits[state] / max(visits.max(), 1)
        colour = heat((scene.means[state] - LOW) / (HIGH - LOW))
        disc(image, place, radius, WHITE + (colour - WHITE) * strength)
    for age, (one, other) in enumerate(pairwise(path), start=2):
        colour = GREY + (BLACK - GREY) * age / len(path)
        line(image, places[one], places[other], 2.5, colour)
        disc(image, places[other], 5, colour)


def _draw_steps(image: NDArray[np.float32], scene: Scene) -> None:
    rows = np.linspace(0, SIDE, scene.num_trials + 1).astype(int)
    columns = np.linspace(0, SIDE, scene.horizon + 1).astype(int)
    image[...] = WHITE + (GREY - WHITE) * 0.2
    for t, regret in enumerate(scene.regrets):
        trial, step = divmod(t, scene.horizon)
        cell = (slice(*rows[trial : trial + 2]), slice(*columns[step : step + 2]))
        image[cell] = heat(1 - regret / WORST_REGRET)
    for gap in rows[1:-1] if SIDE // scene.num_trials > 3 else ():
        image[gap] = WHITE
    for gap in columns[1:-1] if SIDE // scene.horizon > 3 else ():
        image[:, gap] = WHITE
