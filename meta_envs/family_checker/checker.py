"""`check_family`: whether a task family, ours or anybody's, keeps what its environments promise."""

from __future__ import annotations

import warnings
from typing import Any

from meta_envs.core import MetaEnv, TaskFamily
from meta_envs.core.family import load_family
from meta_envs.family_checker.dynamics import (
    check_agreement,
    check_best_action,
    check_noise,
    check_rewards,
    check_state,
    check_steps,
    check_tasks,
)
from meta_envs.family_checker.interface import (
    check_api,
    check_bad_input,
    check_leaks,
    check_renderings,
)
from meta_envs.family_checker.optimum import check_optimum
from meta_envs.family_checker.playing import Check, Make

CHECKS: tuple[Check, ...] = (
    check_rewards,
    check_best_action,
    check_agreement,
    check_noise,
    check_tasks,
    check_state,
    check_api,
    check_renderings,
    check_leaks,
    check_bad_input,
    check_optimum,
)
"""What is checked of a family whose steps are as they should be."""


class FamilyError(ValueError):
    """A task family does not keep what its environments promise.

    Attributes:
        problems: A line each.
    """

    def __init__(self, name: str, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"{name}: {problem}" for problem in problems))


def check_family(family: str | type[TaskFamily], **kwargs: Any) -> None:
    """Checks a task family as Gymnasium's `check_env` checks an environment.

    It plays episodes with random actions and looks whether the scalar environment,
    `SyncVectorEnv` and the native vector environment agree; outcomes follow from seed, task and
    actions alone; rewards are in their range; nothing tells the task before the first step; tasks
    survive JSON; regret is what it should be; episodes can be saved and restored; bad input is
    refused; and the optimum, if one is named, earns what it says. Whether tasks are drawn from the
    distribution that the family's docstring states only a test of its own can tell.

    What people would like but nobody needs, as renderings, comes as a warning.

    Args:
        family: The class, or "package.module:ClassName".
        **kwargs: Arguments of the family or the environment.

    Raises:
        FamilyError: If something does not hold: a line for each problem.
    """
    family = load_family(family)

    def make(kind: type[Any], **more: Any) -> Any:
        return kind(family, **kwargs, **more)

    # All others build upon the first.
    problems = _problems(check_steps, make) or [p for one in CHECKS for p in _problems(one, make)]
    if problems:
        raise FamilyError(family.__name__, tuple(problems))
    made = make(MetaEnv).family
    for mode in set(MetaEnv.metadata["render_modes"]) - set(made.render_modes):
        name = {"ansi": "render_ansi", "rgb_array": "render_rgb"}[mode]
        warnings.warn(f"{family.__name__} has no {mode} rendering: write {name}", stacklevel=2)


def _problems(check: Check, make: Make) -> list[str]:
    """What a check finds, each kind of problem once."""
    found: dict[str, str] = {}
    try:
        for problem in check(make):
            found.setdefault(problem.partition(", got")[0], problem)
    except Exception as error:  # Whatever the family raises is what is looked for.
        what = check.__name__.removeprefix("check_").replace("_", " ")
        found["raised"] = f"{what}: {type(error).__name__}: {' '.join(str(error).split())}"
    return list(found.values())
