"""The best possible policies and their values, in the same rooms as the tasks.

A family names the module of its optimum in `TaskFamily.optimum`. The module has

- a class `OptimalPolicy(family, meta_observation)`, a `meta_envs.policies.Policy`: the best
  possible policy, or the reference policy where it is only the best known;
- a function `optimal_return(family)`: the mean return of that policy over the distribution of
  tasks;
- where the policy is not proved best, a function `optimal_bound(family)`: a mean return that no
  policy can exceed;
- where it is known, a function `informed_return(family)`: the mean return of an informed agent,
  one that is told the task;
- where the policy is proved best and what an agent has seen follows from its actions and rewards,
  a function `optimality_gaps(family, actions, rewards)`: what each step of some episodes has lost
  against the best one, V*(belief) - Q*(belief, action), all of shape (episodes, steps). Over an
  episode they sum up, on average, to what the agent's mean return lacks of the optimal one.

All may raise ValueError where they do not hold for a family's arguments.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from meta_envs.core import MetaObservationWriter, TaskFamily
from meta_envs.policies import Policy

__all__ = [
    "has_optimum",
    "informed_return",
    "optimal_bound",
    "optimal_policy",
    "optimal_return",
    "optimality_gaps",
]

WHAT = {"informed_return": "informed return", "optimality_gaps": "optimality gap"}
"""What a module may lack though it has an optimum, as messages call it."""


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


def optimality_gaps(
    family: TaskFamily, actions: ArrayLike, rewards: ArrayLike
) -> NDArray[np.float64]:
    """How much less than the best action, for what was known, each action was worth.

    That is V*(belief) - Q*(belief, action), with the values of the Bayes-optimal policy at the
    agent's own beliefs. Summed over an episode its mean is the optimal return minus the agent's
    mean return, and free of the luck of tasks and rewards, which makes returns differ.

    Args:
        family: Whose episodes were played.
        actions: Of each episode from its start, shape (episodes, steps).
        rewards: What they paid, same shape.

    Returns:
        The gap of each step, same shape, none below 0. What it is past an episode's end means
        nothing.

    Raises:
        ValueError: If it is not known for the family or for these arguments, or if actions and
            rewards are not those of episodes of the family.
    """
    find = _part(family, "optimality_gaps")
    done, paid = np.asarray(actions), np.asarray(rewards, np.float64)
    longest = family.episode_length
    if done.ndim != 2 or paid.shape != done.shape or done.shape[1] > longest:
        raise ValueError(
            "actions and rewards must be of one shape (episodes, steps), with at most "
            f"{longest} steps, got {done.shape} and {paid.shape}"
        )
    if done.dtype.kind not in "iu" or not np.isin(done, np.arange(family.num_actions)).all():
        raise ValueError(f"actions must be whole numbers in 0..{family.num_actions - 1}")
    gaps: NDArray[np.float64] = find(family, done, paid)
    return gaps


def _find(family: TaskFamily, name: str) -> Any:
    """What the family's optimum has under a name; None if there is no such."""
    module = None if family.optimum is None else importlib.import_module(family.optimum)
    return getattr(module, name, None)


def _part(family: TaskFamily, name: str) -> Any:
    found = _find(family, name)
    if found is None:
        raise ValueError(f"no {WHAT.get(name, 'optimum')} is known for {type(family).__name__}")
    return found
