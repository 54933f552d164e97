"""The best possible policies and their values, in the same rooms as the tasks.

A family names the module of its optimum in `TaskFamily.optimum`. The module has

- a class `OptimalPolicy(family, meta_observation)`, a `meta_envs.policies.Policy`: the best
  possible policy, or the reference policy where it is only the best known. It can watch anybody's
  episodes (`remember`), and then says what it believes of the task (`belief`) and, where it is
  proved best and the values are known, how much less than the best one each action was worth
  (`optimality_gaps`). Over an episode these sum up, on average, to what the agent's mean return
  lacks of the optimal one;
- a function `optimal_return(family)`: the mean return of that policy over the distribution of
  tasks;
- where the policy is not proved best, a function `optimal_bound(family)`: a mean return that no
  policy can exceed;
- where it is known, a function `informed_return(family)`: the mean return of an informed agent,
  one that is told the task.

All may raise ValueError where they do not hold for a family's arguments.
"""

from __future__ import annotations

import importlib
from typing import Any

from meta_envs.core import MetaObservationWriter, TaskFamily
from meta_envs.policies import Policy

__all__ = [
    "has_optimality_gaps",
    "has_optimum",
    "informed_return",
    "optimal_bound",
    "optimal_policy",
    "optimal_return",
]


def optimal_policy(family: TaskFamily, meta_observation: MetaObservationWriter) -> Policy:
    """The best policy for a family with the arguments it was made with.

    Raises:
        ValueError: If no optimum is known for the family or for these arguments.
    """
    policy: Policy = _part(family, "OptimalPolicy")(family, meta_observation)
    return policy


def has_optimum(family: TaskFamily) -> bool:
    """Whether a best policy is known for a family; its arguments may still rule it out."""
    return _find(family, "OptimalPolicy") is not None


def has_optimality_gaps(family: TaskFamily) -> bool:
    """Whether the best policy knows what other actions cost; arguments may still rule it out."""
    policy = _find(family, "OptimalPolicy")
    return policy is not None and policy.optimality_gaps is not Policy.optimality_gaps


def optimal_return(family: TaskFamily) -> float:
    """The mean return of the best policy, over the family's distribution of tasks.

    Raises:
        ValueError: If no optimum is known for the family or for these arguments.
    """
    return float(_part(family, "optimal_return")(family))


def optimal_bound(family: TaskFamily) -> float:
    """A mean return that no policy can exceed; the optimal one where that is known.

    Raises:
        ValueError: If neither is known for the family or for these arguments.
    """
    bound = _find(family, "optimal_bound") or _part(family, "optimal_return")
    return float(bound(family))


def informed_return(family: TaskFamily) -> float:
    """The mean return of an informed agent, one that is told the task.

    Raises:
        ValueError: If it is not known for the family or for these arguments.
    """
    return float(_part(family, "informed_return")(family))


def _find(family: TaskFamily, name: str) -> Any:
    """What the family's optimum has under a name; None if there is no such."""
    module = None if family.optimum is None else importlib.import_module(family.optimum)
    return getattr(module, name, None)


def _part(family: TaskFamily, name: str) -> Any:
    found = _find(family, name)
    if found is None:
        # What a module may lack though it has an optimum.
        what = "informed return" if name == "informed_return" else "optimum"
        raise ValueError(f"no {what} is known for {type(family).__name__}")
    return found
