"""An animated episode of each environment, by the best agent that there is for it."""

from __future__ import annotations

from pathlib import Path

import meta_envs
from baselines.evaluation.pretrained import included, pretrained_path
from baselines.registry import TRAINABLE
from baselines.reporting.gif import record_gif
from meta_envs.registration import TABLE

NAME = "{}.gif"


def player(env_id: str) -> str:
    """Who is shown, as `evaluate` knows it: an included agent before the optimum."""
    there = list(included())
    for agent in TRAINABLE:
        if (env_id, agent) in there:
            return f"pretrained:{agent}"
    return "optimal"


def draw(folder: Path) -> None:
    """Draws the animations that are missing, or older than what they show.

    Args:
        folder: That they are drawn into.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for row in TABLE:
        path, agent = folder / NAME.format(row.id), player(row.id)
        if is_old(path, row.id, agent):
            record_gif(path, row.id, agent)


def is_old(path: Path, env_id: str, agent: str) -> bool:
    """Whether a picture of an agent is missing, or older than the environments or the agent."""
    if not path.exists():
        return True
    shown = [*Path(meta_envs.__file__).parent.rglob("*.py")]
    kind, _, name = agent.partition(":")
    if kind == "pretrained":
        shown.append(pretrained_path(env_id, name))
    return path.stat().st_mtime < max(source.stat().st_mtime for source in shown)
