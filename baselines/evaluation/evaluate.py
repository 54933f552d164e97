"""One evaluator for every agent: the same tasks, the same noise, return and regret."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

from baselines.common.agent import Agent
from baselines.common.environments import (
    derive_seeds,
    episode_length,
    make_vector_env,
    step_info,
)
from baselines.common.errors import InputError, check_finite
from baselines.evaluation.episodes import BATCH, Episode, draw_episodes, start_episodes
from baselines.evaluation.optimum import beliefs, optimality_gap
from baselines.evaluation.resolve import resolve_agent
from baselines.evaluation.result import Evaluation, References


def evaluate(
    agent: str | Path | Agent | Callable[..., Any],
    env_id: str,
    episodes: int | Sequence[Episode] = 1_000,
    seed: int = 0,
    env_kwargs: Mapping[str, Any] | None = None,
    deterministic: bool = False,
    transfer: bool = False,
    progress: Callable[[float], Any] | None = None,
    tasks: Sequence[Mapping[str, Any]] | None = None,
) -> Evaluation:
    """Plays an agent on fresh tasks, or on those given.

    Every agent meets the same tasks and the same noise for one seed, whatever it does.

    Args:
        agent: A name of `baselines.registry.CLASSIC`, with arguments if need be ("ucb,c=2"); the
            path of a checkpoint or a run's folder; "module:attribute"; an object with
            Stable-Baselines3's `predict`; or a function called like it.
        env_id: The environment: any id of Gymnasium, also "package:Id-v0".
        episodes: How many episodes, or the very ones to play, as
            `baselines.evaluation.episodes.read_episodes` reads them.
        seed: Tasks, noise and the agent's own sampling follow from it.
        env_kwargs: Arguments for the environment.
        deterministic: Whether the agent takes its most probable action instead of a sample.
        transfer: Whether a checkpoint may have been trained on another environment, as long
            as observations and actions have the same shape.
        progress: Called after every step with the number of episodes played so far; those under
            way count in part.
        tasks: To play in turn, each as `env.unwrapped.task` names it; the noise still follows
            from the seed.

    Raises:
        InputError: If an argument cannot be used.
    """
    kwargs = dict(env_kwargs or {})
    if isinstance(episodes, int):
        if episodes < 1:
            raise InputError(f"`episodes` must be a whole number of at least 1, got {episodes}")
        episodes = draw_episodes(seed, episodes, tasks)
    elif tasks is not None:
        raise InputError("the given `episodes` have their tasks: leave `tasks=` out")
    env = make_vector_env(env_id, min(len(episodes), BATCH), kwargs)
    try:
        name, player = resolve_agent(agent, env, kwargs, transfer)
        if hasattr(player, "set_random_seed"):
            player.set_random_seed(derive_seeds(seed, "sampling", 1)[0] % 2**32)
        blocks = []
        for first in range(0, len(episodes), BATCH):
            block = episodes[first : first + BATCH]
            # The last batch is filled up with episodes that are not counted.
            padded = [*block, *episodes[: env.num_envs - len(block)]]
            note = None if progress is None else partial(_note, progress, first, len(block))
            played = play_episodes(env, player, padded, deterministic, note)
            blocks.append([None if part is None else part[: len(block)] for part in played])
    finally:
        env.close()
    rewards, regret, lengths, actions = (_join(parts) for parts in zip(*blocks, strict=True))
    assert rewards is not None
    assert lengths is not None
    assert actions is not None
    return Evaluation(
        env_id=env_id,
        agent=name,
        seed=seed,
        rewards=rewards,
        regret=regret,
        lengths=lengths,
        actions=actions,
        env_kwargs=kwargs,
        deterministic=deterministic,
        episodes=tuple(episodes),
        references=partial(_reference_returns, env_id, json.dumps(kwargs), seed, tuple(episodes)),
        gaps=optimality_gap,
        beliefs=beliefs,
    )


@lru_cache(maxsize=64)
def _reference_returns(
    env_id: str, env_kwargs: str, seed: int, episodes: tuple[Episode, ...]
) -> References | None:
    """Returns of random and of the optimum, None where none is known."""
    kwargs = json.loads(env_kwargs)
    try:
        optimum = evaluate("optimal", env_id, episodes, seed, kwargs).returns
    except InputError:
        return None
    return evaluate("random", env_id, episodes, seed, kwargs).returns, optimum


def evaluate_where_it_fits(agent: str, env_ids: Sequence[str], **arguments: Any) -> Evaluation:
    """Plays an agent as `evaluate` does, in the first of several environments that it can play.

    Raises:
        InputError: If it can play none: what is wrong with the first.
    """
    errors = []
    for env_id in env_ids:
        try:
            return evaluate(agent, env_id, **arguments)
        except InputError as error:
            errors.append(error)
    raise errors[0]


def _note(progress: Callable[[float], Any], before: int, episodes: int, share: float) -> None:
    """Tells of a share of some episodes, after those played before them."""
    progress(before + share * episodes)


def play_episodes(
    env: VectorEnv[Any, Any, Any],
    agent: Agent,
    episodes: Sequence[Episode],
    deterministic: bool,
    progress: Callable[[float], Any] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None, NDArray[np.int64], NDArray[Any]]:
    """Plays one episode in every sub-environment.

    Args:
        env: The environment.
        agent: What plays.
        episodes: One for each sub-environment.
        deterministic: Whether the agent takes its most probable action.
        progress: Called after every step with the share that has been played.

    Returns:
        Rewards and regret, shape (num_envs, steps), lengths, shape (num_envs,), and actions; see
        `Evaluation.actions`.

    Raises:
        InputError: If the agent's continuous actions do not fit the environment.
    """
    keep = _keeper(env.single_action_space)
    observation = start_episodes(env, episodes)
    running = np.ones(env.num_envs, np.bool_)
    episode_start, state = running.copy(), None
    rewards, regrets, lengths, actions = [], [], np.zeros(env.num_envs, np.int64), []
    length = episode_length(env)
    while running.any():
        action, state = agent.predict(observation, state, episode_start, deterministic)
        kept = keep(action)
        observation, reward, terminated, truncated, infos = env.step(action)
        actions.append(np.where(running if kept.ndim == 1 else running[:, None], kept, 0))
        rewards.append(reward * running)
        regret = step_info(infos, "regret")
        if regret is not None:
            regrets.append(regret * running)
        lengths += running
        episode_start = terminated | truncated
        running &= ~episode_start
        if progress is not None:
            progress(len(rewards) / length if length else 1 - float(running.mean()))
    regret = np.stack(regrets, 1) if regrets else None
    stacked = np.stack(rewards, 1)
    check_finite("a reward of the environment", stacked)
    return stacked, regret, lengths, np.stack(actions, 1)


def _keeper(space: spaces.Space[Any]) -> Callable[[Any], NDArray[Any]]:
    """What makes of a batch of actions what an evaluation keeps of them."""
    if isinstance(space, spaces.Discrete):
        first, last = int(space.start), int(space.start + space.n) - 1
        kind = np.result_type(np.min_scalar_type(first), np.min_scalar_type(last))
        return lambda action: np.asarray(action).astype(kind)
    return partial(_numbers, space)


def _numbers(space: spaces.Space[Any], action: Any) -> NDArray[Any]:
    """A batch of continuous actions, shape (num_envs, size); InputError if they are none."""
    batch = np.asarray(action)
    if batch.shape[1:] != space.shape:
        raise InputError(
            f"an agent's actions must have the shape {space.shape} each, got {batch.shape[1:]}"
        )
    check_finite("an action of the agent", batch)
    return batch.reshape(len(batch), -1).astype(space.dtype)


def _join(parts: Sequence[NDArray[Any] | None]) -> NDArray[Any] | None:
    """Joins the batches' arrays, those of shorter episodes filled up with zeros."""
    arrays = [part for part in parts if part is not None]
    if len(arrays) < len(parts):
        return None
    if arrays[0].ndim == 1:
        return np.concatenate(arrays)
    steps = max(array.shape[1] for array in arrays)
    rest = ((0, 0),) * (arrays[0].ndim - 2)
    return np.concatenate([np.pad(a, ((0, 0), (0, steps - a.shape[1]), *rest)) for a in arrays])
