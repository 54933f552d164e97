"""`record`: an agent's episodes as an animated GIF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baselines.cli.options import parse
from baselines.common.environments import bare_id, parse_env_kwargs
from baselines.common.errors import InputError
from baselines.common.progress import ProgressBar
from baselines.evaluation.episodes import Episode, draw_episodes, parse_tasks, read_episodes
from baselines.evaluation.recorded import RecordedAgent, is_recorded, recorded_agents
from baselines.reporting.gif import record_gif


@dataclass(frozen=True)
class RecordSettings:
    """Records episodes of an agent as an animated GIF, an image a step."""

    agent: str
    """Agent: a name, with arguments if need be (ucb,c=2); the folder of a run; a checkpoint; or
    module:attribute. With --replay also "recorded", whose actions the file holds, or
    recorded:NAME."""
    env: str | None = None
    """Id of the environment; `python -m baselines list` shows them. One that another package
    registers is named with it: my_package:MyTask-v0. --replay names it as well."""
    out: Path = Path("episode.gif")
    """The GIF."""
    episodes: int = 1
    """Episodes to record, one after the other: the first ones of an evaluation with this seed, or
    of --replay."""
    replay: Path | None = None
    """Play the episodes of this file, which `evaluate --out` or `play --out` wrote."""
    tasks: str | None = None
    """Tasks to play in turn instead of fresh ones, as a JSON list of objects, or one object:
    '{"probabilities": [0.9, 0.1]}'."""
    seed: int = 0
    """Tasks, noise and the agent's own sampling follow from it."""
    env_kwargs: str = "{}"
    """Arguments for the environment, as a JSON object."""
    fps: int | None = None
    """Images a second; as many as the environment says if not given."""
    deterministic: bool = False
    """Take the most probable action instead of a sample."""
    transfer: bool = False
    """Allow a checkpoint that was trained on another environment."""


def main(arguments: Sequence[str]) -> None:
    """Records episodes."""
    settings = parse(RecordSettings, arguments, "record", seeds="record more `episodes=`")
    env_id, kwargs, episodes = _episodes(settings)
    with ProgressBar() as bar:
        returns = record_gif(
            settings.out,
            env_id,
            _player(settings, env_id),
            episodes=episodes,
            seed=settings.seed,
            env_kwargs=kwargs,
            fps=settings.fps,
            deterministic=settings.deterministic,
            transfer=settings.transfer,
            progress=lambda images: bar.show(images, f"drawing image {images:,}"),
        )
    for episode, total in enumerate(returns, 1):
        print(f"episode {episode}: return {round(total, 9) + 0.0:g}")
    print(f"written into {settings.out}")


def _episodes(settings: RecordSettings) -> tuple[str, dict[str, Any], list[Episode]]:
    """The environment, its arguments, and the episodes to record."""
    if settings.replay is None:
        if settings.env is None:
            raise InputError("give `env=`, or `replay=`, which names it")
        episodes = draw_episodes(
            settings.seed, max(settings.episodes, 0), parse_tasks(settings.tasks)
        )
        return settings.env, parse_env_kwargs(settings.env_kwargs), episodes
    if settings.tasks is not None:
        raise InputError(f"{settings.replay} holds tasks of its own: leave `tasks=` out")
    env_id, kwargs, episodes = read_episodes(settings.replay)
    if settings.env is not None and bare_id(settings.env) != env_id:
        raise InputError(f"{settings.replay} holds episodes of {env_id}: leave `env=` out")
    return settings.env or env_id, kwargs, episodes[: max(settings.episodes, 0)]


def _player(settings: RecordSettings, env_id: str) -> str | RecordedAgent:
    """The agent, or the one whose actions are recorded."""
    if not is_recorded(settings.agent):
        return settings.agent
    found = recorded_agents(settings.replay, settings.agent, env_id)
    if len(found) > 1:
        raise InputError(f"`agent=` must be one of {', '.join(found)}, got {settings.agent}")
    return next(iter(found.values()))
