"""Fixed points of a memory cell: where it stays while the same thing happens again and again.

Sussillo and Barak 2013, "Opening the black box: low-dimensional dynamics in high-dimensional
recurrent neural networks", Neural Computation 25:626. With inputs u held fixed the cell's state
follows x <- F(x, u). Where its speed q = |F(x, u) - x|^2 / 2 is 0 it stays; where q has a minimum
above 0 it is slow. The eigenvalues of the Jacobian dF/dx there say what happens to a small
difference: one of modulus near 1 is kept, that is, remembered; one near 0 is gone in a step.

The state is all that the cell carries from step to step: of an LSTM hidden and cell side by side.
The inputs may be of several steps, such as those of a whole trial; then F takes them all, and
eigenvalues and time constants are in trials.
"""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.common.errors import InputError
from baselines.evaluation.replay import by_episode, replayed_steps
from baselines.evaluation.result import Evaluation
from baselines.inside.plain_cell import plain_cell

TOLERANCE = 1e-12
"""Of q: at a fixed point the state moves by less than 1.5e-6 a step."""
SAME = 1e-3
"""Points that differ by less in every number are one."""
SLOW = 0.1
"""Of the usual speed of the states that the search starts from: what is faster is no point."""
STEPS = 60
"""Of the search: a fixed point is found within 20, or it is far off along a slow direction."""
DONE = 1e-24
"""Of q: no nearer can be told."""


class Visits(NamedTuple):
    """What a network saw and was in, in some episodes.

    Attributes:
        inputs: Observations as the cell gets them, shape (episodes, steps, size).
        states: After each of them, at the moment of the choice, shape (episodes, steps, n).
    """

    inputs: NDArray[np.float64]
    states: NDArray[np.float64]


class FixedPoints(NamedTuple):
    """Where a cell stays, or is slow, while its inputs are held fixed.

    Attributes:
        states: Shape (points, n).
        speeds: q, shape (points,). Below `TOLERANCE` a point is fixed, else slow.
        jacobians: dF/dx there, shape (points, n, n).
        eigenvalues: Of the Jacobians, the largest modulus first, shape (points, n), complex.
        logits: What the policy would choose by there, shape (points, num_actions).
        values: Of the critic there, shape (points,).
        starts: How many searches ended there, shape (points,). All others ended where the state
            moves. The point nearest by is not always the one that the dynamics would lead to.
        distances: To the nearest of the states that the search started from, in root mean
            squares of the distance of those from their mean, shape (points,): a point that is far
            beyond 1 has no part in what the agent does.
    """

    states: NDArray[np.float64]
    speeds: NDArray[np.float64]
    jacobians: NDArray[np.float64]
    eigenvalues: NDArray[np.complex128]
    logits: NDArray[np.float64]
    values: NDArray[np.float64]
    starts: NDArray[np.int64]
    distances: NDArray[np.float64]

    @property
    def fixed(self) -> NDArray[np.bool_]:
        """Which are fixed, and not only slow, shape (points,)."""
        return self.speeds < TOLERANCE

    @property
    def stable(self) -> NDArray[np.bool_]:
        """Where all small differences die out, shape (points,)."""
        return np.abs(self.eigenvalues[:, 0]) < 1

    @property
    def time_constants(self) -> NDArray[np.float64]:
        """Of the eigenvalues, shape (points, n); see the function of this name."""
        return time_constants(self.eigenvalues)


def visit(policy: Any, evaluation: Evaluation) -> Visits:
    """Shows a network the observations of some episodes, whoever has played them.

    Args:
        policy: With a cell that `plain_cell` takes.
        evaluation: The episodes.

    Raises:
        InputError: If the network cannot be taken apart, or sees images.
    """
    cell = _cell(policy)
    inputs: list[list[NDArray[np.float64]]] = []
    states: list[list[NDArray[np.float64]]] = []
    state = torch.zeros(0)
    for step in replayed_steps(evaluation):
        if step.starts:
            inputs.append([])
            states.append([])
            state = policy.network.initial.detach().double().flatten()
            state = state.repeat(len(step.rewards), 1)
        seen = policy.encoder.encode(step.observation, len(step.rewards)).astype(np.float64)
        with torch.no_grad():
            state = _advance(cell, torch.from_numpy(seen), state)
        inputs[-1].append(seen)
        states[-1].append(state.numpy())
    return Visits(by_episode(evaluation, inputs), by_episode(evaluation, states))


def fixed_points(
    policy: Any, inputs: NDArray[np.floating], starts: NDArray[np.floating]
) -> FixedPoints:
    """Searches for fixed and slow points, from many states at once.

    Levenberg and Marquardt's method on F(x, u) - x, in double precision: Newton's where it can
    be, and downhill in q where the Jacobian is near singular, as along a line of slow points.

    Args:
        policy: With a cell that `plain_cell` takes.
        inputs: Held fixed, shape (size,), or (steps, size) for several steps in a row; as
            `visit` gives them.
        starts: States to start from, shape (starts, n), such as some of those visited.

    Returns:
        Points by speed, the slowest first. Those that are not fixed move less than `SLOW` times
        as far as the median of the starts does; there may be no point at all.

    Raises:
        InputError: If the network cannot be taken apart, or the shapes are not its own.
    """
    cell = _cell(policy)
    u, begin = _checked(cell, inputs, starts, "starts")
    usual = _speeds(cell, u, begin).median()
    found = _search(cell, u, begin)
    speeds, order = _speeds(cell, u, found).sort()
    slow = speeds < (SLOW**2 * usual).clamp(min=TOLERANCE)
    kept, counts = _unique(found[order[slow]].numpy())
    states = torch.from_numpy(kept)
    jacobians = _linearised(cell, u, states)[1]
    heads = copy.deepcopy(policy.network.heads).double()
    with torch.no_grad():
        read = heads(states[:, : cell.hidden_size]).numpy()
    scale = (begin - begin.mean(dim=0)).square().sum(dim=1).mean().sqrt()
    nearest = torch.cdist(states, begin).amin(dim=1) / scale.clamp(min=1e-12)
    return FixedPoints(
        kept,
        _speeds(cell, u, states).numpy(),
        jacobians.numpy(),
        _eigenvalues(jacobians),
        read[:, :-1],
        read[:, -1],
        counts,
        nearest.numpy(),
    )


def eigenvalues_at(
    policy: Any, inputs: NDArray[np.floating], states: NDArray[np.floating]
) -> NDArray[np.complex128]:
    """Eigenvalues of dF/dx at any states, such as those visited where there is no fixed point.

    Args:
        policy: With a cell that `plain_cell` takes.
        inputs: Held fixed, as for `fixed_points`.
        states: Shape (states, n).

    Returns:
        Shape (states, n), the largest modulus first.

    Raises:
        InputError: If the network cannot be taken apart, or the shapes are not its own.
    """
    cell = _cell(policy)
    return _eigenvalues(_linearised(cell, *_checked(cell, inputs, states, "states"))[1])


def time_constants(eigenvalues: NDArray[np.complexfloating]) -> NDArray[np.float64]:
    """Applications of F after which a difference is 1 / e of what it was.

    Of any shape, by eigenvalue; inf where it does not die out.
    """
    modulus = np.abs(eigenvalues)
    with np.errstate(divide="ignore"):
        return np.where(modulus < 1, -1 / np.log(np.minimum(modulus, 1)), np.inf)


def _checked(
    cell: Any, inputs: NDArray[np.floating], states: NDArray[np.floating], name: str
) -> tuple[Tensor, Tensor]:
    """The inputs, shape (steps, size), and the states, shape (states, n), if they are a cell's."""
    u = torch.from_numpy(np.atleast_2d(np.asarray(inputs, np.float64)))
    x = torch.from_numpy(np.asarray(states, np.float64))
    size = len(cell.state_names) * cell.state_size
    if u.ndim != 2 or u.shape[1] != cell.input_size:
        raise InputError(
            f"`inputs` must be of shape ({cell.input_size},) or (steps, {cell.input_size}), got "
            f"{np.shape(inputs)}"
        )
    if x.ndim != 2 or x.shape[1] != size or not len(x):
        raise InputError(f"`{name}` must be of shape ({name}, {size}), got {tuple(x.shape)}")
    return u, x


def _eigenvalues(jacobians: Tensor) -> NDArray[np.complex128]:
    """Of each, the largest modulus first."""
    values = torch.linalg.eigvals(jacobians).numpy()
    order = np.argsort(-np.abs(values), axis=1)
    ordered: NDArray[np.complex128] = np.take_along_axis(values, order, axis=1)
    return ordered


def _cell(policy: Any) -> Any:
    """A copy of the policy's cell in double precision."""
    cell = plain_cell(policy)
    if policy.encoder.image_shape is not None:
        raise InputError("fixed points are searched where observations are numbers, not images")
    return copy.deepcopy(cell).double()


def _apply(cell: Any, u: Tensor, x: Tensor) -> Tensor:
    """F(x, u): the state after the same inputs for all, (steps, size), from states (batch, n)."""
    for one in u:
        x = _advance(cell, one.expand(len(x), -1), x)
    return x


def _advance(cell: Any, inputs: Tensor, x: Tensor) -> Tensor:
    """The state after one step, shape (batch, n)."""
    parts = tuple(part[None].contiguous() for part in x.chunk(len(cell.state_names), dim=1))
    _, after = cell(inputs[None], parts)
    return torch.cat([part[0] for part in after], dim=1)


@torch.no_grad()
def _speeds(cell: Any, u: Tensor, x: Tensor) -> Tensor:
    """The q of states, shape (batch,)."""
    return (_apply(cell, u, x) - x).square().sum(dim=1) / 2


def _linearised(cell: Any, u: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """F(x, u), shape (batch, n), and its Jacobians, shape (batch, n, n)."""
    x = x.detach().clone().requires_grad_()
    moved = _apply(cell, u, x)
    # A sum over the batch, in which nobody depends on another: one row of all Jacobians at a time.
    rows = [
        torch.autograd.grad(column, x, retain_graph=True)[0] for column in moved.sum(dim=0).unbind()
    ]
    return moved.detach(), torch.stack(rows, dim=1)


def _search(cell: Any, u: Tensor, begin: Tensor) -> Tensor:
    """Goes downhill in q from each of `begin`, each with a damping of its own."""
    x = begin.clone()
    damping = torch.full((len(x),), 1e-2, dtype=x.dtype)
    going = torch.arange(len(x))
    identity = torch.eye(x.shape[1], dtype=x.dtype)
    for _ in range(STEPS):
        here = x[going]
        moved, jacobians = _linearised(cell, u, here)
        error, slope = moved - here, jacobians - identity
        q = error.square().sum(dim=1) / 2
        matrix = slope.mT @ slope + damping[going, None, None] * identity
        downhill = slope.mT @ error[..., None]
        there = here - torch.linalg.solve(matrix, downhill)[..., 0]
        after = _speeds(cell, u, there)
        better = after < q
        x[going[better]] = there[better]
        damping[going] = torch.where(
            better, (damping[going] / 4).clamp(min=1e-14), damping[going] * 8
        )
        # Where no step however short leads down, that is a minimum.
        going = going[(torch.minimum(after, q) > DONE) & (damping[going] < 1e4)]
        if not len(going):
            break
    return x


def _unique(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The first of all points that are the same, and how many there are of each."""
    kept: list[NDArray[np.float64]] = []
    counts: list[int] = []
    for point in points:
        near = np.abs(np.array(kept) - point).max(axis=1) if kept else np.array([np.inf])
        if near.min() < SAME:
            counts[int(near.argmin())] += 1
        else:
            kept.append(point)
            counts.append(1)
    return np.array(kept).reshape(-1, points.shape[1]), np.array(counts, np.int64)
