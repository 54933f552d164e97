"""Right choices by trial in the Harlow task, on held-out objects, beside Wang et al. 2016 and 2018.

`data/harlow.csv` holds what was read off the published figures: the reward of each trial for one
agent after some episodes per thread (2016, Fig. 6f, to 0.02), where a share p of right choices
brings 2 p - 1; and the right choices of 14 networks on six trials in percent (2018, Fig. 6c, to
0.3), at six moments between leaving chance and the maximum, and at the end.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.analysis.harlow import Correct, read_choices, share_correct
from baselines.common.progress import track
from baselines.evaluation.evaluate import evaluate_where_it_fits
from baselines.reporting.figures import Label, despine, figure_file, label_lines
from baselines.reporting.markdown import Table, write_markdown
from baselines.reporting.page import Figure, Section

ENV_IDS = ("MetaHarlowSymbolic-v0", "MetaHarlow-v0")
HELD_OUT = {"split": "test"}
AGENTS = ("optimal", "random")
DATA = Path(__file__).parent / "data" / "harlow.csv"
TRIALS = 10
FILE = "harlow.svg"
QUESTION = (
    "Has an agent learnt to learn: is it right from the second trial on, with two objects that it "
    "has never seen?"
)
DIFFERS = (
    "The published networks see pixels, and so does the agent on MetaHarlow-v0; on "
    "MetaHarlowSymbolic ids the objects are codes.",
)


def run(out: Path, episodes: int = 1_000, seed: int = 0, agent: str | None = None) -> Section:
    """Plays the agents and writes a table and a figure.

    Args:
        out: Folder to write into.
        episodes: Of each agent.
        seed: Tasks, noise and sampling follow from it.
        agent: One more, trained from codes or from pixels.

    Raises:
        InputError: If that agent can play neither.
    """
    section = show(out, ENV_IDS, read_published(), episodes, seed, agent)
    return section._replace(title="Harlow's task, Wang et al. 2016 and 2018")


def show(
    out: Path,
    env_ids: Sequence[str],
    published: Mapping[str, NDArray[np.float64]],
    episodes: int,
    seed: int,
    agent: str | None,
) -> Section:
    """Plays the agents on a Harlow task and writes a table and a figure; see `run`.

    Args:
        out: Folder to write into.
        env_ids: The task in the ways in which it can be seen.
        published: Shares of right choices by name, as `read_published` gives them.
        episodes: Of each agent.
        seed: Tasks, noise and sampling follow from it.
        agent: One more.
    """
    # The user's agent comes first: what cannot be used is refused before the work.
    names = [*AGENTS] if agent is None else [agent, *AGENTS]
    played: dict[str, Correct] = {}
    try:
        for name in track(names):
            played[name] = play(name, env_ids, episodes, seed)
    finally:
        # Also after Ctrl-C: what has been played is kept.
        ours = {name: played[name] for name in (*AGENTS, *names) if name in played}
        if ours:
            table = write_table(out / "harlow.md", ours, published)
            draw(ours, published, out / FILE)
    told = [
        f"{name}: {100 * one.mean[0]:.1f} % right in the first trial, "
        f"{100 * one.mean[1:].mean():.1f} % in later ones."
        for name, one in ours.items()
    ]
    figure = Figure(FILE, "Right choices by trial: ours on held-out objects, and as published.")
    return Section("Harlow's task", told, [table], [figure], QUESTION, DIFFERS)


def play(agent: str, env_ids: Sequence[str], episodes: int, seed: int) -> Correct:
    """The right choices of an agent on held-out objects, in the first environment that it fits.

    Raises:
        InputError: If it fits none.
    """
    played = evaluate_where_it_fits(
        agent, env_ids, episodes=episodes, seed=seed, env_kwargs=HELD_OUT, transfer=True
    )
    return share_correct(read_choices(played))


def read_published() -> dict[str, NDArray[np.float64]]:
    """Shares of right choices by name, each of shape (trials,), nan where not published."""
    with DATA.open(newline="") as file:
        rows = list(csv.DictReader(file))
    published = {}
    for row in rows:
        values = np.array([float(row[f"t{trial}"] or "nan") for trial in range(1, TRIALS + 1)])
        share = (values + 1) / 2 if row["source"] == "2016" else values / 100
        published[f"{row['label']} ({row['source']})"] = share
    return published


def write_table(
    path: Path, ours: Mapping[str, Correct], published: Mapping[str, NDArray[np.float64]]
) -> Table:
    """Writes shares in percent with 95 % intervals, the published ones below in brackets."""
    rows: dict[str, Sequence[object]] = {}
    for name, (*shares, _) in ours.items():
        cells = zip(*(100 * share for share in shares), strict=True)
        rows[name] = [f"{m:.1f} [{a:.1f}, {b:.1f}]" for m, a, b in cells]
    for name, values in published.items():
        rows[name] = ["-" if np.isnan(v) else f"({100 * v:.1f})" for v in values.tolist()]
    trials = max(len(row) for row in rows.values())
    columns = [f"trial {trial}" for trial in range(1, trials + 1)]
    return write_markdown(path, "right choices, %", columns, rows.items())


def draw(
    ours: Mapping[str, Correct], published: Mapping[str, NDArray[np.float64]], path: Path
) -> None:
    """Draws shares by trial, ours with intervals."""
    papers = {"2016": "Wang et al. 2016, Fig. 6f", "2018": "Wang et al. 2018, Fig. 6c"}
    sources = [s for s in papers if any(s in name for name in published)]
    count = 1 + len(sources)
    with figure_file(path, 1, count, figsize=(4.4 * count, 3.6), sharey=True) as (_, panels):
        panels[0].set(ylabel="right choices, %", ylim=(0, 103), title="held-out objects")
        labels = []
        for number, (name, (mean, low, high, _)) in enumerate(ours.items()):
            trials, colour = np.arange(1, 1 + len(mean)), f"C{number}"
            errors = [100 * (mean - low), 100 * (high - mean)]
            panels[0].errorbar(trials, 100 * mean, errors, marker="o", markersize=4, color=colour)
            labels.append(Label(100 * float(mean[-1]), name, colour))
        _finish(panels[0], labels)
        for panel, source in zip(panels[1:], sources, strict=True):
            shown = {name: 100 * v[~np.isnan(v)] for name, v in published.items() if source in name}
            labels = []
            for number, (name, values) in enumerate(shown.items()):
                trials, colour = np.arange(1, 1 + len(values)), f"C{number}"
                panel.plot(trials, values, marker="D", markersize=3, color=colour)
                text = name.removesuffix(f" ({source})")
                labels.append(Label(float(values[-1]), text, colour))
            panel.set_title(papers[source])
            _finish(panel, labels)


def _finish(axes: Any, labels: Sequence[Label]) -> None:
    axes.axhline(50, color="0.8", linewidth=0.8, zorder=0)
    axes.set_xlabel("trial")
    axes.set_xticks(range(1, round(axes.get_xlim()[1]) + 1))
    despine(axes)
    label_lines(axes, labels)
