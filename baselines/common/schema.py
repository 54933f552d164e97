"""Reading settings from a file: a dataclass says what must stand there, and nothing else may."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import meta_envs
from baselines.common.errors import InputError

T = TypeVar("T")
MOST = 2**63
"""Whole numbers in files are smaller: as NumPy holds them."""
NAMES: dict[Any, str] = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a text",
    dict: "an object",
    list: "a list",
    NoneType: "null",
}
"""How JSON calls what Python reads."""


def from_json(kind: type[T], values: Any, where: str, version: Any = None) -> T:
    """Makes a dataclass from what `dataclasses.asdict` made of one and JSON kept.

    Args:
        kind: The dataclass: of numbers, texts, flags, objects, lists, choices (`Literal`), and
            dataclasses of these.
        values: What was read.
        where: What it stands in, for messages.
        version: Of meta-envs, that wrote it, if that is known.

    Raises:
        InputError: If an entry is missing, of another type, out of its range, or unknown.
    """
    try:
        made: T = _read(kind, values, "")
    except InputError as error:
        here = meta_envs.__version__
        other = f" (meta-envs {version} wrote it, this is {here})" if version != here else ""
        raise InputError(f"{where}: {error}{other if isinstance(version, str) else ''}") from error
    return made


def _read(kind: Any, value: Any, name: str) -> Any:
    """A value of a type.

    Args:
        kind: The type.
        value: As JSON gives it.
        name: Where it stands, "learning_rate.start"; "" for the whole.
    """
    if is_dataclass(kind):
        return _read_fields(kind, value, name)
    if get_origin(kind) in (Union, UnionType):
        for option in get_args(kind):
            if _fits(option, value):
                return _read(option, value, name)
    if not _fits(kind, value):
        raise InputError(f"`{name}` must be {_describe(kind)}, got {_short(value)}")
    if get_origin(kind) is dict:
        part = get_args(kind)[1]
        return {key: _read(part, one, f"{name}.{key}") for key, one in value.items()}
    if get_origin(kind) is list:
        return [_read(get_args(kind)[0], one, name) for one in value]
    return value


def _read_fields(kind: Any, value: Any, name: str) -> Any:
    if not isinstance(value, dict):
        raise InputError(f"`{name or 'settings'}` must be an object, got {_short(value)}")
    types, prefix = get_type_hints(kind), f"{name}." if name else ""
    known = [field.name for field in fields(kind)]
    for missing in (one for one in known if one not in value):
        raise InputError(f"it lacks `{prefix}{missing}`")
    for unknown in (one for one in value if one not in known):
        raise InputError(f"`{prefix}{unknown}` is unknown")
    return kind(**{one: _read(types[one], value[one], prefix + one) for one in known})


def _fits(kind: Any, value: Any) -> bool:
    """Whether a value is of a type, as far as one sees from outside."""
    if kind is Any:
        return True
    if is_dataclass(kind):
        return isinstance(value, dict)
    if get_origin(kind) is Literal:
        return isinstance(value, str) and value in get_args(kind)
    if get_origin(kind) in (Union, UnionType):
        return any(_fits(option, value) for option in get_args(kind))
    if kind in (int, float) and isinstance(value, int):
        return not isinstance(value, bool) and abs(value) < MOST
    return isinstance(value, get_origin(kind) or kind)


def _describe(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return f"one of {', '.join(get_args(kind))}"
    if get_origin(kind) in (Union, UnionType):
        return " or ".join(_describe(option) for option in get_args(kind))
    return NAMES.get(get_origin(kind) or kind, "an object")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
