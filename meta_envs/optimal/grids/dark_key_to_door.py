"""The search for a key and then a door: a policy close to the best, and how good one can be.

The best policy is not known. `OptimalPolicy`, a reference policy, sweeps the room along a
Hamiltonian cycle, so that nearly every step of a search enters a cell not searched before. Its
return, `optimal_return`, is an estimate from `EPISODES` simulated episodes, always the same ones;
`optimal_bound` is exact, and no policy can exceed it. With the default arguments the two are within
1 % of each other. In tiny rooms the cycle's detours weigh more: with 3 x 3 cells the policy has
92 to 98 % of the exact optimum.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from meta_envs.core import MetaObservationWriter, MetaVectorEnv
from meta_envs.optimal.grids.paths import first_moves, hamiltonian_cycle
from meta_envs.optimal.numerics.assignment import cheapest_assignment
from meta_envs.optimal.numerics.cache import cached
from meta_envs.optimal.numerics.limits import check_size
from meta_envs.policies import Belief, Memory, StatePolicy, equally_likely
from meta_envs.tasks.grids.dark_key_to_door import DOOR, KEY, DarkKeyToDoor
from meta_envs.tasks.grids.grid import distances, next_cells

EPISODES, BATCH = 40_000, 1_000
"""Simulated episodes, and how many of them side by side."""
SCALE = 10**6
"""Expected rewards are rounded up to whole numbers of this part of 1."""

STEP, HELD = 1, 2
"""Columns of the memory: steps taken, and targets found in this trial."""
PLACE = 3
"""Column of the key's cell, and after it that of the door's; `UNKNOWN` until found."""
SEARCHED = 5
"""First column of the cells where the key cannot be; those of the door come after them."""
UNKNOWN = -1


class OptimalPolicy(StatePolicy):
    """Searches for the key, then the door, along a cycle; goes straight to what it has found.

    A search goes to the next cell of the cycle that may hide its target, in either direction,
    and where there is none, to the nearest cell at an end of what is left of the cycle. A
    reference policy: the best one known, not proved best.

    Memory: cell, steps taken, targets found in this trial, the cells of key and door or -1, and
    for each of the two and every cell whether it cannot be there,
    shape (num_envs, 5 + 2 * cells).
    """

    def __init__(self, family: DarkKeyToDoor, meta_observation: MetaObservationWriter) -> None:
        super().__init__(meta_observation)
        self.num_cells = family.num_cells
        self.trial_length = family.trial_length
        self.next_cells = next_cells(family.size)
        self.distances = distances(family.size)
        self.first_moves = first_moves(family.size)
        self.cycle = hamiltonian_cycle(family.size)

    def initial_memory(self, num_envs: int) -> Memory:
        memory = np.zeros((num_envs, SEARCHED + 2 * self.num_cells))
        memory[:, PLACE:SEARCHED] = UNKNOWN
        return memory

    def update(
        self,
        memory: Memory,
        states: NDArray[np.intp],
        actions: NDArray[np.intp],
        rewards: NDArray[np.float64],
        next_states: NDArray[np.intp],
    ) -> None:
        cells, rows = self.next_cells[states, actions], np.arange(len(memory))
        for target in (KEY, DOOR):
            # Both at once pay 2.
            searching = memory[:, HELD] == target
            hit = searching & (rewards > 0)
            memory[hit, PLACE + target] = cells[hit]
            memory[hit, HELD] += 1
            rewards = rewards - hit
            column = SEARCHED + target * self.num_cells + cells
            memory[rows[searching & ~hit], column[searching & ~hit]] = 1
        memory[:, STEP] += 1
        memory[memory[:, STEP] % self.trial_length == 0, HELD] = 0

    def act(self, memory: Memory) -> NDArray[np.intp]:
        rows, cells = np.arange(len(memory)), memory[:, 0].astype(np.intp)
        # With both in hand nothing is left to do, and the door is as good a place as any.
        target = np.minimum(memory[:, HELD], DOOR).astype(np.intp)
        places = memory[rows, PLACE + target].astype(np.intp)
        maps = memory[:, SEARCHED:].reshape(len(memory), 2, self.num_cells)
        left = maps[rows, target] == 0
        goals = np.where(places == UNKNOWN, self._next_search(cells, left), places)
        return self.first_moves[cells, goals]

    def belief(self, memory: Memory) -> Belief:
        """Where key and door are.

        Returns:
            "key" and "door": the probability of every cell, each (num_envs, cells): as high for
            each that may be it, and 1 once it is found.
            "holds key": 1 with the key in hand or the door open in this trial, (num_envs, 1).
        """
        maps = memory[:, SEARCHED:].reshape(len(memory), 2, self.num_cells)
        places = memory[:, PLACE:SEARCHED, None]
        here = places == np.arange(self.num_cells)
        shares = equally_likely(np.where(places == UNKNOWN, maps == 0, here))
        holds = (memory[:, [HELD]] > KEY).astype(np.float64)
        return {"key": shares[:, KEY], "door": shares[:, DOOR], "holds key": holds}

    def _next_search(self, cells: NDArray[np.intp], left: NDArray[np.bool_]) -> NDArray[np.intp]:
        """The cell to search next from `cells`, of those `left`, shape (num_envs, cells)."""
        rows = np.arange(len(cells))
        inside = left[:, self.cycle[1]] & left[:, self.cycle[2]]
        far = np.where(left & ~inside, self.distances[cells], self.num_cells)
        goals = far.argmin(axis=1)
        for neighbours in self.cycle[::-1]:
            goals = np.where(left[rows, neighbours[cells]], neighbours[cells], goals)
        return np.where(left[rows, cells], cells, goals)


def optimal_return(family: DarkKeyToDoor) -> float:
    """The mean return of `OptimalPolicy`, estimated; the standard error is about 0.006.

    Where the policy is as good as the bound, an estimate would exceed it every other time: it is
    no more than the bound.
    """
    _check_size(family, 2 * EPISODES * family.num_cells * family.episode_length)
    # First, as it is quick to say that it cannot be computed.
    bound = optimal_bound(family)
    return min(_simulated(family.size, family.num_trials, family.trial_length), bound)


def _check_size(family: DarkKeyToDoor, numbers: int, memory: int = 0) -> None:
    name = "size" if family.num_cells > family.episode_length else "num_trials"
    check_size(name, getattr(family, name), numbers=numbers, memory=memory)


@lru_cache(maxsize=8)
def _simulated(size: int, num_trials: int, trial_length: int) -> float:
    arrays = cached(
        f"key_to_door_{size}_{num_trials}_{trial_length}_v1",
        {"return": ()},
        lambda: {"return": np.array(_simulate(size, num_trials, trial_length))},
    )
    return float(arrays["return"])


def _simulate(size: int, num_trials: int, trial_length: int) -> float:
    envs = MetaVectorEnv(
        DarkKeyToDoor, BATCH, size=size, num_trials=num_trials, trial_length=trial_length
    )
    policy = OptimalPolicy(envs.family, envs.meta_observation)  # type: ignore[arg-type]
    total = 0.0
    for batch in range(EPISODES // BATCH):
        observation, _ = envs.reset(seed=batch * BATCH)
        started, state = np.ones(BATCH, np.bool_), None
        for _ in range(envs.family.episode_length):
            action, state = policy.predict(observation, state, started)
            observation, reward, started, _, _ = envs.step(action)
            total += float(reward.sum())
    return total / EPISODES


def optimal_bound(family: DarkKeyToDoor) -> float:
    """A mean return that no policy can exceed.

    It is that of an agent that enters a new cell with every step of a search, however far away.
    The order in which cells are searched for the key is left free: the best assignment of cells
    to steps. From the trial after the key's, a trial leaves `trial_length` steps less the path
    from its start to the key for the door, which is equally likely to be the first, second, ...
    or last cell searched, counting the key's own.
    """
    cells, steps = family.num_cells, family.episode_length
    # The prices of the assignment, and all that may have been searched; see `_worth_of_key`.
    numbers = cells**2 * (cells + steps) + cells * steps**2
    memory = 24 * cells * (cells + steps) + 8 * family.trial_length * steps
    _check_size(family, numbers, memory)
    worth = np.stack([_worth_of_key(family, cell) for cell in range(family.num_cells)])
    scaled = np.ceil(worth * SCALE).astype(np.int64)
    return -cheapest_assignment(-scaled) / SCALE / family.num_cells


def _worth_of_key(family: DarkKeyToDoor, key: int) -> NDArray[np.float64]:
    """Return expected at most, by the step at which the key's cell is searched.

    Returns:
        Shape (cells or more,): for every step of the episode, and 0 for never.
    """
    cells, length, trials = family.num_cells, family.trial_length, family.num_trials
    steps = np.minimum(np.maximum(distances(family.size)[key], 1), length)
    spare = np.bincount(length - steps, minlength=length) / cells
    # By what is left of the trial in which the key is found: cells searched for the door, at
    # the end of that trial and of each one after it; from the second on, an expectation.
    searched = np.zeros((trials, length))
    sum_of_spare = np.ones(1)
    for later in range(trials):
        total = 1 + np.arange(length)[:, None] + np.arange(len(sum_of_spare))
        searched[later] = np.minimum(total, cells) @ sum_of_spare
        sum_of_spare = np.convolve(sum_of_spare, spare)
    worth = np.zeros(max(trials * length, cells))
    for trial in range(trials):
        doors = searched[: trials - trial].sum(axis=0) / cells
        worth[trial * length : (trial + 1) * length] = trials - trial + doors[::-1]
    return worth


def informed_return(family: DarkKeyToDoor) -> float:
    """The exact mean return of an informed agent: it knows key and door."""
    _check_size(family, family.num_cells**3)
    far, length = distances(family.size), family.trial_length
    total = 0.0
    for key in range(family.num_cells):
        to_key = np.maximum(far[key], 1)
        both = to_key[:, None] + far[key]
        total += float((to_key <= length).mean() + (both <= length).mean())
    return family.num_trials * total / family.num_cells
