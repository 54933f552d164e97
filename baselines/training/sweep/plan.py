"""What a sweep trains: environments, agents, seeds and, from a space, settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any, Literal

from baselines.common.environments import bare_id, parse_env_kwargs
from baselines.common.errors import InputError, check_counts
from baselines.registry import preset_for
from baselines.training.settings import TrainSettings
from baselines.training.sweep.space import changed, draw, read_space


@dataclass(frozen=True)
class SweepSettings:
    """Trains and scores agents in environments with many seeds, or with settings from a space.

    The same command again goes on where it was stopped or killed, also with more seeds,
    environments or agents than before.
    """

    env: tuple[str, ...]
    """Ids of environments; one that another package registers is named with it:
    my_package:MyTask-v0."""
    out: Path
    """Folder for the runs, OUT/ENV/AGENT/seedS, and for results.json; where an engine runs on
    several machines, all must see it under this name."""
    agent: tuple[str, ...] = ("a2c-lstm",)
    """Agents to train."""
    seeds: str = "0-9"
    """Seeds: 0-9, or 0,3,5-7."""
    preset: str = "best"
    """Settings to start from."""
    total_timesteps: int | None = None
    """Environment steps of each training; the preset's if not given."""
    env_kwargs: str = "{}"
    """Arguments for the environments, as a JSON object."""
    evaluation_episodes: int = 1_000
    """Fresh episodes each trained agent is scored on."""
    space: str | None = None
    """A JSON file of settings to draw, {"learning_rate": {"low": 1e-4, "high": 1e-2, "log": true},
    "hidden_size": [32, 48]}, or wang2016: the learning rate and the discount, as in the paper. The
    settings are compared on episodes of their own, and the five best shown on others."""
    num_samples: int = 100
    """Settings drawn from the space, each trained with every seed."""
    sample_seed: int = 0
    """Of that drawing."""
    halving: bool = False
    """Stop the trainings that are behind early (successive halving); with a space."""
    engine: Literal["local", "ray"] = "local"
    """Where to train: in processes of this machine, or by Ray Tune on the cluster that ray.init
    finds."""
    workers: int | None = None
    """Trainings at a time; as many as there are cores if not given."""

    def check(self) -> None:
        """Raises an InputError if a setting cannot be."""
        counts = dict.fromkeys(("total_timesteps", "evaluation_episodes", "num_samples"), 1)
        check_counts(self, counts | {"workers": 1, "sample_seed": 0})
        if self.halving and self.space is None:
            raise InputError("`halving` compares settings: give a `space=`, or leave it out")


@dataclass(frozen=True)
class PlannedRun:
    """One training of a sweep.

    Attributes:
        train: Its settings, with the folder.
        setting: Which draw from the space, None without one.
        parameters: What was drawn, by setting.
    """

    train: TrainSettings[Any]
    setting: int | None = None
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where it is trained."""
        return self.train.folder

    def describe(self) -> dict[str, Any]:
        """What tells it from the sweep's other runs, for its results."""
        return {
            "env": bare_id(self.train.env),
            "env_kwargs": parse_env_kwargs(self.train.env_kwargs),
            "agent": self.train.agent,
            "preset": self.train.preset,
            "seed": self.train.seed,
            "setting": self.setting,
            "parameters": self.parameters,
            "total_timesteps": self.train.total_timesteps,
        }

    def check_same(self, saved: dict[str, Any]) -> None:
        """Raises an InputError if what was begun in the folder is another training.

        Args:
            saved: The settings of the run in it.
        """
        own = asdict(self.train) | self.describe()
        for name in ("env", "agent", "seed", "env_kwargs", "total_timesteps", "config"):
            if saved[name] != own[name]:
                part = _first_difference(saved[name], own[name], name)
                raise InputError(
                    f"{self.folder} was trained with another `{part}`: choose another `out=`"
                )


def plan(settings: SweepSettings) -> list[PlannedRun]:
    """All runs of a sweep: the first seed of everything comes first.

    Raises:
        InputError: If a setting cannot be used.
    """
    settings.check()
    seeds = parse_seeds(settings.seeds)
    drawn = None
    if settings.space is not None:
        drawn = draw(read_space(settings.space), settings.num_samples, settings.sample_seed)
    pairs = product(settings.env, settings.agent)
    kinds = [run for env_id, agent in pairs for run in _of(settings, env_id, agent, drawn)]
    names = [(bare_id(run.train.env), run.train.agent, run.setting) for run in kinds]
    if len(set(names)) < len(names):
        raise InputError("an environment or an agent is named twice: name each once")
    return [_with_seed(run, seed) for seed in seeds for run in kinds]


def parse_seeds(text: str) -> list[int]:
    """Seeds as people write them, "0-9" or "0,3,5-7".

    Raises:
        InputError: If that is no list of seeds.
    """
    seeds: list[int] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if not (first.isdecimal() and (last or first).isdecimal()) or part.strip().endswith("-"):
            raise InputError(f"`seeds` must be like 0-9 or 0,3,5-7, got {text!r}")
        seeds += range(int(first), int(last or first) + 1)
    if not seeds or len(set(seeds)) < len(seeds):
        raise InputError(f"`seeds` must name each seed once, like 0-9 or 0,3,5-7, got {text!r}")
    return seeds


def _of(
    settings: SweepSettings, env_id: str, agent: str, drawn: Sequence[dict[str, Any]] | None
) -> list[PlannedRun]:
    """What one agent is trained with in one environment, still without a seed."""
    kwargs = parse_env_kwargs(settings.env_kwargs)
    preset = preset_for(agent, settings.preset, env_id, kwargs)
    base = TrainSettings(
        env=env_id,
        agent=agent,
        preset=settings.preset,
        total_timesteps=settings.total_timesteps or preset.total_timesteps,
        config=preset.config,
        out=settings.out / bare_id(env_id) / agent,
        env_kwargs=settings.env_kwargs,
        evaluation_episodes=settings.evaluation_episodes,
    )
    if drawn is None:
        return [PlannedRun(base)]
    return [
        PlannedRun(_changed(base, number, parameters), number, parameters)
        for number, parameters in enumerate(drawn)
    ]


def _changed(
    base: TrainSettings[Any], number: int, parameters: dict[str, Any]
) -> TrainSettings[Any]:
    config = changed(base.agent, base.config, parameters)
    return replace(base, config=config, out=base.folder / f"setting{number}")


def _with_seed(run: PlannedRun, seed: int) -> PlannedRun:
    train = replace(run.train, seed=seed, out=run.folder / f"seed{seed}")
    return replace(run, train=train)


def _first_difference(one: Any, other: Any, name: str) -> str:
    """The name of a setting in which two runs differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {*one, *other}:
            if one.get(key) != other.get(key):
                return str(key)
    return name
