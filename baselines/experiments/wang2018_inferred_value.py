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
    Errors,
    prediction_errors,
    read_blocks,
)
from baselines.common.errors import InputError
from baselines.common.progress import track
from baselines.common.run_folder import runs_in
from baselines.evaluation.evaluate import evaluate
from baselines.inside.record import record_activity
from baselines.reporting.figures import despine, figure_file
from baselines.reporting.markdown import Cell, write_markdown
from baselines.reporting.page import Figure, Section
from meta_envs.optimal.cued.inferred_value import left_beliefs
from meta_envs.tasks.cued.inferred_value import InferredValue

DATA = Path(__file__).parent / "data" / "wang2018_fig4.csv"
DISCOUNT = 0.9
"""The paper's, and our preset's."""
STEPS_TO_REWARD = 3
"""From the fixation point."""
WHAT = "reward prediction error"
BELIEFS = "infers, knows blocks", "infers", "learns each cue alone"
FILE = "prediction_errors.svg"
QUESTION = (
    "After a reversal that one cue has shown, is a network surprised by the other cue, which it "
    "has not met since, or has it inferred what that is worth now?"
)
DIFFERS = (
    "Nothing that is seen says where a block ends. All networks, ours and the published ones, "
    "expect the old roles in a block's first trial, as somebody does who only knows how often "
    "roles change, and not that they change between blocks only.",
)
COLOURS = dict(zip(BELIEFS, ("C0", "#9ecae1", "C1"), strict=True))


def run(out: Path, episodes: int = 120, seed: int = 0, agent: str | None = None) -> Section:
    """Writes a table of prediction errors by kind of cue, and a figure.

    Args:
        out: Folder to write into.
        episodes: Of ten blocks each; the paper's 1,200 episodes are our blocks.
        seed: Tasks, noise and sampling follow from it.
        agent: A trained agent that tells its values; or a folder of runs with several seeds.

    Raises:
        InputError: If the agent cannot be shown.
    """
    # Cues and rewarded sides are the same for all.
    blocks = read_blocks(evaluate("optimal", ENV_ID, episodes, seed))
    found: dict[str, Errors] = {}
    for run_ in track([] if agent is None else runs_in(agent)):
        recording = record_activity(run_, ENV_ID, episodes, seed)
        if recording.values is None:
            raise InputError(f"{run_} tells no values: it needs a critic, as a2c-lstm has")
        found[run_] = prediction_errors(
            recording.values.astype(np.float64), recording.rewards, DISCOUNT, blocks.cues.shape
        )
        invalid = float((recording.rewards < 0).mean())
        print(f"{run_}: invalid responses in {100 * invalid:.3f} % of steps", flush=True)
    tables = []
    if found:
        others = {
            f"{name}: when the fixation point appears": e.fixation for name, e in found.items()
        }
        others |= {f"{name}: when the response is due": e.go for name, e in found.items()}
        table = rows(others, blocks)
        tables.append(write_markdown(out / "other_steps.md", WHAT, KINDS, table))
    table = rows({name: errors.cue for name, errors in found.items()}, blocks)
    if len(found) > 1:
        means = np.array([[cell.mean for cell in cells] for _, cells in table])
        table.append(("all runs", [Cell.from_values(column) for column in means.T]))
    table += rows(believed_errors(blocks), blocks)
    published = read_published()
    last = "networks (2018)", [f"({value:.3f})" for value in published]
    file = out / "prediction_errors.md"
    tables.insert(0, write_markdown(file, WHAT, KINDS, [*table, last]))
    draw(table, published, out / FILE)
    inferred = [
        f"{name}: {cells[-2]} at a cue that must be inferred to be rewarded now, {cells[-1]} at "
        "one that must be inferred not to be."
        for name, cells in tables[0].rows
    ]
    figure = Figure(FILE, "Mean errors when the cue appears, with 95 % intervals.")
    title = "Inferred value, Wang et al. 2018"
    return Section(title, inferred, tables, [figure], QUESTION, DIFFERS)


def rows(errors: Mapping[str, NDArray[np.float64]], blocks: Blocks) -> list[tuple[str, list[Cell]]]:
    """The mean errors by kind of cue, with their intervals."""
    kinds = [blocks.kinds == kind for kind in range(len(KINDS))]
    return [(name, [Cell.from_values(e[kind]) for kind in kinds]) for name, e in errors.items()]


def believed_errors(blocks: Blocks) -> dict[str, NDArray[np.float64]]:
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


def draw(
    table: Sequence[tuple[str, Sequence[Cell]]], published: Sequence[float], path: Path
) -> None:
    """Draws the mean errors by kind of cue: of all runs together, and of the beliefs."""
    shown = [row for row in table if row[0] in (*BELIEFS, "all runs")]
    if len(shown) == len(BELIEFS):
        shown = list(table)
    width = 0.8 / len(shown)
    with figure_file(path, figsize=(9, 3.8), dpi=110) as (_, axes):
        axes.axhline(0, color="0.8", linewidth=0.8)
        for index, (name, cells) in enumerate(shown):
            places = np.arange(len(KINDS)) + (index - (len(shown) - 1) / 2) * width
            label = name if len(name) < 25 else f"...{name[-22:]}"
            errors = [cell.half for cell in cells]
            means = [cell.mean for cell in cells]
            colour = COLOURS.get(name, "0.25")
            axes.bar(places, means, 0.9 * width, yerr=errors, color=colour, label=label)
        style = {"color": "k", "markerfacecolor": "w", "linestyle": "", "markersize": 6}
        axes.plot(range(len(KINDS)), published, "D", label="networks (2018)", zorder=3, **style)
        labels = [kind.replace(", ", "\n").replace(" till", "\ntill") for kind in KINDS]
        axes.set(xticks=range(len(KINDS)), xticklabels=labels)
        axes.set(ylabel="reward prediction error\nwhen the cue appears")
        axes.tick_params("x", labelsize="small")
        axes.legend(frameon=False, fontsize="small", loc="upper left", bbox_to_anchor=(1, 1))
        despine(axes)
