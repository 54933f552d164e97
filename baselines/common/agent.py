"""What an agent is: anything with Stable-Baselines3's `predict`; and one that can be trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol, Self

import numpy as np
from gymnasium import spaces
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

from baselines.common.callbacks import Callback
from baselines.common.environments import check_saved_env
from baselines.common.errors import check_counts


class Agent(Protocol):
    """Anything that chooses actions as a Stable-Baselines3 model does."""

    def predict(
        self,
        observation: Any,
        state: tuple[Any, ...] | None = None,
        episode_start: NDArray[np.bool_] | None = None,
        deterministic: bool = False,
    ) -> tuple[NDArray[Any], tuple[Any, ...] | None]:
        """Chooses actions for a batch of episodes.

        Args:
            observation: Observations, shape (num_envs, ...).
            state: What the last call returned; None at the first.
            episode_start: Where an episode has just started, shape (num_envs,).
            deterministic: Whether to take the most probable action instead of a sample.

        Returns:
            Actions as the environment takes them, shape (num_envs, ...), and the state for the
            next call.
        """
        ...


class Inspection(NamedTuple):
    """What a network gives out at a step, beside the actions.

    Attributes:
        activity: Of its memory cell, of which policy and value are read, shape (num_envs, units).
        logits: Of the actions, shape (num_envs, num_actions), or the means of continuous ones;
            None if there are none.
        values: Of the critic, shape (num_envs,); None if there is none.
    """

    activity: NDArray[np.float32]
    logits: NDArray[np.float32] | None
    values: NDArray[np.float32] | None


class InspectableAgent(Agent, Protocol):
    """An agent that can be looked into, as networks can."""

    def inspect(
        self,
        observation: Any,
        state: tuple[Any, ...] | None = None,
        episode_start: NDArray[np.bool_] | None = None,
    ) -> tuple[Inspection, tuple[Any, ...] | None]:
        """What a batch of observations brings about in the network; no action is chosen.

        Args:
            observation: As `predict` takes them.
            state: What the last call of `inspect` returned; None at the first.
            episode_start: As `predict` takes it.

        Returns:
            What the network gives out, and the state for the next call.
        """
        ...


class Preset(NamedTuple):
    """Settings of an agent and how long to train it."""

    config: Any
    total_timesteps: int


class SavedPolicy(NamedTuple):
    """What a checkpoint holds to predict with.

    Attributes:
        env_id: The environment it was trained on, if it says so.
        env_kwargs: Arguments of that environment.
        make: Makes the agent for an observation and an action space; InputError if it does not
            fit them.
    """

    env_id: str | None
    env_kwargs: Mapping[str, Any]
    make: Callable[[spaces.Space[Any], spaces.Space[Any]], Agent]


@dataclass(frozen=True)
class Origin:
    """Where what stands in a checkpoint comes from; the metadata of an agent add their own.

    Attributes:
        env_id: The environment it was trained on, if that has an id.
        env_kwargs: Arguments of that environment.
        seed: Of the training.

    Raises:
        InputError: If the environment names code, or a number cannot be.
    """

    env_id: str | None
    env_kwargs: dict[str, Any]
    seed: int

    def __post_init__(self) -> None:
        check_saved_env(self.env_id, self.env_kwargs)
        check_counts(self, {"seed": 0})


class TrainableAgent(Agent, Protocol):
    """An agent that the command line trains, evaluates and resumes: one row of the registry.

    Attributes:
        suffix: What its checkpoints end in.
        config_type: Its settings, a dataclass with a line of documentation a field and, among
            them, `num_envs`: how many environments it learns from side by side.
        in_processes: Whether several processes can train it together.
        num_timesteps: Environment steps trained for so far.
    """

    suffix: ClassVar[str]
    config_type: ClassVar[type[Any]]
    in_processes: ClassVar[bool]
    num_timesteps: int

    def __init__(
        self,
        env: VectorEnv[Any, Any, Any] | str,
        config: Any = None,
        seed: int = 0,
        env_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        """Makes an untrained agent for a vector environment, or for an id to make one from."""

    def learn(
        self, total_timesteps: int, callback: Callback | None = None, progress_bar: bool = False
    ) -> Self:
        """Trains until so many steps have been taken in all.

        After every update `callback` gets its metrics, `num_timesteps` and `steps_per_second` at
        least; False from it stops.
        """

    def save(self, path: str | Path) -> None:
        """Writes a checkpoint: all that the training to come depends on."""

    def weights_digest(self) -> str:
        """The SHA-256 of the weights, by which two trainings can be told to have ended alike."""

    def restore(self, path: str | Path) -> None:
        """Takes up a checkpoint, to go on learning exactly as the one that was saved."""

    @classmethod
    def load(cls, path: str | Path, env: VectorEnv[Any, Any, Any] | str | None = None) -> Self:
        """Reads a checkpoint, ready to predict or to go on learning.

        A run's folder stands for its latest (`baselines.common.run_folder.checkpoint_in`).
        """

    def set_random_seed(self, seed: int) -> None:
        """Seeds the generator that `predict` samples actions with."""

    @staticmethod
    def make_preset(name: str, env_id: str, episode_length: int | None) -> Preset:
        """The settings under a preset's name for an environment; InputError if there is none."""

    @staticmethod
    def config_from_dict(values: Any, where: str = "the settings") -> Any:
        """Rebuilds settings from what `dataclasses.asdict` made of them and JSON kept.

        InputError if they cannot be used; `where` they stand is for its message.
        """

    @staticmethod
    def read_policy(path: Path) -> SavedPolicy:
        """Reads a checkpoint to predict with; InputError if it is none."""

    @staticmethod
    def write_release(source: Path, path: Path) -> None:
        """Copies a checkpoint, without what only an exact resume needs."""
