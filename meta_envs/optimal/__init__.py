"""The best possible policies and their values, one file a family, named as in `tasks`.

Each file has an `OptimalPolicy` class for the family and a function `optimal_return`, the mean
return of that policy over the family's distribution of tasks.
"""

from __future__ import annotations

import importlib
from typing import Any

from meta_envs.core import MetaObservation, Policy, TaskFamily


def optimal_policy(family: TaskFamily, meta_observation: MetaObservation) -> Policy:
    """The best policy for a family with the arguments it was made with.

    Raises:
        ValueError: If no optimum is known for the family or for these arguments.
    """
    policy: Policy = _module(family).OptimalPolicy(family, meta_observation)
    return policy


def optimal_return(family: TaskFamily) -> float:
    """The mean return of the best policy, over the family's distribution of tasks.

    Raises:
        ValueError: If no optimum is known for the family or for these arguments.
    """
    return float(_module(family).optimal_return(family))


def _module(family: TaskFamily) -> Any:
    name = type(family).__module__.rpartition(".")[2]
    try:
        return importlib.import_module(f"{__name__}.{name}")
    except ModuleNotFoundError:
        raise ValueError(f"no optimum is known for {type(family).__name__}") from None
