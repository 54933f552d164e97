"""`evaluate`: scores agents and checkpoints."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from baselines.cli.options import parse
from baselines.common.environments import bare_id, parse_env_kwargs
from baselines.common.errors import InputError
from baselines.common.files import json_text
from baselines.common.progress import EpisodeProgress
from baselines.evaluation.episodes import Episode, parse_tasks, read_episodes
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.recorded import (
    RecordedAgent,
    evaluate_recorded,
    is_recorded,
    recorded_agents,
)
from baselines.evaluation.result import Evaluation
from baselines.reporting.report import write_report
from baselines.reporting.tables import print_table


@dataclass(frozen=True)
class EvaluateSettings:
    """Scores agents on fresh episodes, all on the same tasks and the same noise."""

    agent: tuple[str, ...]
    """Agents: names, with arguments if need be (ucb,c=2); folders of runs; checkpoints (ours, or a
    zip of Stable-Baselines3); or module:attribute. With --replay also "recorded", whose actions
    the file holds, or recorded:NAME."""
    env: tuple[str, ...] = ()
    """Ids of environments; `python -m baselines list` shows them. One that another package
    registers is named with it: my_package:MyTask-v0."""
    episodes: int = 1_000
    """Episodes for each environment and agent."""
    seed: int = 0
    """Tasks, noise and the agents' own sampling follow from it."""
    deterministic: bool = False
    """Take the most probable action instead of a sample."""
    transfer: bool = False
    """Allow checkpoints that were trained on another environment."""
    env_kwargs: str = "{}"
    """Arguments for the environments, as a JSON object."""
    tasks: str | None = None
    """Tasks to play in turn instead of fresh ones, as a JSON list of objects, or one object:
    '{"probabilities": [0.9, 0.1]}'."""
    replay: Path | None = None
    """Play the very episodes of this file, which --out wrote, instead of fresh ones."""
    out: Path | None = None
    """Folder to write scores (CSV, JSON), figures, and episodes with the actions into."""
    json: bool = False
    """Print one JSON object a line instead of a table."""


def main(arguments: Sequence[str]) -> None:
    """Scores agents."""
    settings = parse(EvaluateSettings, arguments, "evaluate", seeds="play more `episodes=`")
    kwargs, env_ids = parse_env_kwargs(settings.env_kwargs), settings.env
    tasks = parse_tasks(settings.tasks)
    episodes: int | list[Episode] = settings.episodes
    if settings.replay is not None:
        env_id, kwargs, episodes = read_episodes(settings.replay)
        if [bare_id(one) for one in env_ids] not in ([], [env_id]):
            raise InputError(f"{settings.replay} holds episodes of {env_id}: leave `env=` out")
        env_ids = env_ids or (env_id,)
    if not env_ids or not settings.agent:
        raise InputError("give at least one `env=` and one `agent=`")
    if settings.out is not None and os.path.exists(settings.out / "scores.json"):
        raise InputError(f"{settings.out} holds scores already: choose another `out=`")
    players = [(env_id, *one) for env_id in env_ids for one in _players(settings, env_id)]
    finished: list[Evaluation] = []
    try:
        _evaluate(settings, players, kwargs, episodes, tasks, finished)
    except KeyboardInterrupt as error:
        _show(settings, finished)
        kept = f"stopped after {len(finished)} of {len(players)} scores"
        raise KeyboardInterrupt(kept) from error
    _show(settings, finished)


def _players(settings: EvaluateSettings, env_id: str) -> list[tuple[str, str | RecordedAgent]]:
    """Names of the agents, and what `evaluate` is to play."""
    players: list[tuple[str, str | RecordedAgent]] = []
    for agent in settings.agent:
        if is_recorded(agent):
            players += recorded_agents(settings.replay, agent, env_id).items()
        else:
            players.append((agent, agent))
    return players


def _evaluate(
    settings: EvaluateSettings,
    players: Sequence[tuple[str, str, str | RecordedAgent]],
    kwargs: dict[str, Any],
    episodes: int | list[Episode],
    tasks: list[dict[str, Any]] | None,
    finished: list[Evaluation],
) -> None:
    """Scores every agent in every environment, and adds each to `finished` as soon as it is."""
    count = episodes if isinstance(episodes, int) else len(episodes)
    with EpisodeProgress(len(players) * count) as progress:
        for env_id, name, agent in players:
            update = partial(progress.update, name, len(finished) * count)
            if isinstance(agent, RecordedAgent):
                assert not isinstance(episodes, int)
                evaluation = evaluate_recorded(
                    agent, name, env_id, episodes, settings.seed, kwargs, update
                )
            else:
                evaluation = evaluate(
                    agent,
                    env_id,
                    episodes,
                    settings.seed,
                    kwargs,
                    settings.deterministic,
                    settings.transfer,
                    update,
                    tasks,
                )
            # What score and gap need may take long: whoever stops it goes without.
            finished.append(replace(evaluation, references=None, gaps=None))
            try:
                progress.show(len(finished) * count, "playing random and the optimum beside it")
                _ = evaluation.normalized_score, evaluation.optimality_gap
                finished[-1] = evaluation
            finally:
                if settings.json:
                    print(json_text(finished[-1].summary()), flush=True)


def _show(settings: EvaluateSettings, finished: Sequence[Evaluation]) -> None:
    if finished and not settings.json:
        print_table(finished)
    if finished and settings.out is not None:
        write_report(finished, settings.out)
        print(f"written into {settings.out}", file=sys.stderr if settings.json else None)
