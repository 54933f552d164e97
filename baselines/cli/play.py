"""`play`: an environment with the keyboard, in a window."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from baselines.cli.options import parse
from baselines.common.environments import parse_env_kwargs
from baselines.common.errors import InputError
from baselines.common.files import output_folder
from baselines.evaluation.episodes import has_tasks, save_episodes
from baselines.evaluation.recorded import RecordedAgent, evaluate_recorded
from baselines.reporting.report import episodes_file, write_report
from baselines.reporting.window import Played, play_in_window

PLAYER = "human"
"""What evaluations call whoever has played."""


@dataclass(frozen=True)
class PlaySettings:
    """Plays an environment with the keyboard, in a window.

    Hidden goals, probabilities and good states are shown when an episode is over.
    """

    env: str
    """Id of the environment; `python -m baselines list` shows them. One that another package
    registers is named with it: my_package:MyTask-v0."""
    env_kwargs: str = "{}"
    """Arguments for the environment, as a JSON object."""
    seed: int | None = None
    """The episodes are the first ones of an evaluation with this seed; new ones every time if not
    given."""
    reveal: bool = False
    """Show the hidden task from the start."""
    out: Path | None = None
    """Folder to write the episodes into, with what was done in them and the scores, as `evaluate`
    does: `evaluate --replay` and `record --replay` play them again."""


def main(arguments: Sequence[str]) -> None:
    """Lets a person play."""
    settings = parse(PlaySettings, arguments, "play")
    kwargs = parse_env_kwargs(settings.env_kwargs)
    seed = secrets.randbits(31) if settings.seed is None else settings.seed
    keep, made = None, []
    if settings.out is not None:
        made = [one for one in (settings.out, *settings.out.parents) if not os.path.exists(one)]
        path = _new_file(settings.out, settings.env, kwargs)
        keep = partial(_save, path, settings.env, kwargs)
    try:
        played = play_in_window(settings.env, kwargs, seed, settings.reveal, keep)
    finally:
        # Only an empty folder can be removed so: nobody has finished an episode.
        with suppress(OSError):
            for folder in made:
                folder.rmdir()
    for episode, one in enumerate(played, start=1):
        print(f"episode {episode}: score {one.score:g}")
    if settings.out is not None and played:
        agent = RecordedAgent([one.actions for one in played])
        episodes = [one.episode for one in played]
        evaluation = evaluate_recorded(agent, PLAYER, settings.env, episodes, seed, kwargs)
        write_report([evaluation], settings.out)
        print(f"written into {settings.out}")


def _new_file(folder: Path, env_id: str, kwargs: Mapping[str, Any]) -> Path:
    """Where the episodes are kept: told before anybody plays, if they cannot be."""
    path = episodes_file(folder, env_id)
    if os.path.exists(path):
        raise InputError(f"{path} holds episodes already: choose another `out=`")
    if not has_tasks(env_id, kwargs):
        raise InputError(f"{env_id} has no tasks that could be saved: leave `out=` out")
    with output_folder(folder):
        return path


def _save(path: Path, env_id: str, kwargs: Mapping[str, Any], played: Sequence[Played]) -> None:
    """Keeps the episodes so far, whatever may happen before the next one ends."""
    actions = {PLAYER: [one.actions for one in played]}
    save_episodes(path, env_id, kwargs, [one.episode for one in played], actions)
