"""Settings of a training run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Generic, TypeVar

import tyro

from baselines.common.environments import bare_id
from baselines.common.errors import check_counts

ConfigT = TypeVar("ConfigT")


@dataclass(frozen=True)
class TrainSettings(Generic[ConfigT]):
    """Trains an agent, then scores it beside random, UCB, Thompson sampling and the optimum.

    A run that was stopped goes on with `train --resume FOLDER`. Several seeds, `--seed 0 1 2`,
    are trained one after the other. A setting with .start and .end is constant if it is given as
    one number, `--learning-rate 0.001`.
    """

    env: str
    """Id of the environment; `python -m baselines list` shows them. One that another package
    registers is named with it: my_package:MyTask-v0."""
    agent: str
    """Agent to train; `python -m baselines list` shows them."""
    preset: str
    """Settings to start from: best, or another that the agent has, such as paper."""
    total_timesteps: int
    """Environment steps to train for."""
    config: Annotated[ConfigT, tyro.conf.arg(name="")]
    """Settings of the agent."""
    seed: int = 0
    """Weights, tasks, noise and actions follow from it."""
    out: Path | None = None
    """Folder of the run; runs/ENV_AGENT_seedS if not given."""
    env_kwargs: str = "{}"
    """Arguments for the environment, as a JSON object."""
    processes: int = 1
    """Processes that train together, each with its share of the environments, if the
    agent can."""
    checkpoint_every: int | None = None
    """Updates between checkpoints; a twentieth of the training if not given."""
    evaluation_episodes: int = 1_000
    """Fresh episodes the trained agent is scored on; 0 leaves the scoring out."""

    @property
    def folder(self) -> Path:
        """The run's folder."""
        name = f"{bare_id(self.env)}_{self.agent}_seed{self.seed}"
        return self.out or Path("runs") / name

    def check(self) -> None:
        """Raises an InputError if a number is less than it may be."""
        counts = dict.fromkeys(("total_timesteps", "processes", "checkpoint_every"), 1)
        check_counts(self, counts | {"evaluation_episodes": 0})
