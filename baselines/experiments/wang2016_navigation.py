"""Steps to the first goal and to later ones in the I-maze, beside the published results.

Wang et al. 2016, section 3.2.3, tell results of Mirowski et al. 2017: about 100 steps to the first
goal and 30 to later ones, "steps" of a tenth of a second. The table of Mirowski et al. has
latencies in seconds; the agent without memory, FF A3C, has none to gain from. A maze of one's own,
a step that is a cell, or another speed give other numbers of steps. What can be compared is how
many times quicker the later goals are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from baselines.analysis.goals import first_and_later, read_latencies
from baselines.common.progress import track
from baselines.evaluation.evaluate import evaluate_where_it_fits
from baselines.evaluation.result import Evaluation
from baselines.reporting.markdown import Cell, Table, write_markdown
from baselines.reporting.page import Section

GRID, PIXELS = "MetaIMazeGrid-v0", "MetaIMaze-v0"
AGENTS = ("optimal", "random")
GOALS = 6
"""Goals of an episode that are shown one by one."""
COLUMNS = ("return", "goals", "time to the first goal", "time to later goals", "times quicker")
PUBLISHED = {
    "2016, section 3.2.3, steps": (None, 100.0, 30.0),
    "FF A3C (2017), seconds": (98.0, 9.3, 9.0),
    "LSTM A3C (2017), seconds": (244.0, 15.3, 3.2),
    "Nav A3C+D+L (2017), seconds": (266.0, 10.7, 2.7),
}
"""Score, time to the first goal and time to later ones."""
QUESTION = (
    "Once an agent has found the goal of a maze, does it go straight there when it is put back to "
    "the start?"
)
DIFFERS = (
    "The published mazes have other measures, and a step is a tenth of a second there and a cell "
    "of the grid here. What can be compared is how many times quicker later goals are reached. In "
    "this grid even the best search takes less than twice as long as the path to a known goal.",
)


def run(out: Path, episodes: int = 1_000, seed: int = 0, agent: str | None = None) -> Section:
    """Plays the agents in the maze as a grid and writes two tables.

    Args:
        out: Folder to write into.
        episodes: Of each agent.
        seed: Tasks, noise and sampling follow from it.
        agent: One more, in the grid if it can play it, else in first person.

    Raises:
        InputError: If that agent can play neither.
    """
    # The user's agent comes first: what cannot be used is refused before the work.
    names = [*AGENTS] if agent is None else [agent, *AGENTS]
    played: dict[str, Evaluation] = {}
    try:
        for name in track(names):
            played[name] = play(name, episodes, seed)
    finally:
        # Also after Ctrl-C: what has been played is kept.
        ours = {name: played[name] for name in (*AGENTS, *names) if name in played}
        if ours:
            tables = write_tables(out, {label(name, one): one for name, one in ours.items()})
    rows = list(tables[0].rows)[: len(ours)]
    told = [
        f"{name}: {a} steps to the first goal, {b} to later ones." for name, (*_, a, b, _) in rows
    ]
    return Section("One-shot navigation, Wang et al. 2016", told, tables, (), QUESTION, DIFFERS)


def write_tables(out: Path, played: Mapping[str, Evaluation]) -> list[Table]:
    """Writes the latencies of agents, the published ones below, and those of each goal."""
    rows = {name: summary(evaluation) for name, evaluation in played.items()}
    published: dict[str, Sequence[object]] = {
        name: ["-" if score is None else f"({score:.0f})", "-", f"({first:g})", f"({later:g})",
               f"({first / later:.1f})"]
        for name, (score, first, later) in PUBLISHED.items()
    }  # fmt: skip
    latencies = write_markdown(out / "latencies.md", "agent", COLUMNS, (rows | published).items())
    columns = [f"goal {number}" for number in range(1, GOALS + 1)]
    by_goal = ((name, steps_by_goal(evaluation)) for name, evaluation in played.items())
    file = out / "latencies_by_goal.md"
    return [latencies, write_markdown(file, "steps to reach", columns, by_goal)]


def play(agent: str, episodes: int, seed: int) -> Evaluation:
    """An agent in the grid, or in first person if it can play only there.

    Raises:
        InputError: If it can play neither.
    """
    return evaluate_where_it_fits(agent, (GRID, PIXELS), episodes=episodes, seed=seed)


def label(name: str, evaluation: Evaluation) -> str:
    """An agent's name, and where it played if not in the grid."""
    return name if evaluation.env_id == GRID else f"{name} ({evaluation.env_id})"


def summary(evaluation: Evaluation) -> list[object]:
    """The cells of an agent's row, with 95 % intervals; a dash where a goal was never reached."""
    latencies = read_latencies(evaluation)
    first, later = first_and_later(latencies)
    goals = (~np.isnan(latencies)).sum(axis=1).astype(np.float64)
    cells: list[object] = [Cell.from_values(evaluation.returns), Cell.from_values(goals)]
    cells += [Cell.from_values(steps) if len(steps) > 1 else "-" for steps in (first, later)]
    return [*cells, f"{first.mean() / later.mean():.1f}" if len(later) else "-"]


def steps_by_goal(evaluation: Evaluation) -> list[object]:
    """Mean steps to each of the first goals, over the episodes that reached it."""
    columns = read_latencies(evaluation).T[:GOALS]
    reached = [column[~np.isnan(column)] for column in columns]
    cells: list[object] = [Cell.from_values(steps) if len(steps) > 1 else "-" for steps in reached]
    return cells + ["-"] * (GOALS - len(cells))
