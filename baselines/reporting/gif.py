"""Recording episodes of an agent as an animated GIF."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import tyro
from gymnasium import spaces
from gymnasium.vector.utils import concatenate, create_empty_array
from numpy.typing import NDArray

from baselines.common.agent import Agent
from baselines.common.environments import (
    derive_seeds,
    make_drawn_env,
    make_vector_env,
    parse_env_kwargs,
)
from baselines.common.errors import InputError
from baselines.common.extras import import_visual
from baselines.common.files import output_folder, replacing
from baselines.evaluation.evaluate import resolve_agent

HOLD = 1_500
"""Milliseconds that an episode's last picture stays."""
SHORTEST = 20
"""Milliseconds: many viewers slow down what is shown for less."""
SAMPLES = 16
"""Pictures that the colours are picked from."""
COLOURS = 256
"""As many as a GIF can have."""


@dataclass(frozen=True)
class RecordSettings:
    """Records episodes of an agent as an animated GIF, a picture a step."""

    env: str
    """Id of the environment; `python -m baselines list` shows them."""
    agent: str
    """Agent: a name, with arguments if need be (ucb,c=2); the folder of a run; a checkpoint; or
    module:attribute."""
    out: Path = Path("episode.gif")
    """The GIF."""
    episodes: int = 1
    """Episodes to record, one after the other: the first ones of an evaluation with this seed."""
    seed: int = 0
    """Tasks, luck and the agent's own sampling follow from it."""
    env_kwargs: str = "{}"
    """Arguments for the environment, as a JSON object."""
    fps: int | None = None
    """Pictures a second; as many as the environment says if not given."""
    deterministic: bool = False
    """Take the most probable action instead of a sample."""
    transfer: bool = False
    """Allow a checkpoint that was trained on another environment."""


def record_command(arguments: Sequence[str]) -> None:
    """Records episodes."""
    settings = tyro.cli(RecordSettings, args=arguments, prog="python -m baselines record")
    for episode, total in enumerate(record(settings, parse_env_kwargs(settings.env_kwargs)), 1):
        print(f"episode {episode}: return {total:g}")
    print(f"written into {settings.out}")


def record(settings: RecordSettings, env_kwargs: Mapping[str, Any]) -> list[float]:
    """Records what the settings ask for; returns the return of each episode.

    Raises:
        InputError: If a setting cannot be used, or the file cannot be written; then there is none.
    """
    for name in ("episodes", "fps"):
        value = getattr(settings, name)
        if value is not None and value < 1:
            raise InputError(f"{name} must be a whole number of at least 1, got {value}")
    if settings.out.suffix.lower() != ".gif":
        raise InputError(f"out must be the name of a GIF, got {settings.out}")
    import_visual("PIL.Image")
    seeds = derive_seeds(settings.seed, "evaluation", settings.episodes)
    # The agent is made for a batch of one, and plays the scalar environment, which can still be
    # drawn when its episode is over.
    batch = make_vector_env(settings.env, 1, env_kwargs)
    _, agent = resolve_agent(settings.agent, batch, settings.env, env_kwargs, settings.transfer)
    if hasattr(agent, "set_random_seed"):
        agent.set_random_seed(derive_seeds(settings.seed, "sampling", 1)[0] % 2**32)
    env = make_drawn_env(settings.env, env_kwargs)
    fps = settings.fps or env.metadata.get("render_fps") or 10
    returns, pictures, durations = [], [], []
    for seed in seeds:
        steps = list(play_one(env, agent, seed, settings.deterministic))
        returns.append(sum(reward for _, reward in steps))
        pictures += [picture for picture, _ in steps]
        durations += [max(round(1000 / fps), SHORTEST)] * (len(steps) - 1) + [HOLD]
    for one in (env, batch):
        one.close()
    with output_folder(settings.out.parent):
        write_gif(settings.out, pictures, durations)
    return returns


def play_one(
    env: gym.Env[Any, np.int64], agent: Agent, seed: int, deterministic: bool
) -> Iterator[tuple[NDArray[np.uint8], float]]:
    """Plays an episode; yields the picture before the first step and after each, and its reward."""
    assert isinstance(env.action_space, spaces.Discrete)
    observation, _ = env.reset(seed=seed)
    state, start, over, reward = None, True, False, 0.0
    while True:
        picture: Any = env.render()
        yield picture, reward
        if over:
            return
        empty: Any = create_empty_array(env.observation_space, 1)
        batch = concatenate(env.observation_space, [observation], empty)
        action, state = agent.predict(batch, state, np.array([start]), deterministic)
        observation, value, terminated, truncated, _ = env.step(action[0])
        start, over, reward = False, terminated or truncated, float(value)


def write_gif(path: Path, pictures: Sequence[NDArray[np.uint8]], durations: Sequence[int]) -> None:
    """Writes an animated GIF, whole or not at all.

    Args:
        path: Where to.
        pictures: All of one shape, (height, width, 3).
        durations: Milliseconds that each is shown.
    """
    image = import_visual("PIL.Image")
    sample = [*pictures[:: -(-len(pictures) // SAMPLES)], pictures[-1]]
    frames = _in_few_colours(pictures, image.fromarray(np.concatenate(sample)))
    with replacing(path) as partial:
        frames[0].save(
            partial,
            format="GIF",
            save_all=True,
            append_images=frames[1:],
            duration=list(durations),
            loop=0,
        )


def _in_few_colours(pictures: Sequence[NDArray[np.uint8]], sample: Any) -> list[Any]:
    """The pictures in the colours of a sample of them, or where these are too many, like them.

    One palette for all, and no dithering: what does not change must not flicker.
    """
    image = import_visual("PIL.Image")
    counted = sample.getcolors(COLOURS)
    if counted is None:
        palette = sample.quantize(COLOURS)
    else:
        palette = image.new("P", (1, 1))
        palette.putpalette([channel for _, colour in counted for channel in colour])
    return [
        image.fromarray(picture).quantize(palette=palette, dither=image.Dither.NONE)
        for picture in pictures
    ]
