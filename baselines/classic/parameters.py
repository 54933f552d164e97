"""Arguments of classic agents: given as text after the name, and checked."""

from __future__ import annotations

from baselines.common.errors import InputError


def parse_agent(text: str) -> tuple[str, dict[str, float]]:
    """Splits `"ucb,c=2"` into the name and its arguments.

    Raises:
        InputError: If an argument is not of the form key=number.
    """
    name, *parts = text.split(",")
    arguments: dict[str, float] = {}
    for part in parts:
        key, _, value = part.partition("=")
        try:
            arguments[key] = float(value)
        except ValueError:
            raise InputError(
                f"an agent's arguments are written name,key=number, got {text!r}"
            ) from None
    return name, arguments


def check_range(name: str, value: float, low: float, high: float) -> float:
    """Returns `value` as a float.

    Raises:
        InputError: If it is no number between `low` and `high`.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise InputError(f"{name} must be a number between {low:g} and {high:g}, got {value!r}")
    return float(value)


def given(**arguments: float | None) -> dict[str, float]:
    """The arguments that are not None."""
    return {name: value for name, value in arguments.items() if value is not None}


def refuse(name: str, arguments: dict[str, float], where: str) -> None:
    """Raises an InputError if an agent is given arguments that it takes elsewhere only."""
    if arguments:
        raise InputError(f"{name} takes {' and '.join(arguments)} on {where} only")
