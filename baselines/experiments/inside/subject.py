"""The agent that is looked into, and what it is seen beside."""

from __future__ import annotations

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

    def played_by(self, agent: Any) -> Evaluation:
        """Episodes that an agent plays; the same tasks and noise for every agent."""
        return evaluate(
            *(agent, self.env_id, self.episodes, self.seed, self.env_kwargs),
            transfer=self.transfer,
        )

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
    def controls(self) -> dict[str, Any]:
        """Networks like the agent's that have not learnt or cannot remember, by what they are.

        None for an agent without a network of ours, whose settings are not known.
        """
        making = {"untrained": untrained, "without memory": without_memory}
        try:
            return {
                name: make(self.agent, self.env_id, self.env_kwargs)
                for name, make in making.items()
            }
        except InputError:
            return {}

    @cached_property
    def recordings(self) -> dict[str, Recording]:
        """The agent and its controls, all in the agent's episodes, by what tables call them."""
        shown = {name: record(one, self.own.evaluation) for name, one in self.controls.items()}
        return {"agent": self.own} | shown

    @property
    def before_and_after(self) -> dict[str, Recording]:
        """Of these the agent and the untrained network."""
        names = ("agent", "untrained")
        return {name: one for name, one in self.recordings.items() if name in names}
