"""Reward prediction errors at the cues of the inferred-value task, beside Wang et al. 2018, Fig. 4.

`data/wang2018_fig4.csv` holds the means of Fig. 4b, read off the published vectors to 0.005. Beside
the trained network stand the errors that follow from three beliefs about which side is rewarded: of
somebody who infers, and who knows that sides change between blocks only, or who only knows how
often they change; and of a learner who knows of each cue what it brought when it was met last.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from baselines.analysis.inferred_value import (
    ENV_ID,
    KINDS,
    Blocks,
    prediction_errors,
    read_blocks,
    record_values,
)
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.result import Evaluation
from baselines.reporting.figures import despine, figure_file
from baselines.reporting.markdown import Cell, write_markdown
from meta_envs.optimal.cued.inferred_value import left_beliefs
from meta_envs.tasks.cued.inferred_value import InferredValue

DATA = Path(__file__).parent / "data" / "wang2018_fig4.csv"
DISCOUNT = 0.9
"""The paper's, and our preset's."""
STEPS_TO_REWARD = 3
"""From the fixation point."""
BELIEFS = "infers, knows blocks", "infers", "learns each cue alone"


def run(out: Path, episodes: int = 120, seed: int = 0, agent: str | None = None) -> None:
    """Writes a table of prediction errors by kind of cue, and a figure.

    Args:
        out: Folder to write into.
        episodes: Of ten blocks each; the paper's 1,200 episodes are our blocks.
        seed: Tasks, noise and sampling follow from it.
        agent: A trained agent that tells its values.

    Raises:
        InputError: If the agent cannot be shown.
    """
    errors: dict[str, NDArray[np.float64]] = {}
    if agent is None:
        evaluation = evaluate("optimal", ENV_ID, episodes, seed)
        blocks = read_blocks(evaluation)
    else:
        evaluation, values = record_values(agent, episodes, seed)
        blocks = read_blocks(evaluation)
        found = prediction_errors(values, evaluation.rewards, DISCOUNT, blocks.cues.shape)
        errors[agent] = found.cue
        invalid = float((evaluation.rewards < 0).mean())
        print(f"{agent}: invalid responses in {100 * invalid:.3f} % of steps", flush=True)
        levels = {"fixation": found.fixation, "response asked for": found.go}
        _write(out / "other_steps.md", levels, blocks, None)
    errors |= believed_errors(evaluation, blocks)
    published = read_published()
    _write(out / "prediction_errors.md", errors, blocks, published)
    draw(errors, blocks, published, out / "prediction_errors.png")


def believed_errors(evaluation: Evaluation, blocks: Blocks) -> dict[str, NDArray[np.float64]]:
    """The errors at cues that follow from beliefs, shape (episodes, blocks, trials) each.

    Whatever is believed, half of the trials to come are rewarded. So what a cue tells beyond the
    fixation point is the chance that this trial is rewarded, against one half.
    """
    shape = blocks.cues.shape
    flat = blocks.cues.reshape(shape[0], -1)
    hits = (blocks.cues == blocks.rewarded).reshape(shape[0], -1).astype(float)
    family = InferredValue(1, shape[1], shape[2])
    chances = []
    for knows_blocks in (True, False):
        left = left_beliefs(family, flat, hits, knows_blocks)
        chances.append(np.where(flat == 0, left, 1 - left))
    chances.append(last_outcomes(flat, hits))
    scale = DISCOUNT**STEPS_TO_REWARD
    return {
        name: (scale * (chance - 0.5)).reshape(shape)
        for name, chance in zip(BELIEFS, chances, strict=True)
    }


def last_outcomes(cues: NDArray[np.int64], hits: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each trial's cue brought when it was met last, 0.5 before that; (episodes, trials)."""
    last = np.full((len(cues), 2), 0.5)
    rows, found = np.arange(len(cues)), np.empty(cues.shape)
    for trial in range(cues.shape[1]):
        found[:, trial] = last[rows, cues[:, trial]]
        last[rows, cues[:, trial]] = hits[:, trial]
    return found


def read_published() -> list[float]:
    """The published errors, in the order of `KINDS`."""
    with DATA.open(newline="") as file:
        return [float(row["error"]) for row in csv.DictReader(file)]


def _write(
    path: Path,
    errors: Mapping[str, NDArray[np.float64]],
    blocks: Blocks,
    published: Sequence[float] | None,
) -> None:
    kinds = blocks.kinds
    rows = [
        (name, [Cell.from_values(found[kinds == kind]) for kind in range(len(KINDS))])
        for name, found in errors.items()
    ]
    if published is not None:
        rows.append(("network (2018)", [f"({value:.3f})" for value in published]))
    write_markdown(path, "reward prediction error", KINDS, rows)


def draw(
    errors: Mapping[str, NDArray[np.float64]],
    blocks: Blocks,
    published: Sequence[float],
    path: Path,
) -> None:
    """Draws the mean error by kind of cue, one panel for what it is before and after a reversal."""
    kinds, names = blocks.kinds, list(errors)
    width = 0.8 / len(names)
    with figure_file(path, figsize=(9, 3.8), dpi=110) as (_, axes):
        axes.axhline(0, color="0.8", linewidth=0.8)
        for index, (name, found) in enumerate(errors.items()):
            means = [float(found[kinds == kind].mean()) for kind in range(len(KINDS))]
            places = np.arange(len(KINDS)) + (index - (len(names) - 1) / 2) * width
            label = name if len(name) < 25 else f"...{name[-22:]}"
            axes.bar(places, means, 0.9 * width, color=f"C{index}", label=label)
        style = {"color": "k", "markerfacecolor": "w", "linestyle": "", "markersize": 6}
        axes.plot(range(len(KINDS)), published, "D", label="network (2018)", zorder=3, **style)
        labels = [kind.replace(", ", "\n") for kind in KINDS]
        axes.set(xticks=range(len(KINDS)), xticklabels=labels)
        axes.set(ylabel="reward prediction error\nwhen the cue appears")
        axes.tick_params("x", labelsize="small")
        axes.legend(frameon=False, fontsize="small", loc="upper left", bbox_to_anchor=(1, 1))
        despine(axes)
