"""Options as people type them: 1e6 for a whole number, one number for a schedule, several seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from itertools import takewhile
from typing import Any, TypeVar

import tyro
from tyro.constructors import ConstructorRegistry, PrimitiveConstructorSpec, PrimitiveTypeInfo

from baselines.common.errors import InputError

T = TypeVar("T")


class _NotWholeError(Exception):
    """A number that is not whole: no ValueError, which tyro would show in a box of its own."""


def parse(
    kind: type[T], arguments: Sequence[str], command: str, *, seeds: str = "", **options: Any
) -> T:
    """Reads a command's settings.

    Args:
        kind: Their dataclass.
        arguments: What follows the command's name.
        command: That name.
        seeds: What to do instead of giving several seeds, if the command has a seed.
        **options: Further arguments of `tyro.cli`.

    Raises:
        InputError: If a number must be whole and is not, or there are several seeds.
    """
    if seeds and len(split_seeds(arguments)) > 1:
        raise InputError(f"`seed` takes one whole number here: {seeds}")
    prog = f"python -m baselines {command}"
    try:
        read: T = tyro.cli(kind, args=arguments, prog=prog, registry=_registry(), **options)
    except _NotWholeError as error:
        raise InputError(
            f"{error} is no whole number: write it like 1000000, 1_000_000 or 1e6"
        ) from error
    return read


def split_seeds(arguments: Sequence[str]) -> list[list[str]]:
    """Arguments for each of the seeds that are given: those after `--seed`, one at a time."""
    parts = [a.split("=", 1) if a.startswith("--seed=") else [a] for a in arguments]
    plain = [part for some in parts for part in some]
    if "--seed" not in plain:
        return [plain]
    first = plain.index("--seed") + 1
    seeds = list(takewhile(str.isdigit, plain[first:]))
    if len(seeds) < 2:
        return [plain]
    before, after = plain[:first], plain[first + len(seeds) :]
    return [[*before, seed, *after] for seed in seeds]


def constant_schedules(arguments: Sequence[str], config: Any) -> list[str]:
    """Arguments in which a schedule's one number, `--NAME VALUE`, is its start and its end.

    Args:
        arguments: As typed.
        config: Settings, some of which may be schedules.
    """
    schedules = {f.name for f in fields(config) if hasattr(getattr(config, f.name), "start")}
    expanded, rest = [], list(arguments)
    while rest:
        argument = rest.pop(0)
        flag, equals, value = argument.partition("=")
        if flag.startswith("--") and flag[2:].replace("-", "_") in schedules and (equals or rest):
            value = value if equals else rest.pop(0)
            expanded += [f"{flag}.start", value, f"{flag}.end", value]
        else:
            expanded.append(argument)
    return expanded


def _registry() -> ConstructorRegistry:
    registry = ConstructorRegistry()

    @registry.primitive_rule
    def _(info: PrimitiveTypeInfo) -> PrimitiveConstructorSpec[int] | None:
        if info.type is not int:
            return None
        return PrimitiveConstructorSpec(
            nargs=1,
            metavar="INT",
            instance_from_str=lambda values: _whole(values[0]),
            is_instance=lambda value: type(value) is int,
            str_from_instance=lambda value: [str(value)],
        )

    return registry


def _whole(text: str) -> int:
    """A whole number, also written as 1e6.

    Raises:
        ValueError: If it is no number at all.
    """
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is no whole number") from None
    if not number.is_finite() or number != number.to_integral_value():
        raise _NotWholeError(text)
    return int(number)
