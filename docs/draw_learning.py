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
from baselines.reporting.figures import COLOURS, Label, despine, figure_file, label_lines

ENV, SEED, STEPS = "MetaBandit-v0", 0, 16_000_000
MOMENTS = (0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 16)
"""Of training, in millions of steps."""
ROWS, EPISODES = 24, 1_000
OUT = Path(__file__).parent / "figures" / "learning_to_learn.json"
RIGHT, WRONG = COLOURS[0], "#d9d9d9"
FRAME, LAST = 600, 3_500
"""Milliseconds that an image stays, and the last one."""


def train() -> dict[str, Any]:
    """Trains, and has the network play the same bandits now and then."""
    frames: list[dict[str, Any]] = []
    agent = A2CLSTM(ENV, seed=SEED)

    def look(metrics: dict[str, float]) -> None:
        if metrics["num_timesteps"] >= 1e6 * MOMENTS[len(frames)]:
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
    env = gym.make(ENV)
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
    frames, others = found["frames"], found["others"]
    steps = np.array([max(one["steps"], 2e4) for one in frames])
    regrets = [one["regret"] for one in frames]
    size = {"figsize": (8, 7.2), "height_ratios": (3, 2)}
    with figure_file(path, 2, 1, dpi=100, **size) as (figure, (above, below)):
        figure.get_layout_engine().set(hspace=0.06)
        above.imshow(colours(frames[number]["better_arm"]), aspect="auto", interpolation="nearest")
        above.set_xlabel("trial within the episode: no weight changes", fontsize=13)
        above.set_ylabel("new bandits, easy ones above", fontsize=13)
        above.set_yticks([])
        above.tick_params(labelsize=12)
        above.set_title("the better arm", color=RIGHT, loc="left", fontsize=15)
        above.set_title("the worse arm", color="#8c8c8c", loc="right", fontsize=15)
        despine(above)
        below.plot(steps[: number + 1], regrets[: number + 1], "o-", color=COLOURS[1])
        labels = [Label(others["thompson"], "Thompson sampling", COLOURS[2]),
                  Label(others["optimal"], "the optimum", COLOURS[7])]  # fmt: skip
        for one in labels:
            below.axhline(one.value, color=one.colour, linewidth=1, linestyle="--")
        below.set(xscale="log", yscale="log", xlim=(1.6e4, 2.2e7), ylim=(1.4, 25))
        below.set_yticks([2, 5, 10, 20], ["2", "5", "10", "20"])
        below.minorticks_off()
        below.set_xlabel("steps of training: weights change", fontsize=13)
        below.set_ylabel("regret", fontsize=13)
        below.tick_params(labelsize=12)
        despine(below)
        label_lines(below, labels)


def colours(rows: list[str]) -> NDArray[np.float64]:
    """An image of the choices, shape (ROWS, trials, 3)."""
    from matplotlib.colors import to_rgb

    right = np.array([[one == "1" for one in row] for row in rows])
    return np.where(right[..., None], to_rgb(RIGHT), to_rgb(WRONG))


if __name__ == "__main__":
    if "--train" in sys.argv[1:]:
        write_results(OUT, train())
    draw(json.loads(OUT.read_text()), OUT.with_suffix(".gif"))
