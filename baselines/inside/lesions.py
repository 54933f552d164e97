"""Lesions: what an agent loses without one unit, or without one direction of its activity.

A lesion takes what lies along some directions out of the cell's output h, for all that read it:
the policy, the value, and the recurrent weights. With orthonormal directions V (rows) and what is
put in their place, m, they read

    h' = P h + c,   P = I - V^T V,   c = V^T V m.

Since all readers are linear that is a change of weights, W h' = (W P) h + W c, and is exact: the
policy that `lesioned` returns is an ordinary one and runs as fast.

What that means for each cell. An LSTM's and an RNN's output acts on nothing but its readers. A
GRU's unit also keeps a share of its own output, which no weight reads: a lesioned unit goes on by
itself, but nobody sees it, so all others do what they would if it were held at m. Of a direction
over several units that is not so: the units keep it, each with a gate of its own, and what the
gates make of it may turn into other directions, which are read. So a GRU can lose less by the
lesion of a direction.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from baselines.common.errors import InputError
from baselines.evaluation.episodes import Episode
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.result import Evaluation
from baselines.inside.plain_cell import plain_cell


class Lesion(NamedTuple):
    """What is taken out.

    Attributes:
        directions: Orthonormal, shape (directions, units).
        replacement: The activity that is put in their place, shape (units,); of no account
            across them.
    """

    directions: NDArray[np.float64]
    replacement: NDArray[np.float64]


class Effects(NamedTuple):
    """What lesions change, beside the whole network in the same episodes.

    Positive is worse. Arrays have shape (lesions,).

    Attributes:
        names: Of the lesions.
        whole: The evaluation without a lesion.
        costs: Mean return that each costs, or mean regret that it adds where the environment
            reports regret.
        errors: Standard errors of the costs, from the differences episode by episode.
        gaps: Mean optimality gap that each adds; nan where it is not known.
        gap_errors: Their standard errors.
    """

    names: tuple[str, ...]
    whole: Evaluation
    costs: NDArray[np.float64]
    errors: NDArray[np.float64]
    gaps: NDArray[np.float64]
    gap_errors: NDArray[np.float64]


def unit_lesions(activity: NDArray[np.floating] | None, units: int) -> dict[str, Lesion]:
    """One for each unit, by the name "unit 0".

    Args:
        activity: Of which each unit is held at its mean, shape (..., units); None to silence
            units, to an output of 0.
        units: How many there are.
    """
    mean = np.zeros(units) if activity is None else _mean(activity)
    return {f"unit {unit}": Lesion(np.eye(units)[[unit]], mean) for unit in range(units)}


def direction_lesions(
    activity: NDArray[np.floating], directions: NDArray[np.floating], name: str = "component"
) -> dict[str, Lesion]:
    """One for each direction, by the name "component 1", held at its mean.

    Args:
        activity: Shape (..., units).
        directions: Of unit length, shape (directions, units), such as principal components.
        name: What one is called.
    """
    rows = np.asarray(directions, np.float64)
    return {f"{name} {i + 1}": Lesion(row[None], _mean(activity)) for i, row in enumerate(rows)}


def _mean(activity: NDArray[np.floating]) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = activity.reshape(-1, activity.shape[-1]).mean(0, dtype=np.float64)
    return mean


@torch.no_grad()
def lesioned(policy: Any, lesion: Lesion) -> Any:
    """A copy of a policy in which nobody reads what lies along a lesion's directions.

    Args:
        policy: With a cell that `plain_cell` takes.
        lesion: What is taken out.

    Raises:
        InputError: If the network cannot be taken apart, or the lesion is not of its units.
    """
    units = plain_cell(policy).hidden_size
    shapes = lesion.directions.shape, lesion.replacement.shape
    if shapes != ((len(lesion.directions), units), (units,)):
        raise InputError(
            f"a lesion of {units} units has directions of shape (n, {units}) and a replacement of "
            f"shape ({units},), got {shapes[0]} and {shapes[1]}"
        )
    rows = np.asarray(lesion.directions, np.float64)
    if not np.allclose(rows @ rows.T, np.eye(len(rows)), atol=1e-6):
        raise InputError("a lesion's directions must be of length 1 and at right angles")
    taken = torch.from_numpy(rows.T @ rows)
    put = taken @ torch.from_numpy(np.asarray(lesion.replacement, np.float64))
    changed = copy.deepcopy(policy)
    cell, heads = changed.network.cell, changed.network.heads
    recurrent = cell.get_parameter("weight_hh_l0"), cell.get_parameter("bias_hh_l0")
    for weight, bias in (recurrent, (heads.weight, heads.bias)):
        whole = weight.double()
        bias.add_(whole @ put)
        weight.copy_(whole - whole @ taken)
    return changed


def lesion_effects(
    policy: Any,
    env_id: str,
    lesions: Mapping[str, Lesion],
    episodes: int | Sequence[Episode] = 1_000,
    seed: int = 0,
    env_kwargs: Mapping[str, Any] | None = None,
) -> Effects:
    """Plays the same episodes with each lesion, and without.

    Tasks, noise and the noise of the policy's sampling are the same in all.

    Args:
        policy: With a cell that `plain_cell` takes.
        env_id: The environment.
        lesions: By name.
        episodes: How many, or the very ones to play.
        seed: Tasks, noise and sampling follow from it.
        env_kwargs: Arguments for the environment.

    Raises:
        InputError: If the network cannot be taken apart, or an argument cannot be used.
    """
    if not lesions:
        raise InputError("there must be at least one lesion")
    whole = evaluate(policy, env_id, episodes, seed, env_kwargs)
    rows = []
    for lesion in lesions.values():
        without = evaluate(lesioned(policy, lesion), env_id, episodes, seed, env_kwargs)
        rows.append((*_difference(*_costs(whole, without)), *_difference(*_gaps(whole, without))))
    return Effects(tuple(lesions), whole, *np.array(rows).T)


Pair = tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]


def _costs(whole: Evaluation, without: Evaluation) -> Pair:
    if whole.regrets is None:
        return -whole.returns, -without.returns
    return whole.regrets, without.regrets


def _gaps(whole: Evaluation, without: Evaluation) -> Pair:
    return whole.optimality_gaps, without.optimality_gaps


def _difference(
    whole: NDArray[np.float64] | None, without: NDArray[np.float64] | None
) -> tuple[float, float]:
    """The mean difference of episodes and its standard error; nan where there is none."""
    if whole is None or without is None:
        return float("nan"), float("nan")
    difference = without - whole
    error = difference.std(ddof=1) / len(difference) ** 0.5 if len(difference) > 1 else np.nan
    return float(difference.mean()), float(error)
