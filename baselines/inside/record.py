"""Recording a network: in its own episodes, or in those that another agent has played."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.common.agent import Agent, Inspection
from baselines.common.environments import make_vector_env
from baselines.common.errors import InputError
from baselines.evaluation.episodes import Episode
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.replay import Step, by_batch, by_episode, replayed_steps
from baselines.evaluation.resolve import resolve_agent
from baselines.evaluation.result import Evaluation
from baselines.inside.recording import Recording
from meta_envs.core import MetaVectorEnv

AnyAgent = str | Path | Agent | Callable[..., Any]
"""What `evaluate` takes for an agent."""


def record_activity(
    agent: AnyAgent,
    env_id: str,
    episodes: int | Sequence[Episode] = 500,
    seed: int = 0,
    env_kwargs: Mapping[str, Any] | None = None,
    *,
    teacher: AnyAgent | None = None,
    transfer: bool = False,
) -> Recording:
    """Plays episodes and records an agent's activity in them.

    Args:
        agent: Whose activity: any agent that `evaluate` takes, if it can be looked into; see
            `record`.
        env_id: The environment.
        episodes: How many, or the very ones to play.
        seed: Tasks, noise and sampling follow from it.
        env_kwargs: Arguments for the environment.
        teacher: Who plays the episodes, which are then shown to `agent` (teacher forcing); None
            for the agent itself.
        transfer: Whether a checkpoint may have been trained on another environment.

    Raises:
        InputError: If an argument cannot be used.
    """
    player = agent if teacher is None else teacher
    played = evaluate(player, env_id, episodes, seed, env_kwargs, transfer=transfer)
    return record(agent, played, transfer=transfer)


def record(agent: AnyAgent, evaluation: Evaluation, *, transfer: bool = False) -> Recording:
    """Records an agent's activity in episodes that somebody has played.

    The activity is what `inspect` says, as our networks and Stable-Baselines3's recurrent ones
    have it (`baselines.common.agent.InspectableAgent`). Of any other agent it is the state that
    `predict` returns, all its arrays side by side; they must be of shape (num_envs, ...).

    Args:
        agent: Whose activity, as `evaluate` takes them.
        evaluation: The episodes.
        transfer: Whether a checkpoint may have been trained on another environment.

    Raises:
        InputError: If the agent has no activity, or cannot play the environment.
    """
    kwargs = evaluation.env_kwargs
    env = make_vector_env(evaluation.env_id, 1, kwargs)
    name, player = resolve_agent(agent, env, kwargs, transfer)
    env.close()
    inspect = player.inspect if hasattr(player, "inspect") else _Remembering(name, player).inspect
    kept = by_batch(_inspected(inspect, evaluation))
    activity, logits, values, own = (
        None if kept[0][0][part] is None else _stacked(evaluation, kept, part) for part in range(4)
    )
    assert activity is not None
    assert own is not None
    return Recording(evaluation, name, activity, logits, values, own, evaluation.belief)


def _inspected(
    inspect: Callable[..., Any], evaluation: Evaluation
) -> Iterator[tuple[Step, tuple[Any, ...]]]:
    """Each step of the episodes, and what the agent and the environment tell at it."""
    state: Any = None
    for step in replayed_steps(evaluation):
        state = None if step.starts else state
        seen, state = inspect(step.observation, state, np.full(len(step.rewards), step.starts))
        yield step, (*seen, _own(step))


def _stacked(
    evaluation: Evaluation, kept: Sequence[Sequence[tuple[Any, ...]]], part: int
) -> NDArray[Any]:
    """One part of what was kept of each step of each batch, shape (episodes, steps, ...)."""
    return by_episode(evaluation, [[seen[part] for seen in block] for block in kept])


def _own(step: Step) -> NDArray[np.float32]:
    """The environment's own part of what was observed, shape (batch, n)."""
    inner = step.env.unwrapped
    if not isinstance(inner, MetaVectorEnv) or "observation" not in inner.meta_observation.layout:
        return np.zeros((len(step.rewards), 0), np.float32)
    return inner.meta_observation.own(step.observation).copy()


class _Remembering:
    """Takes for an agent's activity the state that its `predict` returns."""

    def __init__(self, name: str, agent: Agent) -> None:
        self.name, self.agent = name, agent

    def inspect(
        self, observation: Any, state: tuple[Any, ...] | None, episode_start: NDArray[np.bool_]
    ) -> tuple[Inspection, tuple[Any, ...] | None]:
        """As `InspectableAgent.inspect`.

        Raises:
            InputError: If the state is no tuple of arrays of shape (num_envs, ...).
        """
        _, state = self.agent.predict(observation, state, episode_start)
        num_envs = len(episode_start)
        parts = [np.asarray(part) for part in state or ()]
        if not parts or any(part.shape[:1] != (num_envs,) for part in parts):
            raise InputError(
                f"{self.name} tells no activity: its `predict` must return a state of arrays of "
                f"shape (num_envs, ...), got {_shapes(parts)} for {num_envs} environments; or "
                "give it `inspect`"
            )
        flat = [part.reshape(num_envs, -1).astype(np.float32) for part in parts]
        return Inspection(np.concatenate(flat, axis=1), None, None), state


def _shapes(parts: Sequence[NDArray[Any]]) -> str:
    return ", ".join(str(part.shape) for part in parts) or "none"
