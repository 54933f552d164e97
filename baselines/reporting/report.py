"""What an evaluation leaves in a folder: scores, episodes and figures."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from baselines.common.environments import bare_id
from baselines.common.errors import InputError
from baselines.common.files import json_text, output_folder, write_text
from baselines.common.progress import EpisodeProgress
from baselines.common.run_folder import RunFolder
from baselines.evaluation.episodes import has_tasks, save_episodes
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.result import Evaluation, write_scores
from baselines.reporting.figures import plot_regret
from baselines.reporting.tables import print_table

REFERENCES = ("random", "ucb", "thompson", "optimal")
"""Agents that a trained one is shown beside."""


def write_report(evaluations: Sequence[Evaluation], folder: Path) -> None:
    """Writes scores as CSV and JSON, and for each environment episodes, actions and a figure.

    Raises:
        InputError: If the folder cannot be written.
    """
    with output_folder(folder):
        summaries = write_scores(folder / "scores.json", evaluations)
        write_text(folder / "scores.csv", _csv(summaries))
        for env_id in dict.fromkeys(e.env_id for e in evaluations):
            chosen = [e for e in evaluations if e.env_id == env_id]
            first = chosen[0]
            if has_tasks(env_id, first.env_kwargs):
                actions = {e.agent: e.actions_taken() for e in chosen}
                path = episodes_file(folder, env_id)
                save_episodes(path, env_id, first.env_kwargs, first.episodes, actions)
            if first.regret is not None:
                plot_regret(chosen, folder / f"regret_{_file_name(env_id)}.png")


def episodes_file(folder: Path, env_id: str) -> Path:
    """Where a report keeps the episodes of an environment, and the actions taken in them."""
    return folder / f"episodes_{_file_name(env_id)}.json"


def _file_name(env_id: str) -> str:
    return bare_id(env_id).replace("/", "_")


def _csv(summaries: Sequence[dict[str, object]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(summaries[0]))
    writer.writeheader()
    for summary in summaries:
        # What is no plain value stands as JSON.
        plain = (str, int, float, type(None))
        writer.writerow(
            {k: v if isinstance(v, plain) else json_text(v) for k, v in summary.items()}
        )
    return text.getvalue()


def score_run(run: RunFolder, settings: dict[str, Any]) -> list[Evaluation]:
    """Scores a run's latest checkpoint beside the reference agents.

    Prints the table, and writes `evaluation.json` and `regret.png` into the run's folder.
    """
    agents: list[str | Path] = [run.path, *REFERENCES]
    episodes, evaluations, without = settings["evaluation_episodes"], [], []
    with EpisodeProgress(len(agents) * episodes) as progress:
        for number, agent in enumerate(agents):
            name = settings["agent"] if agent == run.path else str(agent)
            try:
                evaluation = evaluate(
                    agent,
                    settings["env"],
                    episodes,
                    settings["seed"],
                    settings["env_kwargs"],
                    progress=partial(progress.update, name, number * episodes),
                )
            except InputError as error:
                if agent == run.path:
                    raise
                without.append(f"without {agent}: {error}")
            else:
                evaluations.append(replace(evaluation, agent=name))
    for line in without:
        print(line)
    print_table(evaluations)
    if evaluations[0].regret is not None:
        plot_regret(evaluations, run.path / "regret.png")
        print(f"regret curves: {run.path / 'regret.png'}")
    write_scores(run.path / "evaluation.json", evaluations)
    return evaluations
