"""The best possible policies and their values, one file a family, named as in `tasks`.

Each file has an `OptimalPolicy` class for the family and a function `optimal_return`, the mean
return of that policy over the family's distribution of tasks. Where the policy is the best one
known and not proved best, the file has a function `optimal_bound` too, a mean return that no policy
can exceed. A function `informed_return` gives the mean return of somebody who knows the task.
"""

from __future__ import annotations

import importlib.util
from typing import Any

from meta_envs.core import MetaObservation, Policy, TaskFamily


def optimal_policy(family: TaskFamily, meta_observation: MetaObservation) -> Policy:
    """The best policy for a family with the arguments it was made with.

    Raises:
        ValueError: If no optimum is known for the family or for these arguments.
    """
    policy: Policy = _part(family, "OptimalPolicy")(family, meta_observation)
    return policy


def has_optimum(family: TaskFamily) -> bool:
    """Whether a best policy is known for a family; its arguments may still rule it out."""
    try:
        return bool(_part(family, "OptimalPolicy"))
    except ValueError:
        return False


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
    try:
        bound = _part(family, "optimal_bound")
    except ValueError:
        bound = _part(family, "optimal_return")
    return float(bound(family))


def informed_return(family: TaskFamily) -> float:
    """The mean return of an episode for someone who knows the task.

    Raises:
        ValueError: If it is not known for the family or for these arguments.
    """
    return float(_part(family, "informed_return")(family))


def _part(family: TaskFamily, name: str) -> Any:
    """What the family's file has under a name."""
    file = f"{__name__}.{type(family).__module__.rpartition('.')[2]}"
    found = importlib.import_module(file) if importlib.util.find_spec(file) else None
    if not hasattr(found, name):
        what = "informed return" if name == "informed_return" else "optimum"
        raise ValueError(f"no {what} is known for {type(family).__name__}")
    return getattr(found, name)
