"""`record`: an agent's episodes as an animated GIF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro

from baselines.common.environments import parse_env_kwargs
from baselines.reporting.gif import record_gif


@dataclass(frozen=True)
class RecordSettings:
    """Records episodes of an agent as an animated GIF, an image a step."""

    env: str
    """Id of the environment; `python -m baselines list` shows them. One that another package
    registers is named with it: my_package:MyTask-v0."""
    agent: str
    """Agent: a name, with arguments if need be (ucb,c=2); the folder of a run; a checkpoint; or
    module:attribute."""
    out: Path = Path("episode.gif")
    """The GIF."""
    episodes: int = 1
    """Episodes to record, one after the other: the first ones of an evaluation with this seed."""
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
    settings = tyro.cli(RecordSettings, args=arguments, prog="python -m baselines record")
    returns = record_gif(
        settings.out,
        settings.env,
        settings.agent,
        episodes=settings.episodes,
        seed=settings.seed,
        env_kwargs=parse_env_kwargs(settings.env_kwargs),
        fps=settings.fps,
        deterministic=settings.deterministic,
        transfer=settings.transfer,
    )
    for episode, total in enumerate(returns, 1):
        print(f"episode {episode}: return {total:g}")
    print(f"written into {settings.out}")
