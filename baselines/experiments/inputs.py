"""Which inputs a meta-RL agent needs: the last action, the last reward, the timestep.

The agents of Wang et al. 2016 get all three. Here each is withheld, alone and with others, from
agents that are otherwise the same, with ten seeds each, and the exact distance from the optimum
tells what that costs. Where no reward is shown nothing can be learnt of the task, and the agents
should be at chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.common.progress import track
from baselines.evaluation.evaluate import evaluate
from baselines.inside.probes import probe
from baselines.inside.record import record_activity
from baselines.registry import preset_for
from baselines.reporting.figures import despine, figure_file
from baselines.reporting.markdown import write_markdown
from baselines.reporting.page import Figure, Section
from baselines.statistics.aggregates import interquartile_mean
from baselines.training.once import trained_once

ENVS = (
    "MetaBandit-v0",
    "MetaBanditDependentUniform-v0",
    "MetaBanditRestless-v0",
    "MetaTwoStep-v0",
)
SHOWN = (
    ("action", "reward", "timestep"),
    ("action", "reward"),
    ("reward", "timestep"),
    ("reward",),
    ("action", "timestep"),
    ("action",),
    ("timestep",),
)
"""What is shown to the agent; at least one of the three must be."""
SHORT, LONG, IN_VAIN = 4_000_000, 16_000_000, 1_000_000
"""Steps of training; see `cells`."""
FEW_TRIALS = 20
"""Of a shorter episode, in which it matters more how many trials are left."""
SEEDS = 10
PROBED = 100
"""Episodes that the readout of the time is fitted and scored on."""
COLUMNS = ("optimality gap", "regret", "R^2 of the timestep")
FILE = "inputs.svg"
QUESTION = "Which inputs does an agent need: the last action, the last reward, the timestep?"
DIFFERS = ("No paper shows this: the agents of Wang et al. 2016 get all three.",)


class Cell(NamedTuple):
    """What ten agents are trained on alike.

    Attributes:
        env_id: The environment.
        shown: The parts of the meta-observation.
        steps: Of training.
        trials: Of an episode; None for as many as by default.
    """

    env_id: str
    shown: tuple[str, ...]
    steps: int
    trials: int | None = None

    @property
    def env_kwargs(self) -> dict[str, Any]:
        """Arguments for the environment."""
        shorter = {} if self.trials is None else {"num_trials": self.trials}
        return {"inputs": list(self.shown)} | shorter

    @property
    def folder(self) -> str:
        """A name for its runs."""
        trials = "" if self.trials is None else f"_{self.trials}_trials"
        return f"{self.env_id}{trials}_{'_'.join(self.shown)}_{self.steps}"

    @property
    def words(self) -> str:
        """What tells it from others of its environment."""
        trials = "" if self.trials is None else f", {self.trials} trials"
        return f"{', '.join(self.shown)}; {self.steps // 1_000_000} M steps{trials}"


def cells() -> Iterator[Cell]:
    """All that is trained, what tells most first.

    Long trainings, and short episodes, are of independent arms alone, where what is best to do
    depends on the trials that are left. Without rewards nothing can be learnt of a task, so that
    a short training shows it as well.
    """
    for shown in SHOWN[:4]:
        yield from (Cell(env_id, shown, SHORT) for env_id in ENVS)
    yield from (Cell(ENVS[0], shown, SHORT, FEW_TRIALS) for shown in SHOWN[:2])
    yield from (Cell(ENVS[0], shown, LONG) for shown in SHOWN[:2])
    for shown in SHOWN[4:]:
        yield from (Cell(env_id, shown, IN_VAIN) for env_id in ENVS)


class Scores(NamedTuple):
    """What the agents of a cell have come to; each of shape (seeds,).

    Attributes:
        gap: Mean optimality gap of an episode.
        regret: Mean regret of an episode.
        time: R^2 on held-out episodes of a linear readout of the timestep from the activity.
    """

    gap: NDArray[np.float64]
    regret: NDArray[np.float64]
    time: NDArray[np.float64]


def run(out: Path, episodes: int = 1_000, seed: int = 0) -> Section:
    """Trains the agents that are not there yet, which takes hours, and writes tables and figures.

    Args:
        out: Folder to write into; the agents go to `agents` in it, and what is there is kept.
        episodes: That each agent is scored on.
        seed: Of these episodes.
    """
    train_all(out / "agents")
    found = {
        cell: scores_of(cell, out / "agents", episodes, seed)
        for cell in track(list(cells()), lambda cell: cell.folder)
    }
    tables = []
    for env_id in ENVS:
        of_env = [cell for cell in found if cell.env_id == env_id]
        of_env.sort(key=lambda cell: (cell.trials or 0, cell.steps, SHOWN.index(cell.shown)))
        rows = [
            (cell.words, [interquartile_mean({env_id: values}) for values in found[cell]])
            for cell in of_env
        ]
        tables.append(write_markdown(out / f"{env_id}.md", f"{env_id}: shown", COLUMNS, rows))
    draw_gaps(found, out / FILE)
    told = [
        f"{table.name}, shown {name}: a gap of {cells[0]}."
        for table in tables
        for name, cells in (table.rows[0], table.rows[-1])
    ]
    figure = Figure(FILE, "Every agent's optimality gap, a dot each, by what it is shown.")
    return Section("Which inputs are needed", told, tables, [figure], QUESTION, DIFFERS)


def train_all(folder: Path) -> None:
    """Trains all agents that are not there yet."""
    for cell in track(list(cells()), lambda cell: cell.folder):
        for seed in range(SEEDS):
            agent_of(cell, seed, folder)


def agent_of(cell: Cell, seed: int, folder: Path) -> Path:
    """A trained agent: the best preset with a GRU and 32 environments; trained now if need be."""
    preset = preset_for("a2c-lstm", "best", cell.env_id, cell.env_kwargs)
    config = replace(preset.config, cell="gru", num_envs=32)
    path = folder / cell.folder / f"seed{seed}.safetensors"
    return trained_once(path, cell.env_id, cell.env_kwargs, config, cell.steps, seed)


def scores_of(cell: Cell, folder: Path, episodes: int, seed: int) -> Scores:
    """Scores the agents of a cell, all on the same episodes."""
    scores = []
    for number in range(SEEDS):
        path = agent_of(cell, number, folder)
        played = evaluate(path, cell.env_id, episodes, seed, cell.env_kwargs)
        few = played.episodes[:PROBED]
        recording = record_activity(path, cell.env_id, few, seed, cell.env_kwargs)
        assert played.mean_optimality_gap is not None
        assert played.mean_regret is not None
        steps = recording.rewards.shape
        time = np.broadcast_to(np.arange(steps[1]) * 1.0, steps)
        read = probe(recording.activity, time, recording.played).total.value
        scores.append((played.mean_optimality_gap, played.mean_regret, float(read)))
    return Scores(*np.array(scores).T)


def draw_gaps(found: Mapping[Cell, Scores], path: Path) -> None:
    """Draws every agent's optimality gap as a dot, and the interquartile mean of its cell."""
    with figure_file(path, 1, len(ENVS), figsize=(11, 3.8), sharey=True) as (_, axes):
        for panel, env_id in zip(axes, ENVS, strict=True):
            for cell, scores in found.items():
                if cell.env_id != env_id or cell.trials is not None:
                    continue
                row = len(SHOWN) - 1 - SHOWN.index(cell.shown)
                height = row - 0.18 if cell.steps == LONG else row + 0.18
                colour = "C1" if cell.steps == LONG else "C0"
                panel.plot(scores.gap, [height] * len(scores.gap), ".", color=colour, alpha=0.5)
                middle = interquartile_mean({env_id: scores.gap}).value
                panel.plot(middle, height, "|", color=colour, ms=14)
            panel.set(title=env_id.removeprefix("Meta").removesuffix("-v0"), xscale="log")
            panel.set_xlabel("optimality gap")
            despine(panel)
        axes[0].set_yticks(range(len(SHOWN)), [", ".join(shown) for shown in SHOWN[::-1]])
        for steps, colour, height in ((SHORT, "C0", 0.95), (LONG, "C1", 0.88)):
            text = f"{steps // 1_000_000} M steps"
            axes[0].text(0.97, height, text, color=colour, ha="right", transform=axes[0].transAxes)
