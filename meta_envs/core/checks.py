"""Checks of arguments and tasks: each returns the value, or names what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def check_count(name: str, value: Any, *, minimum: int) -> int:
    """Returns `value` as an int.

    Raises:
        ValueError: If it is not a whole number of at least `minimum`.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < minimum:
        raise ValueError(f"{name} must be a whole number of at least {minimum}, got {value!r}")
    return int(value)


def check_number(name: str, value: Any, *, minimum: float, maximum: float = np.inf) -> float:
    """Returns `value` as a float.

    Args:
        name: Of the argument.
        value: What was given for it.
        minimum: The least value allowed.
        maximum: The largest value allowed; infinity itself never is.

    Raises:
        ValueError: If it is not a number in that range.
    """
    real = isinstance(value, int | float | np.integer | np.floating)
    if isinstance(value, bool) or not real or not minimum <= value <= maximum or value == np.inf:
        what = f"of at least {minimum:g}" if maximum == np.inf else f"in [{minimum:g}, {maximum:g}]"
        raise ValueError(f"{name} must be a number {what}, got {value!r}")
    return float(value)


def check_flag(name: str, value: Any) -> bool:
    """Returns `value` as a bool.

    Raises:
        ValueError: If it is not one.
    """
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} must be True or False, got {value!r}")
    return bool(value)


def check_choice(name: str, value: Any, choices: Sequence[str]) -> str:
    """Returns `value`.

    Raises:
        ValueError: If it is not one of `choices`.
    """
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, got {value!r}")
    return value


def check_task(
    task: Any, key: str, shape: tuple[int, ...], low: float, high: float, *, whole: bool = False
) -> NDArray[Any]:
    """Reads an array out of a task.

    Args:
        task: As given.
        key: Under which the array stands in it.
        shape: That it must have; () for a single number.
        low: The least value allowed.
        high: The largest value allowed.
        whole: Whether the numbers must be whole.

    Returns:
        float64, or int64 where they must be whole.

    Raises:
        ValueError: If the task lacks `key`, or what stands there has another shape or other values.
    """
    if not isinstance(task, Mapping) or key not in task:
        raise ValueError(f"a task of this environment is a dict with {key!r}, got {task!r}")
    try:
        array = np.asarray(task[key])
    except ValueError:  # Lists of unequal length.
        array = np.array(None)
    fits = array.shape == shape and array.dtype.kind in "iuf" and bool(np.isfinite(array).all())
    fits = fits and bool(((array >= low) & (array <= high)).all())
    if not fits or (whole and bool((array % 1).any())):
        number = "whole number" if whole else "number"
        what = f"a {number}" if shape == () else f"{number}s of shape {shape}"
        raise ValueError(f"task[{key!r}] must be {what} in [{low:g}, {high:g}], got {task[key]!r}")
    return array.astype(np.int64 if whole else np.float64)


def check_actions(actions: Any, num_envs: int, num_actions: int) -> NDArray[np.int64]:
    """Returns a batch of actions as int64.

    Raises:
        ValueError: If they are not integers of shape (num_envs,), or one is out of range.
    """
    actions = np.asarray(actions)
    if actions.shape != (num_envs,) or actions.dtype.kind not in "iu":
        raise ValueError(
            f"actions must be integers of shape ({num_envs},), "
            f"got {actions.dtype} of shape {actions.shape}"
        )
    actions = actions.astype(np.int64, copy=False)
    # Read as unsigned, a negative action is a huge one: one reduction finds both errors.
    if np.maximum.reduce(actions.view(np.uint64)) >= num_actions:
        last = num_actions - 1
        bad = actions[(actions < 0) | (actions > last)][0]
        raise ValueError(f"actions must be in 0..{last}, got {bad}")
    return actions


def check_mask(mask: Any, num_envs: int) -> NDArray[np.bool_]:
    """Returns a reset mask.

    Raises:
        ValueError: If it is not a boolean array of shape (num_envs,), or nowhere true.
    """
    if (
        not isinstance(mask, np.ndarray)
        or mask.dtype != np.bool_
        or mask.shape != (num_envs,)
        or not mask.any()
    ):
        raise ValueError(
            f"reset_mask must be a boolean array of shape ({num_envs},) "
            f"with at least one true value, got {mask!r}"
        )
    return mask
