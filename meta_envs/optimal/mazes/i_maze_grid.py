"""The Bayes-optimal policy for the maze as a grid, by backward induction over beliefs.

What the agent does not know is the goal and, at a run's start, its place. Where no two starts look
alike, the first view tells the place, and its own moves tell it from then on. What is left to know
is which goals are still possible: all that have not been looked at in vain, each equally likely. So
a belief is a place and a set of possible goals, and with the steps left it is all that the best
action depends on.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meta_envs.core import MetaObservationWriter
from meta_envs.core.observation import Observation
from meta_envs.optimal.numerics.limits import check_size
from meta_envs.policies import Belief, Memory, Policy, equally_likely
from meta_envs.tasks.grids.grid import NUM_ACTIONS
from meta_envs.tasks.mazes.graph import GOAL_REWARD, MazeGraph, informed_values, make_graph
from meta_envs.tasks.mazes.i_maze_grid import IMazeGrid

MAX_GOALS = 8
"""The most goals for which the sets of them are planned over."""
PLACE, POSSIBLE, STEPS = range(3)
"""Columns of the memory: the place, the set of possible goals, a bit each, and steps taken."""


class Plan(NamedTuple):
    """The best actions and what they are worth.

    Attributes:
        actions: Shape (steps left, sets of possible goals, places), int8; no steps left and the
            empty set stand there too, without meaning.
        value: The mean return of an episode.
    """

    actions: NDArray[np.int8]
    value: float


class OptimalPolicy(Policy):
    """Searches in the best order, then goes straight to the goal in every run.

    Memory: see `PLACE`, `POSSIBLE` and `STEPS`, shape (num_envs, 3).

    Raises:
        ValueError: If two starts look alike or there are too many goals.
    """

    def __init__(self, family: IMazeGrid, meta_observation: MetaObservationWriter) -> None:
        super().__init__(meta_observation)
        _check_starts(family)
        self.graph, self.plan = family.graph, solve(family)
        self.goals = len(family.maze.goals)
        self.cells_in_view = family.view_size**2
        self.can_be_seen = _sets(self.graph.goals_in_sight)
        self.goal_places = self.graph.maze.goals * self.graph.sets

    def initial_memory(self, num_envs: int) -> Memory:
        return np.tile([0.0, (1 << self.goals) - 1.0, 0.0], (num_envs, 1))

    def begin(self, memory: Memory, observation: Observation) -> None:
        own = self.meta_observation.own(observation)
        self._locate(memory, own)
        self._look(memory, own)

    def learn(self, memory: Memory, observation: Observation) -> None:
        actions = self.meta_observation.last_action(observation).argmax(axis=1)
        memory[:, STEPS] += 1
        places = self.graph.next_places[memory[:, PLACE].astype(np.intp), actions]
        memory[:, PLACE] = places
        # After an episode's last step the agent has stayed at the goal; then nothing matters.
        hit = self.meta_observation.last_reward(observation) >= GOAL_REWARD
        memory[hit, POSSIBLE] = 1 << self.graph.goal_at[places[hit]]
        started = np.flatnonzero(hit)
        again, own = memory[started], self.meta_observation.own(observation)
        self._locate(again, own[started])
        memory[started] = again
        self._look(memory, own)

    def _locate(self, memory: Memory, own: NDArray[np.float32]) -> None:
        """Tells the place at a run's start by the open cells around it."""
        seen = own[:, : self.cells_in_view]
        known = _start_views(self.graph, self.cells_in_view)
        memory[:, PLACE] = self.graph.starts[(seen @ (2 * known - 1).T - known.sum(1)).argmax(1)]

    def _look(self, memory: Memory, own: NDArray[np.float32]) -> None:
        """Keeps of the possible goals those that agree with what is seen."""
        places = memory[:, PLACE].astype(np.intp)
        possible = memory[:, POSSIBLE].astype(np.intp)
        seen = own[:, self.cells_in_view : 2 * self.cells_in_view]
        missed = possible & ~self.can_be_seen[places]
        for goal in range(self.goals):
            view = self.graph.views[goal][places, self.cells_in_view : 2 * self.cells_in_view]
            here = (seen * view).any(axis=1) & (possible >> goal & 1 > 0)
            missed = np.where(here, 1 << goal, missed)
        memory[:, POSSIBLE] = missed

    def act(self, memory: Memory) -> NDArray[np.intp]:
        places, possible, steps = memory.astype(np.intp).T
        left = np.maximum(len(self.plan.actions) - 1 - steps, 0)
        return self.plan.actions[left, possible, places].astype(np.intp)

    def belief(self, memory: Memory) -> Belief:
        """Where the goal is.

        Returns:
            "goal": the probability of each of the maze's goals, in its order, (num_envs, goals).
        """
        possible = memory[:, POSSIBLE].astype(np.intp)[:, None] >> np.arange(self.goals) & 1
        return {"goal": equally_likely(possible)}


def optimal_return(family: IMazeGrid) -> float:
    """The exact mean return of `OptimalPolicy`.

    Raises:
        ValueError: As there.
    """
    _check_starts(family)
    return solve(family).value


def optimal_bound(family: IMazeGrid) -> float:
    """A mean return that no policy can exceed, equal to the optimal one where that is known.

    Where starts look alike it is that of an agent that is told its place at a run's start.

    Raises:
        ValueError: If there are too many goals.
    """
    return solve(family).value


def informed_return(family: IMazeGrid) -> float:
    """The exact mean return of an informed agent: it knows the goal and its place."""
    values, _ = family.values
    return float(values[-1][:, family.graph.starts].mean())


def solve(family: IMazeGrid) -> Plan:
    """The best plan of a family.

    Raises:
        ValueError: If there are too many goals.
    """
    goals = len(family.maze.goals)
    if goals > MAX_GOALS:
        raise ValueError(f"the optimum is known for at most {MAX_GOALS} goals, got {goals}")
    # Actions by step, set of goals and place; each is the best of several.
    actions = (family.episode_length + 1) * len(family.graph.next_places) << goals
    check_size(
        "num_steps", family.episode_length, numbers=NUM_ACTIONS * goals * actions, memory=actions
    )
    return _solve(family.maze.text, family.apples, family.view_size, family.episode_length)


@lru_cache(maxsize=8)
def _solve(text: str, with_apples: bool, view_size: int, num_steps: int) -> Plan:
    graph = make_graph(text, with_apples, view_size)
    _, reached = informed_values(text, with_apples, view_size, num_steps)
    goals = len(graph.maze.goals)
    sets, places = 1 << goals, len(graph.next_places)
    in_sight = _sets(graph.goals_in_sight)[graph.next_places]
    actions = np.zeros((num_steps + 1, sets, places), np.int8)
    values = np.zeros((sets, places))
    for left in range(1, num_steps + 1):
        # What a step is worth whose end is seen to be, or not to be, the goal.
        found = [
            _found(graph, goal, values, float(reached[left - 1, goal])) for goal in range(goals)
        ]
        now = np.zeros_like(values)
        for possible in range(1, sets):
            members = [goal for goal in range(goals) if possible >> goal & 1]
            unseen = possible & ~in_sight
            count = sum((unseen >> goal & 1) for goal in members)
            worth = count * values[unseen, graph.next_places]
            for goal in members:
                worth = worth + np.where(in_sight >> goal & 1, found[goal], 0.0)
            worth = graph.pickups + worth / len(members)
            actions[left, possible] = worth.argmax(axis=1)
            now[possible] = worth.max(axis=1)
        values = now
    in_sight = _sets(graph.goals_in_sight)[graph.starts]
    value = sum(
        np.where(in_sight >> goal & 1, values[1 << goal, graph.starts],
                 values[(sets - 1) & ~in_sight, graph.starts]).mean()
        for goal in range(goals)
    ) / goals  # fmt: skip
    return Plan(actions, float(value))


def _found(
    graph: MazeGraph, goal: int, values: NDArray[np.float64], reached: float
) -> NDArray[np.float64]:
    """What each step is worth if it shows that this is the goal, shape (places, actions)."""
    known = values[1 << goal, graph.next_places]
    return np.where(graph.goal_at[graph.next_places] == goal, reached, known)


def _sets(members: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Rows of members as whole numbers, a bit each."""
    return np.asarray(members @ (1 << np.arange(members.shape[1])))


def _start_views(graph: MazeGraph, cells_in_view: int) -> NDArray[np.float32]:
    """The open cells seen from each start, shape (starts, cells in view)."""
    return graph.views[0, graph.starts, :cells_in_view]


def _check_starts(family: IMazeGrid) -> None:
    views = _start_views(family.graph, family.view_size**2)
    if len(np.unique(views, axis=0)) < len(views):
        raise ValueError(
            "the optimum is known where no two starts look alike, but on this map some do"
        )
