"""Checks of arguments and tasks: each returns the value, or names what is wrong with it."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_MEMORY = 4 * 2**30
"""Bytes that the arrays of an environment, or of an optimum, may take. The same on every machine,
so that what runs on one is not refused on another."""
LONGEST = 200
"""Characters of a wrong value that are shown."""
SHORT = reprlib.Repr()
"""Writes no more of a value than is shown: a list may have millions of entries."""
SHORT.maxlist = SHORT.maxtuple = SHORT.maxdict = SHORT.maxset = 20
SHORT.maxstring = SHORT.maxlong = SHORT.maxother = LONGEST + 1


def shown(value: Any) -> str:
    """A wrong value for a message: in one line, and not all of it if it is long."""
    try:
        text = " ".join(SHORT.repr(value).split())
    except ValueError:  # Python writes no whole number of more than 4,300 digits.
        text = f"a {type(value).__name__} too long to show"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number by its type; True and False are none."""
    # NumPy counts durations among the whole numbers.
    wrong = isinstance(value, bool | np.timedelta64)
    return isinstance(value, int | np.integer) and not wrong


def check_count(name: str, value: Any, *, minimum: int, maximum: int | None = None) -> int:
    """Returns `value` as an int.

    Raises:
        ValueError: If it is not a whole number of at least `minimum` and at most `maximum`.
    """
    if not is_whole(value) or value < minimum or (maximum is not None and value > maximum):
        what = f"of at least {minimum}" if maximum is None else f"in {minimum}..{maximum}"
        raise ValueError(f"{name} must be a whole number {what}, got {shown(value)}")
    return int(value)


def check_memory(name: str, value: Any, needed: int, *, of: str) -> None:
    """Refuses what would take too much memory, before it is made.

    Args:
        name: Of the argument to make smaller.
        value: What was given for it.
        needed: Bytes.
        of: What takes them, in the plural.

    Raises:
        ValueError: If they are more than `MOST_MEMORY`.
    """
    if needed > MOST_MEMORY:
        raise ValueError(
            f"{name} must be smaller, got {shown(value)}: {of} would take "
            f"{gibibytes(needed)} GiB of memory, and the limit is {gibibytes(MOST_MEMORY)}"
        )


def gibibytes(number: int) -> str:
    """So many bytes in GiB; what no float can hold is only said to be more than what one can."""
    most = 10**300
    return f"{number / 2**30:.3g}" if number < most else f"more than {most / 2**30:.3g}"


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
    try:
        number = float(value) if is_whole(value) or isinstance(value, float | np.floating) else None
    except OverflowError:  # A whole number that is larger than any float.
        number = None
    if number is None or not minimum <= number <= maximum or number == np.inf:
        what = f"of at least {minimum:g}" if maximum == np.inf else f"in [{minimum:g}, {maximum:g}]"
        raise ValueError(f"{name} must be a number {what}, got {shown(value)}")
    return number


def check_probabilities(name: str, values: Any) -> NDArray[np.float64]:
    """Returns a list of probabilities as an array.

    Raises:
        ValueError: If it is not a list of at least one number in [0, 1].
    """
    try:
        array = np.asarray(values)
    except ValueError:  # Lists of unequal length.
        array = np.array(None)
    fits = array.ndim == 1 and array.size and array.dtype.kind in "iuf"
    if not fits or not bool(((array >= 0) & (array <= 1)).all()):
        raise ValueError(f"{name} must be a list of numbers in [0, 1], got {shown(values)}")
    return array.astype(np.float64)


def check_flag(name: str, value: Any) -> bool:
    """Returns `value` as a bool.

    Raises:
        ValueError: If it is not one.
    """
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} must be True or False, got {shown(value)}")
    return bool(value)


def check_choice(name: str, value: Any, choices: Sequence[str]) -> str:
    """Returns `value`.

    Raises:
        ValueError: If it is not one of `choices`.
    """
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, got {shown(value)}")
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
        raise ValueError(f"a task of this environment is a dict with {key!r}, got {shown(task)}")
    try:
        array = np.asarray(task[key])
    except ValueError:  # Lists of unequal length.
        array = np.array(None)
    fits = array.shape == shape and array.dtype.kind in "iuf"
    if fits:
        with np.errstate(over="ignore"):  # What float64 cannot hold becomes infinite.
            numbers = array.astype(np.float64)
        fits = bool((np.isfinite(numbers) & (numbers >= low) & (numbers <= high)).all())
    if not fits or (whole and bool((numbers % 1).any())):
        number = "whole number" if whole else "number"
        what = f"a {number}" if shape == () else f"{number}s of shape {shape}"
        raise ValueError(
            f"task[{key!r}] must be {what} in [{low:g}, {high:g}], got {shown(task[key])}"
        )
    return numbers.astype(np.int64) if whole else numbers


def check_options(options: Any) -> Mapping[str, Any]:
    """Returns the options of a reset, empty where there are none.

    Raises:
        ValueError: If they are not a dict.
    """
    if options is None:
        return {}
    if not isinstance(options, Mapping):
        raise ValueError(f"options must be a dict such as {{'task': task}}, got {shown(options)}")
    return options


def given_tasks(
    options: Mapping[str, Any], envs: NDArray[np.intp], num_envs: int
) -> list[Mapping[str, Any]] | None:
    """The tasks that a reset's options ask for, one for each of `envs`; None if for none.

    Raises:
        ValueError: If they are not one for each of `num_envs`.
    """
    if options.get("task") is not None:
        return [options["task"]] * len(envs)
    tasks = options.get("tasks")
    if tasks is None:
        return None
    if not isinstance(tasks, Sequence) or len(tasks) != num_envs:
        raise ValueError(f"options['tasks'] must list {num_envs} tasks, got {shown(tasks)}")
    return [tasks[env] for env in envs.tolist()]


def check_actions(
    actions: Any, num_envs: int, num_actions: int, ignored: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """Returns a batch of actions as int64.

    Args:
        actions: As given.
        num_envs: How many there must be.
        num_actions: How many to choose from.
        ignored: Where the action does not matter, shape (num_envs,): it may be out of range, and
            becomes 0.

    Raises:
        ValueError: If they are not integers of shape (num_envs,), or one is out of range.
    """
    try:
        actions = np.asarray(actions)
    except ValueError:  # Lists of unequal length.
        actions = np.array(None)
    if actions.shape != (num_envs,) or actions.dtype.kind not in "iu":
        raise ValueError(
            f"actions must be integers of shape ({num_envs},), "
            f"got {actions.dtype} of shape {actions.shape}"
        )
    actions = actions.astype(np.int64, copy=False)
    if ignored is not None:
        actions = np.where(ignored, 0, actions)
    # Read as unsigned, a negative action is a huge one: the largest tells of both errors.
    unsigned = actions.view(np.uint64)
    if unsigned.item(unsigned.argmax()) >= num_actions:
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
            f"with at least one true value, got {shown(mask)}"
        )
    return mask
