"""The one error that the command line shows as a single line."""

from typing import Any, Literal, get_args, get_origin, get_type_hints


class InputError(ValueError):
    """Input that cannot be used; the message says what is wrong and what would be right."""


def one_line(error: Exception) -> str:
    """An exception's message on one line; its type where it has none."""
    return " ".join(str(error).split()) or type(error).__name__


def check_literals(config: Any) -> None:
    """Raises an InputError if a setting is none of those that its `Literal` type lists."""
    for name, kind in get_type_hints(type(config)).items():
        value, choices = getattr(config, name), get_args(kind)
        if get_origin(kind) is Literal and value not in choices:
            listed = " or ".join(choices) if len(choices) == 2 else f"one of {', '.join(choices)}"
            raise InputError(f"{name} must be {listed}, got {value!r}")
