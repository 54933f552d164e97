"""What becomes of episodes that have ended, and what a step's info tells of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from meta_envs.core.checks import shown
from meta_envs.core.family import TaskFamily
from meta_envs.core.observation import MetaObservationWriter


def check_autoreset_mode(mode: Any) -> AutoresetMode:
    """Returns the mode that is meant.

    Raises:
        ValueError: If it is none, nor the value of one.
    """
    try:
        return AutoresetMode(mode)
    except ValueError:
        words = ", ".join(repr(known.value) for known in AutoresetMode)
        raise ValueError(
            f"autoreset_mode must be an AutoresetMode or one of {words}, got {shown(mode)}"
        ) from None


def find_autoreset_mode(env: gym.vector.VectorEnv[Any, Any, Any]) -> AutoresetMode | None:
    """The autoreset mode of anybody's vector environment; None where it does not tell."""
    inner: Any = env
    while isinstance(inner, gym.vector.VectorWrapper) and "autoreset_mode" not in vars(inner):
        inner = inner.env
    # The attribute first: Gymnasium 1.1 shares the metadata among all environments of a class.
    mode = getattr(inner, "autoreset_mode", None) or inner.metadata.get("autoreset_mode")
    return mode if isinstance(mode, AutoresetMode) else None


@contextmanager
def kept(family: TaskFamily, envs: NDArray[np.intp]) -> Iterator[None]:
    """Leaves some episodes as they are, while a step is taken in all."""
    rows = {name: getattr(family, name)[envs] for name in family.episode_arrays}
    yield
    for name, row in rows.items():
        getattr(family, name)[envs] = row


def step_info(
    family: TaskFamily,
    regret: NDArray[np.float64],
    trial: NDArray[np.int64],
    where: NDArray[np.bool_],
) -> dict[str, Any]:
    """The info of a step in the episodes that the mask `where` picks out: all of them."""
    if not family.has_regret:
        return {"trial": trial, "_trial": where}
    return {"trial": trial, "_trial": where, "regret": regret, "_regret": where.copy()}


def partial_info(
    family: TaskFamily,
    regret: NDArray[np.float64],
    trial: NDArray[np.int64],
    where: NDArray[np.bool_],
) -> dict[str, Any]:
    """As `step_info`, where the mask may leave some out; nothing where it leaves out all.

    As SyncVectorEnv does, each array is zero where its mask is false.
    """
    return step_info(family, regret * where, trial * where, where) if where.any() else {}


def final_info(
    seen: MetaObservationWriter,
    regret: NDArray[np.float64],
    trial: NDArray[np.int64],
    terminated: NDArray[np.bool_],
) -> dict[str, Any]:
    """What SAME_STEP tells of the episodes that have ended, before new ones start there."""
    final_obs = np.full(len(terminated), None, dtype=object)
    for env in terminated.nonzero()[0].tolist():
        final_obs[env] = seen.one(env)
    return {
        "final_obs": final_obs,
        "_final_obs": terminated.copy(),
        "final_info": partial_info(seen.family, regret, trial, terminated.copy()),
        "_final_info": terminated.copy(),
    }
