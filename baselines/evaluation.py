"""One evaluator for every agent: the same tasks, the same luck, return and regret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

from baselines.agents import AGENTS, Agent, make_agent
from baselines.environments import derive_seeds, make_vector_env, step_info
from baselines.errors import InputError

BATCH = 1_000
"""Episodes played side by side."""


@dataclass(frozen=True)
class Evaluation:
    """The record of an agent's episodes.

    Attributes:
        env_id: The environment.
        agent: The agent's name.
        seed: Episode i was played with the i-th seed derived from this one.
        rewards: Shape (episodes, steps); zero past an episode's end.
        regret: Same shape, or None if the environment does not report it.
        lengths: Steps of each episode, shape (episodes,).
        env_kwargs: Arguments the environment was made with.
        deterministic: Whether the agent took its most probable action instead of a sample.
    """

    env_id: str
    agent: str
    seed: int
    rewards: NDArray[np.float64]
    regret: NDArray[np.float64] | None
    lengths: NDArray[np.int64]
    env_kwargs: dict[str, Any] = field(default_factory=dict)
    deterministic: bool = False

    @property
    def episodes(self) -> int:
        """Number of episodes."""
        return len(self.rewards)

    @property
    def mean_return(self) -> float:
        """Mean of the episodes' summed rewards."""
        return float(self.rewards.sum(axis=1).mean())

    @property
    def mean_regret(self) -> float | None:
        """Mean of the episodes' summed regret, None if it is not reported."""
        return None if self.regret is None else float(self.regret.sum(axis=1).mean())

    @property
    def ci95_return(self) -> tuple[float, float]:
        """The 95 % confidence interval of `mean_return`."""
        return confidence_interval(self.rewards.sum(axis=1))

    @property
    def ci95_regret(self) -> tuple[float, float] | None:
        """The 95 % confidence interval of `mean_regret`."""
        return None if self.regret is None else confidence_interval(self.regret.sum(axis=1))

    def summary(self) -> dict[str, Any]:
        """What is worth a line of JSON."""
        return {
            "env": self.env_id,
            "env_kwargs": self.env_kwargs,
            "agent": self.agent,
            "episodes": self.episodes,
            "seed": self.seed,
            "deterministic": self.deterministic,
            "mean_return": self.mean_return,
            "ci95_return": self.ci95_return,
            "mean_regret": self.mean_regret,
            "ci95_regret": self.ci95_regret,
        }


def confidence_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """The normal 95 % interval of a mean, from values of shape (episodes,)."""
    half = 1.96 * float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else np.inf
    mean = float(values.mean())
    return mean - half, mean + half


def evaluate(
    agent: str | Path | Agent,
    env_id: str,
    episodes: int = 1_000,
    seed: int = 0,
    env_kwargs: Mapping[str, Any] | None = None,
    deterministic: bool = False,
    transfer: bool = False,
) -> Evaluation:
    """Plays an agent on fresh tasks.

    Every agent meets the same tasks and the same luck for one seed, whatever it does.

    Args:
        agent: A name of `baselines.agents.AGENTS`, the path of a checkpoint or a run's folder,
            or an object with Stable-Baselines3's `predict`.
        env_id: The environment.
        episodes: How many episodes.
        seed: Tasks, luck and the agent's own sampling follow from it.
        env_kwargs: Arguments for the environment.
        deterministic: Whether the agent takes its most probable action instead of a sample.
        transfer: Whether a checkpoint may have been trained on another environment, as long
            as observations and actions have the same shape.

    Raises:
        InputError: If an argument cannot be used.
    """
    if episodes < 1:
        raise InputError(f"episodes must be a whole number of at least 1, got {episodes}")
    kwargs = dict(env_kwargs or {})
    seeds = derive_seeds(seed, "evaluation", episodes)
    env = make_vector_env(env_id, min(episodes, BATCH), kwargs)
    try:
        name, player = resolve_agent(agent, env, env_id, kwargs, transfer)
        if hasattr(player, "set_random_seed"):
            player.set_random_seed(derive_seeds(seed, "sampling", 1)[0] % 2**32)
        blocks = []
        for first in range(0, episodes, BATCH):
            block = seeds[first : first + BATCH]
            # The last batch is filled up with episodes that are not counted.
            padded = block + seeds[: env.num_envs - len(block)]
            record = play(env, player, padded, deterministic)
            blocks.append(tuple(None if part is None else part[: len(block)] for part in record))
    finally:
        env.close()
    rewards, regret, lengths = (_stack(parts) for parts in zip(*blocks, strict=True))
    assert rewards is not None
    assert lengths is not None
    return Evaluation(env_id, name, seed, rewards, regret, lengths, kwargs, deterministic)


def resolve_agent(
    agent: str | Path | Agent,
    env: VectorEnv[Any, Any, Any],
    env_id: str,
    env_kwargs: Mapping[str, Any],
    transfer: bool,
) -> tuple[str, Agent]:
    """A name to show and the object to call, for anything `evaluate` takes as an agent."""
    if not isinstance(agent, str | Path):
        return type(agent).__name__, agent
    if isinstance(agent, str) and agent.partition(",")[0] in AGENTS:
        return agent, make_agent(agent, env)
    if Path(agent).exists():
        from baselines.checkpoints import load_checkpoint  # torch takes seconds to import

        return str(agent), load_checkpoint(Path(agent), env, env_id, env_kwargs, transfer)
    raise InputError(
        f"there is no agent or checkpoint {str(agent)!r}: "
        f"name one of {', '.join(AGENTS)}, or the folder of a run"
    )


def play(
    env: VectorEnv[Any, Any, Any], agent: Agent, seeds: list[int], deterministic: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None, NDArray[np.int64]]:
    """Plays one episode in every sub-environment.

    Returns:
        Rewards and regret, shape (num_envs, steps), and lengths, shape (num_envs,).
    """
    observation, _ = env.reset(seed=seeds)  # type: ignore[arg-type]
    running = np.ones(env.num_envs, np.bool_)
    episode_start, state = running.copy(), None
    rewards, regrets, lengths = [], [], np.zeros(env.num_envs, np.int64)
    while running.any():
        action, state = agent.predict(observation, state, episode_start, deterministic)
        observation, reward, terminated, truncated, infos = env.step(action)
        rewards.append(reward * running)
        regret = step_info(infos, "regret", env.num_envs)
        if regret is not None:
            regrets.append(regret * running)
        lengths += running
        episode_start = terminated | truncated
        running &= ~episode_start
    return np.stack(rewards, 1), np.stack(regrets, 1) if regrets else None, lengths


def _stack(parts: tuple[NDArray[Any] | None, ...]) -> NDArray[Any] | None:
    """Joins the batches' arrays, those of shorter episodes filled up with zeros."""
    arrays = [part for part in parts if part is not None]
    if len(arrays) < len(parts):
        return None
    if arrays[0].ndim == 1:
        return np.concatenate(arrays)
    steps = max(array.shape[1] for array in arrays)
    return np.concatenate([np.pad(a, ((0, 0), (0, steps - a.shape[1]))) for a in arrays])
