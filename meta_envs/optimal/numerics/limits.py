"""How large an optimum may be: what would not fit, or not end, is refused before it begins."""

from __future__ import annotations

from typing import Any

from meta_envs.core.checks import check_memory, shown

MOST_NUMBERS = 30_000_000_000
"""Numbers that may be computed for an optimum: some ten minutes of them on one core."""


def check_size(name: str, value: Any, *, numbers: int, memory: int = 0) -> None:
    """Refuses an optimum that is too large to be computed.

    Args:
        name: Of the family's argument to make smaller.
        value: What it is.
        numbers: To be computed in all.
        memory: Bytes of the largest tables.

    Raises:
        ValueError: If either is beyond its limit.
    """
    check_memory(name, value, memory, of="the tables of the optimum")
    if numbers > MOST_NUMBERS:
        raise ValueError(
            f"{name} must be smaller for its optimum to be known, got {shown(value)}: it would "
            f"take {numbers / MOST_NUMBERS:.2g} times as long as is waited for"
        )
