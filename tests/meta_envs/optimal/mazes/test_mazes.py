"""The optimum of the maze as a grid, and the bound for the one in first person."""

from functools import cache

import numpy as np
import pytest

pytest.importorskip("numba")

from meta_envs.optimal import informed_return, optimal_bound, optimal_policy, optimal_return
from meta_envs.optimal.mazes.i_maze import least_steps, shortest_paths
from meta_envs.tasks.mazes.i_maze import IMaze
from meta_envs.tasks.mazes.i_maze_grid import IMazeGrid
from meta_envs.tasks.mazes.maze_map import I_MAZE, read_maze
from tests.meta_envs.cases import Case
from tests.meta_envs.tasks.mazes.test_mazes import BEND, HALL, MOVES, letters

GRID = "MetaIMazeGrid-v0"
FORK = "########\n#G S AG#\n#### ###\n####G###\n########"
TWO_STARTS = "########\n#G  SSG#\n##### ##\n########"


def plain_optimum(text, apples, steps):
    """The best expected return by recursion over all that can be known; views of 3 x 3 cells."""
    cells = letters(text)
    free = {cell for group in cells.values() for cell in group}
    goals, starts = cells["G"], cells["S"]
    full = frozenset(cells["A"]) if apples else frozenset()

    def sees(place, goal):
        down, right = goal[0] - place[0], goal[1] - place[1]
        beside = {(place[0] + down, place[1]), (place[0], place[1] + right)}
        return max(abs(down), abs(right)) <= 1 and (0 in (down, right) or beside & free)

    @cache
    def begin(possible, left):
        return sum(look(start, full, possible, left) for start in starts) / len(starts)

    def look(place, there, possible, left):
        """The value before the goals in sight are looked at; `possible` are equally likely."""
        rest = frozenset(goal for goal in possible if not sees(place, goal))
        total = sum(value(place, there, frozenset([goal]), left) for goal in possible - rest)
        if rest:
            total += len(rest) * value(place, there, rest, left)
        return total / len(possible)

    @cache
    def value(place, there, possible, left):
        if not left:
            return 0.0
        options = []
        for down, right in MOVES:
            to = (place[0] + down, place[1] + right)
            to = to if to in free else place
            total = 0.0
            for goal in possible:
                if to == goal:
                    total += 10 + begin(frozenset([goal]), left - 1)
            others = frozenset(possible - {to})
            if others:
                total += len(others) * look(to, there - {to}, others, left - 1)
            options.append((to in there) + total / len(possible))
        return max(options)

    return begin(frozenset(goals), steps)


@pytest.mark.parametrize("text", [FORK, TWO_STARTS, BEND])
@pytest.mark.parametrize("apples", [False, True])
@pytest.mark.parametrize("steps", [1, 3, 9, 14])
def test_the_optimum_is_that_of_plain_recursion(text, apples, steps):
    """Broken if a better search is missed, or more is known than can be seen."""
    family = IMazeGrid(1, map=text, apples=apples, num_steps=steps, view_size=3)
    expected = plain_optimum(text, apples, steps)
    assert optimal_return(family) == pytest.approx(expected, abs=1e-9)
    assert optimal_bound(family) == optimal_return(family)


@pytest.mark.parametrize("kwargs", [{"apples": True}, {"map": FORK, "num_steps": 30}])
def test_the_policy_gets_the_optimal_return_on_maps_of_ones_own_too(kwargs):
    """Every goal as often as any other; false alarm 6e-5 a row."""
    envs = Case(GRID, kwargs).native(4_000)
    goals = len(envs.family.maze.goals)
    policy = optimal_policy(envs.family, envs.meta_observation)
    observation, _ = envs.reset(
        seed=0, options={"tasks": [{"goal": k % goals} for k in range(4_000)]}
    )
    state, total = None, np.zeros(4_000)
    for _ in range(envs.family.episode_length):
        actions, state = policy.predict(observation, state)
        observation, rewards, *_ = envs.step(actions)
        total += rewards
    error = total.std(ddof=1) / 4_000**0.5
    assert abs(total.mean() - optimal_return(envs.family)) < 4 * error + 1e-9


def test_whoever_knows_the_goal_gets_the_informed_return():
    envs = Case(GRID).native(4_000)
    envs.reset(seed=1)
    total = np.zeros(4_000)
    for _ in range(200):
        total += envs.step(envs.family.action_values().argmax(axis=1))[1]
    error = total.std(ddof=1) / 4_000**0.5
    assert abs(total.mean() - informed_return(envs.family)) < 4 * error


def test_where_starts_look_alike_there_is_only_a_bound():
    """Broken if a policy that cannot know its place were called optimal."""
    envs = Case(GRID, {"view_size": 3}).native(1)
    with pytest.raises(ValueError, match=r"^the optimum is known where no two starts look alike"):
        optimal_policy(envs.family, envs.meta_observation)
    with pytest.raises(ValueError, match=r"^the optimum is known where no two starts look alike"):
        optimal_return(envs.family)
    assert optimal_bound(envs.family) < informed_return(envs.family)


def test_too_many_goals_are_refused():
    family = IMazeGrid(1, map="############\n#SGGGGGGGGG#\n############")
    with pytest.raises(ValueError, match=r"^the optimum is known for at most 8 goals, got 9"):
        optimal_return(family)


@pytest.mark.parametrize(
    ("text", "length"),
    [(HALL, 4.0), (BEND, 2 * (1.5**2 + 0.5**2) ** 0.5 + 1), ("####\n#S #\n# G#\n####", 2**0.5)],
)
def test_shortest_paths_are_those_of_geometry(text, length):
    maze = read_maze(text)
    places = maze.centres(np.concatenate([maze.starts, maze.goals]))
    lengths = shortest_paths(maze, places)
    assert np.allclose(lengths, [[0, length], [length, 0]])


def test_shortest_paths_are_between_the_straight_line_and_moves_from_cell_to_cell():
    maze = read_maze(I_MAZE)
    cells = np.flatnonzero(maze.open.ravel())
    places = maze.centres(cells)
    lengths = shortest_paths(maze, places)
    moves = np.where(np.abs(places[:, None] - places).sum(axis=-1) == 1, 1.0, np.inf)
    np.fill_diagonal(moves, 0)
    for middle in range(len(cells)):
        moves = np.minimum(moves, moves[:, middle, None] + moves[middle])
    straight = np.linalg.norm(places[:, None] - places, axis=-1)
    assert (straight - 1e-9 <= lengths).all() and (lengths <= moves + 1e-9).all()
    assert (lengths > straight + 0.5).any() and np.allclose(lengths, lengths.T)


@pytest.mark.parametrize(("apples", "steps", "value"), [
    (False, 100, 80), (False, 11, 0), (False, 12, 10), (True, 12, 11), (True, 18, 12), (True, 5, 0),
])  # fmt: skip
def test_the_bound_of_a_straight_hall(apples, steps, value):
    """12 steps to the goal and 6 to the apple on the way: what walking straight ahead gets too."""
    family = IMaze(1, map=HALL, apples=apples, num_steps=steps)
    assert least_steps(family) == 12
    assert optimal_bound(family) == value
    family.begin(np.zeros(1, np.intp), [np.random.default_rng(0)])
    total = 0.0
    for _ in range(steps):
        family.headings[:] = 0
        total += float(family.step(np.array([2]))[0][0])
    assert total == value


def test_the_bound_of_two_apples_on_either_side():
    """Broken if the path between two apples is taken to be longer than it need be."""
    text = "##############\n#A S A      G#\n##############"
    family = IMaze(1, map=text, num_steps=18)
    family.begin(np.zeros(1, np.intp), [np.random.default_rng(0)])
    total = 0.0
    for step in range(18):
        family.headings[:] = 36 if step < 6 else 0
        total += float(family.step(np.array([2]))[0][0])
    assert optimal_bound(family) == total == 2


def test_the_bound_has_an_end_of_apples():
    with pytest.raises(ValueError, match=r"^the bound is known for at most 8 apples, got 9"):
        optimal_bound(IMaze(1, map="#############\n#SAAAAAAAAAG#\n#############"))
