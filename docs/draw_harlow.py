"""Draws docs/figures/harlow_trial.png, a trial step by step, and harlow_objects.png."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from meta_envs.core import MetaEnv
from meta_envs.optimal import optimal_policy
from meta_envs.tasks.harlow.harlow import VIEW
from meta_envs.tasks.harlow.objects import SIZE, SPLITS, DrawnObjects

FOLDER = Path(__file__).parent / "figures"
TASK = {"objects": [3, 456], "rewarded": 0}
SCALE, GAP, LABEL, COLUMNS = 2, 10, 16, 4
"""Pixels for each of the agent's, between images, and of a line of text; images in a row."""
SHOWN = 64
"""Objects of each split."""


def one_trial() -> list[tuple[NDArray[np.uint8], str, str]]:
    """Image, what has been done and what it brought, from the first step to the second cross."""
    env = MetaEnv("meta_envs.tasks.harlow.harlow:Harlow", inputs=["action", "reward"])
    observation, _ = env.reset(seed=0, options={"task": TASK})
    policy = optimal_policy(env.family, env.meta_observation)
    policy.set_random_seed(0)
    frames = [(observation["image"], "0  start", "")]
    state = None
    while state is None or env.family.trials[0] == 0 or env.family.phases[0] != 0:
        batch = {name: part[None] for name, part in observation.items()}
        actions, state = policy.predict(batch, state)
        observation, reward, *_ = env.step(actions[0])
        name = env.family.action_names[actions[0]]
        frames.append((observation["image"], f"{len(frames)}  {name}", f"reward {reward:g}"))
    return frames


def draw_trial() -> Image.Image:
    """What the agent sees at each decision of a trial, the last action and reward above it."""
    frames, side = one_trial(), SCALE * VIEW
    rows = -(-len(frames) // COLUMNS)
    size = COLUMNS * (side + GAP) - GAP, rows * (side + LABEL + GAP) - GAP
    figure = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(figure)
    for number, (image, action, reward) in enumerate(frames):
        left = number % COLUMNS * (side + GAP)
        top = number // COLUMNS * (side + LABEL + GAP)
        pen.text((left, top), action, fill="black")
        pen.text((left + side, top), reward, fill="black", anchor="ra")
        shown = Image.fromarray(image).resize((side, side), Image.Resampling.NEAREST)
        figure.paste(shown, (left, top + LABEL))
    return figure


def draw_objects() -> Image.Image:
    """Objects that are spread over each split, 8 by 8."""
    across, cell = int(SHOWN**0.5), SCALE * SIZE + 4
    block = across * cell
    figure = Image.new("RGB", (2 * block + 2 * GAP, block + LABEL), "white")
    pen = ImageDraw.Draw(figure)
    for number, (split, title) in enumerate(zip(SPLITS, ("training", "held out"), strict=True)):
        objects, start = DrawnObjects(split), number * (block + 2 * GAP)
        pen.text((start, 0), f'{title} (split="{split}")', fill="black")
        for place in range(SHOWN):
            index = place * len(objects) // SHOWN
            shown = Image.fromarray(objects.image(index))
            shown = shown.resize((SCALE * SIZE, SCALE * SIZE), Image.Resampling.NEAREST)
            row, column = divmod(place, across)
            figure.paste(shown, (start + column * cell, LABEL + row * cell))
    return figure


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, draw in (("harlow_trial", draw_trial), ("harlow_objects", draw_objects)):
        draw().save(FOLDER / f"{name}.png", optimize=True)
        print(f"wrote {FOLDER / name}.png")
