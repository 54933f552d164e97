"""Spaces of settings to search, and settings drawn from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import Any

from baselines.common.errors import InputError, did_you_mean, one_line
from baselines.common.files import read_json
from baselines.registry import trainable
from meta_envs.core.extras import install_hint

SUPPLIED = Path(__file__).parent / "spaces"
"""Spaces that come with the package, by the name of their file."""
RANGE = {"low", "high", "log", "step"}
"""What may stand in a range."""

Space = Mapping[str, Any]
"""By setting: a list of choices, or a range, {"low": 1e-4, "high": 1e-2, "log": true}."""


def read_space(path: str) -> dict[str, Any]:
    """Reads a space.

    Args:
        path: Of a JSON file, or the name of a supplied one: "wang2016", the learning rates and
            discounts of Wang et al. 2016, whose ranges the paper does not give.

    Raises:
        InputError: If there is no such file, or what it holds is no space.
    """
    supplied = {one.stem: one for one in SUPPLIED.glob("*.json")}
    if path not in supplied and not Path(path).is_file():
        meant = did_you_mean(path, supplied)
        raise InputError(
            f"there is no space {path!r}{meant}: name a JSON file, or {' or '.join(supplied)}"
        )
    space = read_json(supplied.get(path, Path(path)))
    if not space:
        raise InputError(f"{path} names no setting")
    distributions(space)  # Raises where one cannot be drawn.
    return space


def draw(space: Space, count: int, seed: int) -> list[dict[str, Any]]:
    """Draws settings independently and uniformly, as Wang et al. 2016 did.

    More of them with the same seed begin with the same ones.

    Returns:
        By setting, its value; `count` of these.

    Raises:
        InputError: If optuna is missing.
    """
    optuna = import_optuna()
    wanted = distributions(space)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed))
    return [study.ask(wanted).params for _ in range(count)]


def changed(agent: str, config: Any, parameters: Mapping[str, Any]) -> Any:
    """An agent's settings with some of them changed.

    Args:
        agent: Its name.
        config: Its settings.
        parameters: By setting, the new value; one number for a schedule is its start and its end,
            and "discount.end" names its end alone.

    Raises:
        InputError: If the agent has no such setting, or it cannot have the value.
    """
    values = asdict(config)
    for name, value in parameters.items():
        first, _, inner = name.partition(".")
        if first not in values or (inner and inner not in _parts(values[first])):
            meant = did_you_mean(first, [one.name for one in fields(config)])
            raise InputError(f"{agent} has no setting {name!r}{meant}")
        if inner:
            values[first] |= {inner: value}
        elif is_dataclass(getattr(config, first)) and not isinstance(value, Mapping):
            values[first] |= {"start": value, "end": value}
        else:
            values[first] = value
    return trainable(agent).config_from_dict(values, "the space")


def import_optuna() -> Any:
    """Optuna, without what it tells of every trial.

    Raises:
        InputError: If it is missing.
    """
    try:
        import optuna
    except ModuleNotFoundError as error:
        raise InputError(f"a space needs optuna: {install_hint('sweep')}") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def distributions(space: Space) -> dict[str, Any]:
    """Optuna's distributions of a space, by setting."""
    return {name: _distribution(name, values) for name, values in space.items()}


def _parts(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _distribution(name: str, values: Any) -> Any:
    """Optuna's distribution of a setting; InputError if it is none."""
    kinds = import_optuna().distributions
    try:
        if isinstance(values, list) and values:
            return kinds.CategoricalDistribution(values)
        if isinstance(values, Mapping) and {"low", "high"} <= set(values) <= RANGE:
            whole = all(isinstance(values[end], int) for end in ("low", "high"))
            kind = kinds.IntDistribution if whole else kinds.FloatDistribution
            return kind(**values)
    except (ValueError, TypeError) as error:
        raise InputError(f"the space's {name!r} cannot be drawn: {one_line(error)}") from error
    raise InputError(
        f"the space's {name!r} must be a list of choices, or an object with low and high, and "
        f"perhaps log or step; got {values!r}"
    )
