"""Draws docs/figures/learning_to_learn.gif: what a network does on new bandits while it is trained.

python docs/draw_learning.py            # from learning_to_learn.json
python docs/draw_learning.py --train    # trains anew, a minute or two, and writes that
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from baselines import A2CLSTM, evaluate
from baselines.common.files import write_results
from baselines.common.machine import machine
from baselines.reporting.figures import COLOURS, despine, figure_file

ENV, SEED, STEPS = "MetaBandit-v0", 0, 16_000_000
MOMENTS = (0, 0.1, 0.2, 0.4, 0.7, 1, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 3, 4, 6, 10, 16)
"""Of training, in millions of steps: closest where behaviour changes most."""
ROWS, EPISODES = 24, 1_000
OUT = Path(__file__).parent / "figures" / "learning_to_learn.json"
RIGHT, WRONG = COLOURS[0], "#d9d9d9"
FRAME, LAST = 700, 3_000
"""Milliseconds that an image stays, and the last one."""
LARGE, SMALL = 19, 16
"""Points of letters: they are read at less than half of the size they are drawn in."""
START = 5e4
"""Where the untrained network is drawn, as a logarithmic axis has no place for 0."""


def train() -> dict[str, Any]:
    """Trains, and has the network play the same bandits now and then."""
    frames: list[dict[str, Any]] = []
    agent = A2CLSTM(ENV, seed=SEED)

    def look(metrics: dict[str, float]) -> None:
        if len(frames) < len(MOMENTS) and metrics["num_timesteps"] >= 1e6 * MOMENTS[len(frames)]:
            frames.append(moment(agent, int(metrics["num_timesteps"])))
            print(frames[-1]["steps"], frames[-1]["regret"], flush=True)

    look({"num_timesteps": 0})
    agent.learn(STEPS, look)
    others = {name: evaluate(name, ENV, EPISODES).mean_regret for name in ("thompson", "optimal")}
    return {"machine": machine(), "env": ENV, "seed": SEED, "frames": frames, "others": others}


def moment(agent: A2CLSTM, steps: int) -> dict[str, Any]:
    """What the network does now: its regret, and at which trials it takes the better arm."""
    played = evaluate(agent, ENV, EPISODES)
    arms = np.array([probabilities(one.seed) for one in played.episodes[:ROWS]])
    right = played.actions[:ROWS] == arms.argmax(axis=1)[:, None]
    # The bandits whose arms differ most come first.
    right = right[np.argsort(-np.ptp(arms, axis=1))]
    rows = ["".join("1" if one else "0" for one in row) for row in right]
    return {"steps": steps, "regret": played.mean_regret, "better_arm": rows}


def probabilities(seed: int) -> list[float]:
    """What the arms pay in the episode of a seed."""
    with gym.make(ENV) as env:
        env.reset(seed=seed)
        return env.unwrapped.task["probabilities"]


def draw(found: dict[str, Any], path: Path) -> None:
    """Draws the animation, and its last image as a PNG beside it."""
    images = []
    for number in range(len(found["frames"])):
        file = path.with_suffix(".png")
        draw_frame(found, number, file)
        images.append(Image.open(file).convert("RGB").quantize(64))
    durations = [*[FRAME] * (len(images) - 1), LAST]
    images[0].save(path, save_all=True, append_images=images[1:], duration=durations, loop=0)


def draw_frame(found: dict[str, Any], number: int, path: Path) -> None:
    """Draws one moment: the bandits above, the training so far below."""
    size = {"figsize": (8, 7.8), "height_ratios": (4, 3)}
    with figure_file(path, 2, 1, dpi=100, **size) as (figure, (above, below)):
        figure.get_layout_engine().set(hspace=0.05)
        frame = found["frames"][number]
        figure.suptitle(told(frame["steps"]), fontsize=LARGE + 2, x=0.02, ha="left")
        draw_bandits(frame["better_arm"], above)
        draw_training(found, number, below)


def told(steps: int) -> str:
    """How long the network has been trained, in words."""
    if not steps:
        return "before training"
    if steps < 950_000:
        return f"after {round(steps, -5):,} steps of training"
    return f"after {f'{steps / 1e6:.2f}'.rstrip('0').rstrip('.')} million steps of training"


def draw_bandits(rows: list[str], axes: Any) -> None:
    """Draws each bandit as a row of pulls."""
    axes.imshow(colours(rows), aspect="auto", interpolation="nearest", extent=(0.5, 100.5, ROWS, 0))
    # White lines part the rows, so that each is seen to be an episode of its own.
    for row in range(1, ROWS):
        axes.axhline(row, color="white", linewidth=1.2)
    axes.set_xlabel("pull (no weight changes)", fontsize=LARGE)
    axes.set_xticks([1, 25, 50, 75, 100])
    axes.set_yticks([1.5, ROWS - 1.5], ["easy", "hard"])
    axes.set_ylabel("new bandits", fontsize=LARGE, labelpad=-22)
    axes.tick_params(labelsize=SMALL, left=False)
    axes.set_title("the better arm", color=RIGHT, loc="left", fontsize=LARGE, weight="bold")
    axes.set_title("the worse arm", color="#767676", loc="right", fontsize=LARGE, weight="bold")
    axes.spines[:].set_visible(False)


def draw_training(found: dict[str, Any], number: int, axes: Any) -> None:
    """Draws the regret up to a moment, beside Thompson sampling's and the optimum's."""
    frames = found["frames"][: number + 1]
    steps = [max(one["steps"], START) for one in frames]
    regrets = [one["regret"] for one in frames]
    axes.plot(steps, regrets, "-", color=COLOURS[1], linewidth=3)
    axes.plot(steps[-1], regrets[-1], "o", color=COLOURS[1], markersize=11)
    lines = (("thompson", "Thompson sampling", COLOURS[2], 5, "bottom"),
             ("optimal", "the optimum", COLOURS[7], -5, "top"))  # fmt: skip
    for name, text, colour, up, side in lines:
        level = found["others"][name]
        axes.axhline(level, color=colour, linewidth=2, linestyle="--")
        axes.annotate(text, (START, level), (0, up), textcoords="offset points",
                      color=colour, fontsize=LARGE, va=side)  # fmt: skip
    axes.set(xscale="log", yscale="log", xlim=(0.85 * START, 2e7), ylim=(1.1, 25))
    axes.set_xticks([START, 1e5, 1e6, 1e7], ["0", "100,000", "1 million", "10 million"])
    axes.set_yticks([2, 5, 10, 20], ["2", "5", "10", "20"])
    axes.minorticks_off()
    axes.set_xlabel("steps of training (weights change)", fontsize=LARGE)
    axes.set_ylabel("regret", fontsize=LARGE)
    axes.tick_params(labelsize=SMALL)
    despine(axes)


def colours(rows: list[str]) -> NDArray[np.float64]:
    """An image of the choices, shape (ROWS, trials, 3)."""
    from matplotlib.colors import to_rgb

    right = np.array([[one == "1" for one in row] for row in rows])
    return np.where(right[..., None], to_rgb(RIGHT), to_rgb(WRONG))


if __name__ == "__main__":
    if "--train" in sys.argv[1:]:
        write_results(OUT, train())
    draw(json.loads(OUT.read_text()), OUT.with_suffix(".gif"))
