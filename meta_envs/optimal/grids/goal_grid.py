"""The search for one hidden goal: the best path found, and how good a path can be.

While the goal is not found every step pays the same, so that a policy follows a path that does
not depend on the goal (`search_path`). From then on it goes straight there in every trial. The
return of this policy is exact, a sum over all possible goals. Whether a better path exists is
another matter: `optimal_bound` is a return that no policy can exceed, and where it equals
`optimal_return`, as for `MetaGridworld-v0` and `MetaDarkRoomHard-v0`, the path is proved best.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from meta_envs.core import MetaObservationWriter
from meta_envs.optimal.grids.paths import first_moves
from meta_envs.optimal.grids.search_path import WIDTHS, Path, Search, best_path
from meta_envs.optimal.numerics.cache import Arrays, cached
from meta_envs.optimal.numerics.limits import check_size
from meta_envs.policies import Belief, Memory, StatePolicy, equally_likely
from meta_envs.tasks.grids.goal_grid import GoalGrid
from meta_envs.tasks.grids.grid import NUM_ACTIONS, distances, next_cells

STEP, GOAL, POSSIBLE = 1, 2, 3
"""Columns of the memory: steps taken; the goal's cell or `UNKNOWN`; and the first of those that say
of every cell whether the goal may be there, as it may if it has not been entered in vain."""
UNKNOWN = -1


class OptimalPolicy(StatePolicy):
    """Follows the best path known until the goal pays, and goes straight to it from then on.

    Where the path is not proved best, this is a reference policy.

    Memory: cell, steps taken, the goal's cell or -1, then 1 for every cell that may be the goal and
    0 for the others, shape (num_envs, 3 + cells).
    """

    def __init__(self, family: GoalGrid, meta_observation: MetaObservationWriter) -> None:
        super().__init__(meta_observation)
        self.plan = solve(family).actions.ravel()
        self.next_cells = next_cells(family.size)
        self.first_moves = first_moves(family.size)
        possible = np.isin(np.arange(family.size**2), family.possible_goals)
        self.first_memory = np.concatenate([(0.0, 0.0, UNKNOWN), possible])

    def initial_memory(self, num_envs: int) -> Memory:
        return np.tile(self.first_memory, (num_envs, 1))

    def update(
        self,
        memory: Memory,
        states: NDArray[np.intp],
        actions: NDArray[np.intp],
        rewards: NDArray[np.float64],
        next_states: NDArray[np.intp],
    ) -> None:
        memory[:, STEP] += 1
        # Not the next state, which is the next trial's start where a trial ends.
        cells, paid = self.next_cells[states, actions], rewards == 1
        memory[:, GOAL] = np.where(paid, cells, memory[:, GOAL])
        memory[paid, POSSIBLE:] = 0
        # Where the goal pays only once a trial, it may be entered again for nothing.
        memory[np.arange(len(memory)), POSSIBLE + cells] = memory[:, GOAL] == cells

    def act(self, memory: Memory) -> NDArray[np.intp]:
        cells, steps, goals = memory[:, :POSSIBLE].astype(np.intp).T
        # The step after an episode's last one is asked for too, and does not matter.
        planned = self.plan[np.minimum(steps, len(self.plan) - 1)]
        return np.where(goals == UNKNOWN, planned, self.first_moves[cells, goals])

    def belief(self, memory: Memory) -> Belief:
        """Where the goal is.

        Returns:
            "goal": the probability of every cell, (num_envs, cells): as high for each that may be
            it, and 1 once it is found.
        """
        return {"goal": equally_likely(memory[:, POSSIBLE:])}


def optimal_return(family: GoalGrid) -> float:
    """The exact mean return of `OptimalPolicy`."""
    return _return_at(family, solve(family).price)


def optimal_bound(family: GoalGrid) -> float:
    """A mean return that no policy can exceed; equal to `optimal_return` where that is proved."""
    return _return_at(family, solve(family).bound)


def informed_return(family: GoalGrid) -> float:
    """The exact mean return of an informed agent: it knows the goal."""
    far = distances(family.size)[family.start, family.possible_goals]
    return family.num_trials * float(family.trial_values[0, family.trial_length, far].mean())


def _return_at(family: GoalGrid, price: int) -> float:
    search = make_search(family)
    lost = price - search.step_price * int(search.least_steps.sum())
    gain = 1.0 - family.step_reward
    return informed_return(family) - gain * lost / len(family.possible_goals)


def solve(family: GoalGrid) -> Path:
    """The best path known for a family."""
    goals, steps = len(family.possible_goals), family.episode_length
    rows = goals + steps
    numbers = NUM_ACTIONS * sum(WIDTHS) * goals * steps + goals**2 * rows
    name = "size" if goals > steps else "num_trials"
    check_size(name, getattr(family, name), numbers=numbers, memory=24 * goals * rows)
    return solve_search(make_search(family))


def make_search(family: GoalGrid) -> Search:
    """The search that a family sets; its prices are in units of 1 - `step_reward`."""
    goals = family.possible_goals
    reachable = distances(family.size)[family.start, goals] <= family.trial_length
    return Search(
        size=family.size,
        start=family.start,
        num_trials=family.num_trials,
        trial_length=family.trial_length,
        once=family.once,
        goals=tuple(goals[reachable].tolist()),
    )


@lru_cache(maxsize=8)
def solve_search(search: Search) -> Path:
    """The best path known, from disk if it was searched for before."""

    def compute() -> Arrays:
        path = best_path(search)
        return {"actions": path.actions, "prices": np.array([path.price, path.bound])}

    arrays = cached(
        f"search_path_{hashlib.sha256(repr(search).encode()).hexdigest()[:32]}_v1",
        {"actions": (search.num_trials, search.trial_length), "prices": (2,)},
        compute,
    )
    return Path(arrays["actions"], *arrays["prices"].tolist())
