"""The agent that is looked into, and what it is seen beside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from baselines.common.environments import make_vector_env
from baselines.common.errors import InputError
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.resolve import resolve_agent
from baselines.evaluation.result import Evaluation
from baselines.inside.controls import untrained, without_memory
from baselines.inside.probes import LEAST_EPISODES
from baselines.inside.record import record
from baselines.inside.recording import Recording
from meta_envs.core import MetaVectorEnv, TaskFamily

__all__ = ["LEAST_EPISODES", "REFERENCES", "Subject"]

REFERENCES = (
    *("random", "win-stay-lose-shift", "rescorla-wagner", "cued-rescorla-wagner"),
    *("two-step-model-free", "two-step-model-based"),
    *("thompson", "ucb", "gittins", "optimal"),
)
"""Agents beside whose exact distance from the optimum an agent's is shown, where they can play."""


@dataclass(frozen=True)
class Subject:
    """An agent, and what is recorded of it once it is asked for.

    Attributes:
        agent: A checkpoint, a run's folder, or any agent that `evaluate` takes.
        env_id: The environment.
        out: The folder that figures go to.
        env_kwargs: Arguments for the environment.
        episodes: How many are recorded.
        seed: Tasks, noise and sampling follow from it.
        transfer: Whether a checkpoint may have been trained on another environment.
    """

    agent: str
    env_id: str
    out: Path
    env_kwargs: dict[str, Any] = field(default_factory=dict)
    episodes: int = 700
    seed: int = 0
    transfer: bool = False

    def played_by(self, agent: Any, episodes: int | None = None) -> Evaluation:
        """Episodes that an agent plays; the same tasks and noise for every agent."""
        count = episodes or self.episodes
        return evaluate(
            agent, self.env_id, count, self.seed, self.env_kwargs, transfer=self.transfer
        )

    @cached_property
    def family(self) -> TaskFamily:
        """The tasks; InputError where the environment is not of `meta_envs`."""
        inner = make_vector_env(self.env_id, 1, self.env_kwargs).unwrapped
        if not isinstance(inner, MetaVectorEnv):
            raise InputError(f"{self.env_id} is not of meta_envs, and nobody knows its optimum")
        return inner.family

    @cached_property
    def policy(self) -> Any:
        """The agent, ready to predict."""
        env = make_vector_env(self.env_id, 1, self.env_kwargs)
        return resolve_agent(self.agent, env, self.env_kwargs, self.transfer)[1]

    @cached_property
    def own(self) -> Recording:
        """The agent in its own episodes."""
        return record(self.policy, self.played_by(self.agent))

    @cached_property
    def taught(self) -> Recording:
        """The agent shown the optimum's episodes."""
        return record(self.policy, self.played_by("optimal"))

    @cached_property
    def untrained(self) -> Recording:
        """A network of the same settings before training, shown the agent's episodes."""
        return record(self._control(untrained), self.own.evaluation)

    @cached_property
    def without_memory(self) -> Recording:
        """The network with its state reset before every step, shown the agent's episodes."""
        return record(self._control(without_memory), self.own.evaluation)

    def _control(self, make: Callable[..., Any]) -> Any:
        return make(self.agent, self.env_id, self.env_kwargs)
