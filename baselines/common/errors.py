"""Errors of input: the one kind that the command line shows as a single line."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, get_args, get_origin, get_type_hints

import numpy as np

ARGUMENT = re.compile(r"`(\w+)=([^`]*)`")
MOST = 2**53
"""Counts are at most this: as far as floating-point numbers count without gaps."""
MOST_UNITS = 2**14
"""Units of a layer: the weights of a recurrent one of these take 4 GiB."""
SUBJECT = re.compile(r"^`(\w+)`")


class InputError(ValueError):
    """Input that cannot be used; the message says what is wrong and what would be right.

    An argument that the message names stands in backticks, as Python writes it: `num_envs` at the
    beginning, `transfer=True` later on, or `out=` where any value will do. The command line shows
    it as its flag.
    """


class NotFiniteError(InputError):
    """A number that an environment or a network gave is nan or infinite: a training has failed."""


def one_line(error: Exception) -> str:
    """An exception's message on one line; its type where it has none."""
    return " ".join(str(error).split()) or type(error).__name__


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Asks whether the known name most like an unknown one was meant; empty if none is like it."""
    names = {one.lower(): one for one in known}
    close = difflib.get_close_matches(name.lower(), names, n=1)
    return f" (did you mean {names[close[0]]}?)" if close else ""


def with_flags(message: str) -> str:
    """A message with each argument in backticks written as the command line's flag.

    For example `transfer=True` becomes --transfer, `num_steps=5` --num-steps 5, `out=` --out, and
    `num_envs` at the beginning --num-envs.
    """

    def flag(match: re.Match[str]) -> str:
        name, value = match[1].replace("_", "-"), match[2]
        if value == "False":
            return f"--no-{name}"
        return f"--{name}" if value in ("", "True") else f"--{name} {value}"

    message = SUBJECT.sub(lambda match: "--" + match[1].replace("_", "-"), message)
    return ARGUMENT.sub(flag, message)


def check_literals(config: Any) -> None:
    """Raises an InputError if a setting is none of those that its `Literal` type lists."""
    for name, kind in get_type_hints(type(config)).items():
        value, choices = getattr(config, name), get_args(kind)
        if get_origin(kind) is Literal and value not in choices:
            listed = " or ".join(choices) if len(choices) == 2 else f"one of {', '.join(choices)}"
            raise InputError(f"`{name}` must be {listed}, got {value!r}")


def check_counts(config: Any, counts: Mapping[str, int]) -> None:
    """Raises an InputError if a setting is no count or less than it may be; None always may be.

    Args:
        config: Settings.
        counts: The least value of each, by name.
    """
    for name, least in counts.items():
        value = getattr(config, name)
        if value is None:
            continue
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or value < least:
            raise InputError(f"`{name}` must be a whole number of at least {least}, got {value}")
        if value > MOST:
            raise InputError(f"`{name}` must be at most {MOST:,}, got {value}")


def check_ranges(config: Any, ranges: Mapping[str, tuple[float, float]]) -> None:
    """Raises an InputError if a setting is no finite number, or out of its range.

    Args:
        config: Settings: numbers, or schedules with a start and an end.
        ranges: The least and the largest value of each, by name.
    """
    for name, (low, high) in ranges.items():
        for value in _ends(getattr(config, name)):
            real = isinstance(value, int | float | np.integer | np.floating)
            if not real or not low <= value <= high or not math.isfinite(value):
                what = (
                    f"between {low:g} and {high:g}"
                    if math.isfinite(low) and math.isfinite(high)
                    else f"a finite number of at least {low:g}"
                    if math.isfinite(low)
                    else "a finite number"
                )
                raise InputError(f"`{name}` must be {what}, got {value}")


def check_sizes(config: Any, names: Sequence[str]) -> None:
    """Raises an InputError if the size of a part of a network is none, or beyond any memory."""
    check_counts(config, dict.fromkeys(names, 1))
    for name in names:
        if getattr(config, name) > MOST_UNITS:
            raise InputError(
                f"`{name}` must be at most {MOST_UNITS:,}, got {getattr(config, name)}"
            )


def check_finite(what: str, values: Any) -> None:
    """Raises a NotFiniteError if a number from an environment or a network is nan or infinite.

    Args:
        what: The number, for the message: "a reward".
        values: Any shape.
    """
    finite = np.isfinite(values)
    if not np.all(finite):
        bad = np.asarray(values)[~finite].flat[0]
        raise NotFiniteError(f"{what} is {bad}: nothing can be learnt from it or said about it")


def _ends(value: Any) -> Sequence[float]:
    return (value.start, value.end) if hasattr(value, "start") else (value,)
