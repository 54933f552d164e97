"""Recording episodes of an agent as an animated GIF."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from baselines.common.agent import Agent
from baselines.common.batches import batch_of_one
from baselines.common.environments import (
    derive_seeds,
    make_drawn_env,
    make_vector_env,
)
from baselines.common.errors import InputError
from baselines.common.extras import import_extra
from baselines.common.files import output_folder, replacing
from baselines.evaluation.episodes import Episode, draw_episodes, start_episodes
from baselines.evaluation.resolve import resolve_agent

HOLD = 1_500
"""Milliseconds that an episode's last image stays."""
SHORTEST = 20
"""Milliseconds: many viewers slow down what is shown for less."""
SAMPLES = 16
"""Images that the colours are picked from."""
COLOURS = 256
"""As many as a GIF can have."""


def record_gif(
    path: Path,
    env_id: str,
    agent: str | Agent,
    *,
    episodes: int | Sequence[Episode] = 1,
    seed: int = 0,
    env_kwargs: Mapping[str, Any] | None = None,
    fps: int | None = None,
    deterministic: bool = False,
    transfer: bool = False,
    progress: Callable[[int], Any] | None = None,
) -> list[float]:
    """Records episodes of an agent, one after the other; returns the return of each.

    Args:
        path: The GIF.
        env_id: The environment.
        agent: Anything that `evaluate` takes as an agent.
        episodes: How many: the first ones of an evaluation with this seed. Or the very ones.
        seed: Tasks, noise and the agent's own sampling follow from it.
        env_kwargs: Arguments for the environment.
        fps: Images a second; as many as the environment says if not given.
        deterministic: Whether the agent takes its most probable action instead of a sample.
        transfer: Whether a checkpoint may have been trained on another environment.
        progress: Called after every image with their number so far.

    Raises:
        InputError: If a setting cannot be used, or the file cannot be written; then there is none.
    """
    count = episodes if isinstance(episodes, int) else len(episodes)
    for name, value in (("episodes", count), ("fps", fps)):
        if value is not None and value < 1:
            raise InputError(f"`{name}` must be a whole number of at least 1, got {value}")
    if path.suffix.lower() != ".gif":
        raise InputError(f"`out` must be the name of a GIF, got {path}")
    import_extra("PIL.Image")
    if isinstance(episodes, int):
        episodes = draw_episodes(seed, episodes)
    # The agent is made for a batch of one, and plays the scalar environment, which can still be
    # drawn when its episode is over.
    batch = make_vector_env(env_id, 1, env_kwargs)
    player: Any = resolve_agent(agent, batch, env_kwargs, transfer)[1]
    if hasattr(player, "set_random_seed"):
        player.set_random_seed(derive_seeds(seed, "sampling", 1)[0] % 2**32)
    for one in episodes:
        start_episodes(batch, [one])  # A task that does not fit is refused before drawing.
    env = make_drawn_env(env_id, env_kwargs)
    fps = fps or env.metadata.get("render_fps") or 10
    returns: list[float] = []
    images: list[NDArray[np.uint8]] = []
    durations: list[int] = []
    for one in episodes:
        steps, before = [], len(images)
        for step in play_one(env, player, one, deterministic):
            steps.append(step)
            if progress is not None:
                progress(before + len(steps))
        returns.append(sum(reward for _, reward in steps))
        images += [image for image, _ in steps]
        durations += [max(round(1000 / fps), SHORTEST)] * (len(steps) - 1) + [HOLD]
    env.close()
    batch.close()
    with output_folder(path.parent):
        write_gif(path, images, durations)
    return returns


def play_one(
    env: gym.Env[Any, Any], agent: Agent, episode: Episode, deterministic: bool
) -> Iterator[tuple[NDArray[np.uint8], float]]:
    """Plays an episode; yields the image before the first step and after each, and its reward."""
    options = None if episode.task is None else {"task": json.loads(episode.task)}
    observation, _ = env.reset(seed=episode.seed, options=options)
    state, start, over, reward = None, True, False, 0.0
    while True:
        image: Any = env.render()
        yield image, reward
        if over:
            return
        batch = batch_of_one(env.observation_space, observation)
        action, state = agent.predict(batch, state, np.array([start]), deterministic)
        observation, value, terminated, truncated, _ = env.step(action[0])
        start, over, reward = False, terminated or truncated, float(value)


def write_gif(path: Path, images: Sequence[NDArray[np.uint8]], durations: Sequence[int]) -> None:
    """Writes an animated GIF, whole or not at all.

    Args:
        path: Where to.
        images: All of one shape, (height, width, 3).
        durations: Milliseconds that each is shown.
    """
    pillow = import_extra("PIL.Image")
    sample = [*images[:: -(-len(images) // SAMPLES)], images[-1]]
    frames = _in_few_colours(images, pillow.fromarray(np.concatenate(sample)))
    with replacing(path) as partial:
        frames[0].save(
            partial,
            format="GIF",
            save_all=True,
            append_images=frames[1:],
            duration=list(durations),
            loop=0,
        )


def _in_few_colours(images: Sequence[NDArray[np.uint8]], sample: Any) -> list[Any]:
    """The images in the colours of a sample of them, or where these are too many, like them.

    One palette for all, and no dithering: what does not change must not flicker.
    """
    pillow = import_extra("PIL.Image")
    counted = sample.getcolors(COLOURS)
    if counted is None:
        palette = sample.quantize(COLOURS)
    else:
        palette = pillow.new("P", (1, 1))
        palette.putpalette([channel for _, colour in counted for channel in colour])
    return [
        pillow.fromarray(image).quantize(palette=palette, dither=pillow.Dither.NONE)
        for image in images
    ]
