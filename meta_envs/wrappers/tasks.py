"""Where the tasks of a `TaskDistribution` come from, and how they are split in two."""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from meta_envs.core.checks import check_number, shown

Task = dict[str, Any]
Sampler = Callable[[np.random.Generator], Mapping[str, Any]]
SPLITS = ("train", "test")
MOST_TRIES = 10_000
"""Tasks of the other side that are drawn before it is given up."""
EXTREME = 1e300
"""Bound of a range."""
FORMS = (
    "a list of dicts, ranges such as {'gravity': [5.0, 15.0]}, a function of a NumPy generator, "
    "or its name as 'module:function'"
)


class Tasks:
    """A distribution of tasks, or one side of it.

    Args:
        tasks: As of `TaskDistribution`.
        split: "train", "test" or None for all.
        test_share: Of the tasks that are for the test.

    Attributes:
        names: What every task has, where ranges say it; else None.

    Raises:
        ValueError: If an argument cannot be used, or a side of a list is empty.
    """

    def __init__(self, tasks: Any, split: str | None, test_share: float) -> None:
        if split is not None and split not in SPLITS:
            raise ValueError(f"split must be None, 'train' or 'test', got {shown(split)}")
        self.split = split
        self.test_share = check_number("test_share", test_share, minimum=0, maximum=1)
        self.names: frozenset[str] | None = None
        self._listed: list[Task] | None = None
        self._ranges: dict[str, tuple[float, float]] = {}
        self._sampler: Sampler | None = None
        if isinstance(tasks, Mapping) and tasks:
            self._ranges = {str(name): check_range(name, r) for name, r in tasks.items()}
            self.names = frozenset(self._ranges)
        elif isinstance(tasks, str) and ":" in tasks:
            self._sampler = load_function("tasks", tasks)
        elif callable(tasks):
            self._sampler = tasks
        elif isinstance(tasks, Sequence) and not isinstance(tasks, str) and tasks:
            self._listed = self._side([check_task_dict(task) for task in tasks])
        else:
            raise ValueError(f"tasks must be {FORMS}, got {shown(tasks)}")

    def _side(self, tasks: list[Task]) -> list[Task]:
        """Those of a list that are of this side."""
        if self.split is None:
            return tasks
        # By their text: equal tasks are of the same side, and the order of the list is nothing.
        ranked = sorted({as_json(task) for task in tasks}, key=digest)
        test = set(ranked[: round(self.test_share * len(ranked))])
        side = [task for task in tasks if (as_json(task) in test) == (self.split == "test")]
        if not side:
            raise ValueError(
                f"test_share must leave tasks for {self.split!r}: of {len(ranked)} different "
                f"tasks {len(test)} are for the test, with {self.test_share}"
            )
        return side

    def draw(self, generator: np.random.Generator) -> Task:
        """A task of this side.

        Raises:
            ValueError: If what the sampler returns is no task, or never one of this side.
        """
        if self._listed is not None:
            return self._listed[int(generator.integers(len(self._listed)))]
        for _ in range(MOST_TRIES):
            task = self._draw_any(generator)
            if self.split is None or self._is_test(task) == (self.split == "test"):
                return task
        raise ValueError(
            f"tasks must have some for {self.split!r}: of {MOST_TRIES:,} draws none was, with "
            f"test_share={self.test_share}"
        )

    def _draw_any(self, generator: np.random.Generator) -> Task:
        if self._sampler is not None:
            return check_task_dict(self._sampler(generator))
        return {name: generator.uniform(low, high) for name, (low, high) in self._ranges.items()}

    def _is_test(self, task: Task) -> bool:
        return digest(as_json(task)) / 2**64 < self.test_share


def as_json(task: Task) -> str:
    """A task as text, the same for equal tasks."""
    return json.dumps(task, sort_keys=True)


def digest(text: str) -> int:
    """A number in 0..2^64 - 1 that looks random but is the same in every process."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def check_task_dict(task: Any, names: frozenset[str] | None = None) -> Task:
    """Returns a copy of a task, NumPy's numbers as Python's.

    Args:
        task: As given.
        names: What it must have and nothing else; None for anything.

    Raises:
        ValueError: If it is no dict that JSON can hold, or has other names.
    """
    try:
        fits = isinstance(task, Mapping) and all(isinstance(name, str) for name in task)
        copied: Any = json.loads(json.dumps(dict(task), default=_plain, allow_nan=False))
    except (TypeError, ValueError):
        fits = False
    if not fits:
        raise ValueError(f"a task must be a dict that JSON can hold, got {shown(task)}")
    if names is not None and set(copied) != names:
        wanted = ", ".join(sorted(names))
        raise ValueError(f"a task of this environment is a dict of {wanted}, got {shown(task)}")
    return copied


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError


def check_range(name: Any, bounds: Any) -> tuple[float, float]:
    """Returns the bounds of a range, or raises a ValueError that names what is wrong."""
    pair = isinstance(bounds, Sequence) and not isinstance(bounds, str) and len(bounds) == 2
    if not pair:
        raise ValueError(f"tasks[{name!r}] must be a range [low, high], got {shown(bounds)}")
    low = check_number(f"tasks[{name!r}][0]", bounds[0], minimum=-EXTREME, maximum=EXTREME)
    return low, check_number(f"tasks[{name!r}][1]", bounds[1], minimum=low, maximum=EXTREME)


def load_function(argument: str, name: str) -> Any:
    """The function that "module:function" names.

    Raises:
        ValueError: If there is none.
    """
    module, _, attribute = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute, None)
    except (ImportError, ValueError) as error:
        raise ValueError(f"{argument} names a module that cannot be imported: {error}") from error
    if not callable(found):
        raise ValueError(f"{argument} must name a function as 'module:function', got {name!r}")
    return found
