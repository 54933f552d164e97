"""Where to look for a goal that may be anywhere: the best path through a room, trial by trial.

Before the goal is found every step brings the same reward, so that a policy is one path, the same
whatever the goal; from the moment it is found everything is known. What a path loses against
an informed agent is a sum over possible goals of a price that depends on the trial and
the step at which the path first enters the cell.

`best_path` looks for the path with the least sum by beam search: of all partial paths to the same
cell with the same goals left only the cheapest is kept, and if more than the beam's `width` are
left, those that a heuristic puts first. `least_price` is a bound from below on the sum of every
path. A path that costs no more, or a search that never had to drop one, is proof that there is no
better one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meta_envs.optimal.numerics.assignment import FORBIDDEN, cheapest_assignment
from meta_envs.tasks.grids.grid import NUM_ACTIONS, distances, next_cells

WIDTHS = (30, 300, 3_000)
"""Of the beam in a first search, and in the next ones while the path is not proved best."""
RAGGED = 4
"""Edges between goals left and the rest that count as much in the heuristic as one step lost."""


class Search(NamedTuple):
    """A search for a goal.

    Attributes:
        size: Cells a side.
        start: The cell that every trial starts in.
        num_trials: Trials in an episode.
        trial_length: Steps in a trial.
        once: Whether the goal pays once a trial, and not on every step.
        goals: The possible goals that can be reached in a trial, in increasing order.
    """

    size: int
    start: int
    num_trials: int
    trial_length: int
    once: bool
    goals: tuple[int, ...]

    @property
    def cells(self) -> NDArray[np.intp]:
        """The goals as an array."""
        return np.array(self.goals, np.intp)

    @property
    def least_steps(self) -> NDArray[np.intp]:
        """In how many steps each goal can be found; the start's own cell takes one."""
        return np.maximum(distances(self.size)[self.start, self.cells], 1)

    @property
    def step_price(self) -> int:
        """What a goal costs for each step of the trial that it is found in."""
        return int(not self.once)

    @property
    def trial_prices(self) -> NDArray[np.int64]:
        """What each goal costs for every trial that ends before it is found."""
        if self.once:
            return np.ones(len(self.goals), np.int64)
        return self.trial_length + 1 - self.least_steps


class Path(NamedTuple):
    """A path and its price.

    Attributes:
        actions: Shape (num_trials, trial_length).
        price: Summed over goals: `step_price` times the step it is found at, plus `trial_prices`
            for every trial before. A goal that is never found counts as found in its least
            steps after the last trial.
        bound: No path has a lower price; equal to `price` if this path is proved best.
    """

    actions: NDArray[np.intp]
    price: int
    bound: int


class Layer(NamedTuple):
    """The beam: partial paths of the same number of steps, one a row.

    Attributes:
        cells: Where each leads to.
        left: Which goals it has left, shape (paths, goals).
        keys: A number for each pair of cell and goals left.
        prices: Paid so far.
    """

    cells: NDArray[np.intp]
    left: NDArray[np.bool_]
    keys: NDArray[np.uint64]
    prices: NDArray[np.int64]


def best_path(search: Search) -> Path:
    """The cheapest path, or the cheapest that was found."""
    if not search.goals:  # Any path will do.
        return Path(np.zeros((search.num_trials, search.trial_length), np.intp), 0, 0)
    bound = least_price(search)
    path = _search(search, WIDTHS[0], bound)
    for width in WIDTHS[1:]:
        if path.price > path.bound:
            other = _search(search, width, bound)
            path = other if other.price <= path.price else path
    return path


def least_price(search: Search) -> int:
    """A price that no path can be below.

    Each step finds at most one goal, and none sooner than it can be reached, so that a path
    assigns every goal it finds to a step of its own. The start's own cell can be found in a
    trial's first step, by staying. The next step then leads to a neighbour, or nowhere new; so
    this is no cheaper than finding the neighbour first and the start's cell second at the price
    of a first step, and the first step need not be allowed for it.
    """
    goals, prices, least_steps = len(search.goals), search.trial_prices, search.least_steps
    taken = np.arange(1, search.trial_length + 1)[:, None]
    own = search.cells == search.start
    price = search.step_price * np.where(own & (taken == 2), 1, taken)
    reached = taken >= np.where(own, min(2, search.trial_length), least_steps)
    trials = np.arange(search.num_trials)[:, None, None]
    found = np.where(reached, trials * prices + price, FORBIDDEN)
    never = np.full((goals, goals), FORBIDDEN)
    np.fill_diagonal(never, search.num_trials * prices + search.step_price * least_steps)
    return cheapest_assignment(np.concatenate([*found, never]).T)


def _search(search: Search, width: int, bound: int) -> Path:
    """Beam search of at most `width` partial paths; `bound` is `least_price`."""
    goal_codes, cell_codes = _codes(search)
    layer = Layer(
        np.array([search.start]),
        np.ones((1, len(search.goals)), np.bool_),
        goal_codes.sum(keepdims=True) + cell_codes[[search.start]],
        np.zeros(1, np.int64),
    )
    history, complete = [], True
    for step in range(search.num_trials * search.trial_length):
        taken = step % search.trial_length + 1
        layer, rows = _next_layer(search, layer, taken, goal_codes, cell_codes)
        if len(rows) > width:
            complete = False
            kept = np.sort(np.argsort(_heuristic(search, layer, taken), kind="stable")[:width])
            layer = Layer(layer.cells[kept], layer.left[kept], layer.keys[kept], layer.prices[kept])
            rows = rows[kept]
        history.append(rows)
    total = layer.prices + search.step_price * (layer.left @ search.least_steps)
    row = int(total.argmin())
    price, actions = int(total[row]), []
    for rows in reversed(history):
        row, action = divmod(int(rows[row]), NUM_ACTIONS)
        actions.append(action)
    plan = np.array(actions[::-1]).reshape(search.num_trials, search.trial_length)
    return Path(plan, price, price if complete else bound)


def _next_layer(
    search: Search,
    layer: Layer,
    taken: int,
    goal_codes: NDArray[np.uint64],
    cell_codes: NDArray[np.uint64],
) -> tuple[Layer, NDArray[np.intp]]:
    """The beam after one more step, and for each path: parent * NUM_ACTIONS + action."""
    goal_at = np.full(search.size**2, -1)
    goal_at[search.cells] = np.arange(len(search.goals))
    parents = np.arange(len(layer.cells)).repeat(NUM_ACTIONS)
    cells = next_cells(search.size)[layer.cells].ravel()
    goals = goal_at[cells]
    new = (goals >= 0) & layer.left[parents, goals]
    prices = layer.prices[parents] + new * (search.step_price * taken)
    keys = layer.keys[parents] - cell_codes[layer.cells[parents]] + cell_codes[cells]
    keys -= np.where(new, goal_codes[goals], np.uint64(0))
    rows = _cheapest(keys, prices)
    cells, keys, prices, found = cells[rows], keys[rows], prices[rows], np.flatnonzero(new[rows])
    left = layer.left[parents[rows]]
    left[found, goals[rows][found]] = False
    if taken == search.trial_length:
        prices += left @ search.trial_prices
        keys += cell_codes[search.start] - cell_codes[cells]
        cells[:] = search.start
    return Layer(cells, left, keys, prices), rows


def _codes(search: Search) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Numbers for goals and cells whose sums tell apart goals left and cell.

    A bit a goal where they fit into 64 bits, so that the sums are all different; else random
    numbers, whose sums are almost surely.
    """
    goals, cells = len(search.goals), search.size**2
    if goals + cells.bit_length() <= 64:
        return (
            np.uint64(1) << np.arange(goals, dtype=np.uint64),
            np.arange(cells, dtype=np.uint64) << np.uint64(goals),
        )
    codes = np.random.default_rng(0).integers(0, 2**64, goals + cells, np.uint64)
    return codes[:goals], codes[goals:]


def _cheapest(keys: NDArray[np.uint64], prices: NDArray[np.int64]) -> NDArray[np.intp]:
    """The first of the cheapest rows of each key."""
    order = np.lexsort((prices, keys))
    first = np.ones(len(order), np.bool_)
    first[1:] = keys[order][1:] != keys[order][:-1]
    return np.sort(order[first])


def _heuristic(search: Search, layer: Layer, taken: int) -> NDArray[np.int64]:
    """What to keep a partial path by, the lowest first: a guess at its price in all.

    In the rest of the trial a goal is found no sooner than it can be reached, and one a step; a
    goal put off pays about a trial. A ragged border of the goals left costs steps later on.
    """
    taken %= search.trial_length
    far = distances(search.size)[layer.cells[:, None], search.cells]
    none = search.trial_length + 1
    # The start's own cell takes a step.
    at = np.where(layer.left, np.maximum(far, taken == 0), none).astype(np.int16)
    at.sort(axis=1)
    order = np.arange(1, at.shape[1] + 1, dtype=np.int16)
    steps = taken + order + np.maximum.accumulate(np.maximum(at - order, 0), axis=1)
    now = steps <= search.trial_length
    later = layer.left.sum(axis=1) - now.sum(axis=1)
    put_off = none if search.step_price else 1
    to_come = search.step_price * np.where(now, steps, 0).sum(axis=1) + put_off * later
    room = np.zeros((len(at), search.size**2), np.bool_)
    room[:, search.cells] = layer.left
    room = np.pad(room.reshape(-1, search.size, search.size), ((0, 0), (1, 1), (1, 1)))
    edges = sum((room != np.roll(room, 1, axis)).sum(axis=(1, 2)) for axis in (1, 2))
    return np.asarray(RAGGED * (layer.prices + to_come) + edges)
