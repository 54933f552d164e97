"""How an episode of the inferred-value task looks to people, as text and as an image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.family import TaskFamily
from meta_envs.rendering import font
from meta_envs.rendering.bars import bars
from meta_envs.rendering.frame import (
    GAP,
    INNER,
    LANE,
    SCALE,
    Entry,
    Image,
    bar,
    below,
    beside,
    blank,
    compose,
    draw_place,
    lane,
    named_lanes,
    swatch,
    titled,
)
from meta_envs.rendering.palette import INK, PALE, TASK, WHITE, mix
from meta_envs.rendering.shapes import around, square

SCREEN_HEIGHT, BOX, FRAME = 84, 44, 6
"""Pixels of the part that shows the screen, of a place on it, and of the rewarded one's frame."""
CELL = 40
"""Pixels that a trial has at most."""
SIDES = "left", "right"
PLACES = "fixation", "cue", "response", "outcome"
"""What the steps of a trial are called."""
REWARDED = mix(WHITE, TASK, 0.35)


class Scene(NamedTuple):
    """What is to be shown of an episode.

    Attributes:
        cues: Of each trial, 0 for left and 1 for right, shape (num_trials,).
        rewarded: The rewarded side of each trial, same shape; None where the task is hidden.
        block_length: Trials in a block.
        trial_length: Steps in a trial.
        history: (action, reward) of each step so far.
    """

    cues: NDArray[np.int64]
    rewarded: NDArray[np.int64] | None
    block_length: int
    trial_length: int
    history: Sequence[tuple[int, float]]

    @property
    def trial(self) -> int:
        """The trial under way; the last one where all are over."""
        return min(len(self.history) // self.trial_length, len(self.cues) - 1)

    @property
    def place(self) -> str:
        """What the step to come is; nothing after the last."""
        if len(self.history) == len(self.cues) * self.trial_length:
            return ""
        return PLACES[len(self.history) % self.trial_length]

    def outcomes(self) -> list[float | None]:
        """What each trial that is over brought: 1, 0, or None if a response was invalid."""
        rewards = [reward for _, reward in self.history]
        trials = [
            rewards[start : start + self.trial_length]
            for start in range(0, len(rewards) - self.trial_length + 1, self.trial_length)
        ]
        return [None if min(trial) < 0 else trial[-1] for trial in trials]

    def shown(self) -> list[int]:
        """The cues that have been shown."""
        steps = len(self.history) % self.trial_length
        return self.cues[: len(self.history) // self.trial_length + (steps > 0)].tolist()


def text(scene: Scene) -> str:
    """The trials so far, one column each under a line that says where things stand."""
    outcomes = scene.outcomes()
    block, blocks = scene.trial // scene.block_length, len(scene.cues) // scene.block_length
    side = "" if scene.rewarded is None else f", rewarded {SIDES[scene.rewarded[scene.trial]]}"
    marks = ["!" if outcome is None else "o#"[int(outcome)] for outcome in outcomes]
    lines = [
        f"trial {len(outcomes)} of {len(scene.cues)}, block {block + 1} of {blocks}, "
        f"{scene.place or 'over'}{side}",
        "cue    " + _by_block(["LR"[cue] for cue in scene.shown()], scene.block_length),
        "reward " + _by_block(marks, scene.block_length),
    ]
    return "\n".join(lines) + "\n"


def _by_block(marks: Sequence[str], length: int) -> str:
    return "|".join("".join(marks[n : n + length]) for n in range(0, len(marks), length))


def draw(family: TaskFamily, scene: Scene) -> NDArray[np.uint8]:
    """The screen above, the strip of trials below."""
    num_trials = len(scene.cues)
    name_width = font.width("reward", SCALE) + GAP + font.width("right", SCALE)
    cell = min(max((INNER - GAP - name_width) // num_trials, 1), CELL)
    rows = [np.full((2 * LANE, num_trials * cell, 3), PALE) for _ in range(2)]
    outcomes, shown = scene.outcomes(), scene.shown()
    for trial in range(num_trials):
        # A white line between columns, where there is room for one, and a wider one between blocks.
        ends = trial % scene.block_length == scene.block_length - 1
        width = max(cell - (cell > 3) - 2 * (ends and cell > 6), 1)
        cue, reward = (row[:, trial * cell : trial * cell + width] for row in rows)
        if scene.rewarded is not None and trial <= scene.trial:
            reward[lane(scene.rewarded[trial])] = REWARDED
        if trial < len(shown):
            cue[lane(shown[trial])] = INK
        outcome = outcomes[trial] if trial < len(outcomes) else None
        if outcome is not None:
            reward[lane(shown[trial])] = bars([[outcome]], LANE, 1)[: LANE - 2]
    named = [named_lanes(name, SIDES, ("reward", "right")) for name in ("cue", "reward")]
    strip = [beside(*both) for both in zip(named, rows, strict=True)]
    body = below(_draw_screen(scene), titled(below(*strip, gap=6), "trials"))
    legend = [
        Entry(swatch(INK), "on the screen"),
        Entry(bar(1.0), "reward 1"),
        Entry(bar(0.0), "reward 0"),
        Entry(swatch(TASK, WHITE), "hidden: rewarded side", task=True),
    ]
    return compose(
        family, "cues and rewards", (len(outcomes), num_trials), scene.history, body, legend
    )


def _draw_screen(scene: Scene) -> Image:
    """A place each for left, the fixation point and right; dark what is shown."""
    image, cue = blank(SCREEN_HEIGHT, INNER), int(scene.cues[scene.trial])
    row, columns = SCREEN_HEIGHT // 2, (INNER // 4, INNER // 2, INNER * 3 // 4)
    lit = {
        "fixation": (1,),
        "cue": (1, 2 * cue),
        "response": (2 * cue,),
    }.get(scene.place, ())
    for place, (sign, column) in enumerate(zip("L+R", columns, strict=True)):
        if scene.rewarded is not None and place == 2 * scene.rewarded[scene.trial]:
            square(around(image, row, column, BOX // 2 + FRAME), TASK)
        draw_place(image, row, column, BOX // 2, sign, place in lit)
    font.write(image, scene.place or "over", row - font.ROWS + 1, 0, SCALE)
    return image
