"""The mazes: maps, walking and what is paid, against calculations of their own."""

from collections import deque

import gymnasium as gym
import numpy as np
import pytest

from meta_envs.core.family import load_family
from meta_envs.optimal.mazes.i_maze import FASTEST
from meta_envs.tasks.mazes.i_maze import HEADINGS, SPEED, IMaze
from meta_envs.tasks.mazes.i_maze_grid import IMazeGrid
from meta_envs.tasks.mazes.maze_map import I_MAZE, read_maze
from tests.meta_envs.bounds import happens
from tests.meta_envs.cases import Case, first_person, start

MAZE, GRID = "MetaIMaze-v0", "MetaIMazeGrid-v0"
HALL = "#######\n#S A G#\n#######"
BEND = "######\n#S  A#\n### ##\n#G   #\n######"
MOVES = ((0, 0), (-1, 0), (0, 1), (1, 0), (0, -1))
"""What each action of the grid adds to (row, column)."""


def letters(text):
    """The cells of a map by letter, as (row, column)."""
    rows = text.strip("\n").split("\n")
    cells = [((i, j), c) for i, row in enumerate(rows) for j, c in enumerate(row)]
    return {c: [cell for cell, letter in cells if letter == c] for c in " SGA"}


def distances(text, origin):
    """Moves from a cell to every cell that can be reached, by breadth-first search."""
    free = {cell for cells in letters(text).values() for cell in cells}
    far, queue = {origin: 0}, deque([origin])
    while queue:
        cell = queue.popleft()
        for down, right in MOVES[1:]:
            to = (cell[0] + down, cell[1] + right)
            if to in free and to not in far:
                far[to] = far[cell] + 1
                queue.append(to)
    return far


def test_the_i_maze_is_the_papers():
    """Broken if the default maze has not 77 cells, four alcoves far apart, or is lopsided."""
    cells = letters(I_MAZE)
    assert sum(map(len, cells.values())) == 77
    assert len(cells["G"]) == 4 and len(cells["S"]) == 13
    far = [distances(I_MAZE, goal) for goal in cells["G"]]
    assert len({tuple(sorted(f[s] for s in cells["S"])) for f in far}) == 1
    assert min(far[0][goal] for goal in cells["G"][1:]) > 8


def test_blank_lines_and_short_rows_of_a_map_do_not_count():
    plain, ragged = read_maze("#####\n#S G#\n#####\n"), read_maze("\n#####\n#S G\n#####\n\n")
    assert plain.text == ragged.text


def test_a_map_has_no_more_apples_than_the_grid_can_plan_with():
    with pytest.raises(ValueError, match=r"^map must be a maze with at most 4 apples"):
        IMazeGrid(1, map="#########\n#SAAAAAG#\n#########", apples=True)
    assert IMazeGrid(1, map="#########\n#SAAAAAG#\n#########")


@pytest.mark.parametrize("text", [I_MAZE, BEND, HALL])
@pytest.mark.parametrize("apples", [False, True])
def test_the_grid_is_played_as_a_plain_programme_plays_it(text, apples):
    """Broken if a move, an apple, a goal, a new run or the view is not what the map says."""
    env = Case(GRID, {"map": text, "apples": apples, "num_steps": 300}).scalar()
    cells, rng, total = letters(text), np.random.default_rng(3), 0.0
    free = {cell for group in cells.values() for cell in group}
    for seed in range(5):
        observation, _ = env.reset(seed=seed)
        noise = np.random.default_rng(0)
        noise.bit_generator.state = gym.utils.seeding.np_random(seed)[0].bit_generator.state
        noise = noise.random(301)
        goal = cells["G"][int(noise[0] * len(cells["G"]))]
        assert env.task == {"goal": cells["G"].index(goal)}
        runs, action = 0, 0
        place = cells["S"][int(noise[1] * len(cells["S"]))]
        left = set(cells["A"]) if apples else set()
        assert_view(env, observation, place, free, goal, left)
        for step in range(300):
            action = int(rng.integers(5)) if rng.random() < 0.4 else action
            to = (place[0] + MOVES[action][0], place[1] + MOVES[action][1])
            place = to if to in free else place
            expected = 10.0 * (place == goal) + (place in left)
            left -= {place}
            observation, reward, over, _, info = env.step(action)
            assert (reward, info["trial"], over) == (expected, runs, step == 299)
            if place == goal and not over:
                runs += 1
                place = cells["S"][int(noise[1 + runs] * len(cells["S"]))]
                left = set(cells["A"]) if apples else set()
            assert_view(env, observation, place, free, goal, left)
            total += reward
    assert total > 0


def assert_view(env, observation, place, free, goal, apples):
    """That the agent sees what can be walked to within two cells of its own."""
    row, column = place
    near = {c for c in free if abs(c[0] - row) <= 2 and abs(c[1] - column) <= 2}
    seen, queue = {place}, [place]
    while queue:
        cell = queue.pop()
        for down, right in MOVES[1:]:
            to = (cell[0] + down, cell[1] + right)
            if to in near and to not in seen:
                seen.add(to)
                queue.append(to)
    channels = [seen, seen & {goal}, seen & apples][: 2 + env.family.apples]
    window = [(row + i, column + j) for i in range(-2, 3) for j in range(-2, 3)]
    expected = [[cell in channel for cell in window] for channel in channels]
    own = observation[: env.family.observation_size].reshape(-1, 25)
    assert (own == np.array(expected)).all()


def test_the_values_of_the_grid_are_those_of_plain_recursion():
    """Broken if regret is measured against something else than the best that can be expected."""
    steps = 7
    family = start(Case(GRID, {"map": BEND, "apples": True, "num_steps": steps})).family
    cells = letters(BEND)
    free = {cell for group in cells.values() for cell in group}
    (goal,), (begin,), (apple,) = cells["G"], cells["S"], cells["A"]

    def best(place, there, left):
        return max(worth(place, there, action, left) for action in range(5)) if left else 0.0

    def worth(place, there, action, left):
        to = (place[0] + MOVES[action][0], place[1] + MOVES[action][1])
        to = to if to in free else place
        reward = 1.0 * (there and to == apple)
        if to == goal:
            return reward + 10 + best(begin, True, left - 1)
        return reward + best(to, there and to != apple, left - 1)

    place, there, left = begin, True, steps
    for action in (2, 2, 2, 4, 3, 3, 4):
        expected = [worth(place, there, a, left) for a in range(5)]
        assert family.action_values()[0].tolist() == pytest.approx(expected)
        family.step(np.array([action]))
        there &= (place[0] + MOVES[action][0], place[1] + MOVES[action][1]) != apple
        place, left = (place[0] + MOVES[action][0], place[1] + MOVES[action][1]), left - 1


@pytest.mark.parametrize("id", [pytest.param(MAZE, marks=first_person), GRID])
def test_goals_and_starts_are_drawn_alike(id):
    """Broken if an alcove, a start or a heading is likelier than another (4e-6 in all)."""
    n = 6000
    family = load_family(gym.spec(id).kwargs["family"])(n, num_steps=2)
    family.begin(np.arange(n), [np.random.default_rng(0)] * n)
    assert all(happens((family.goals == k).sum(), n, 0.25, 4) for k in range(4))
    if id == GRID:
        cells = family.places // family.graph.sets
    else:
        column, row = np.floor(family.positions).astype(int).T
        cells = row * family.maze.walls.shape[1] + column
        counts = np.bincount(family.headings, minlength=HEADINGS)
        assert all(happens(count, n, 1 / HEADINGS, HEADINGS) for count in counts)
    assert all(happens((cells == s).sum(), n, 1 / 13, 13) for s in family.maze.starts)


def placed(text, x, y, degrees, **kwargs):
    """A family in first person with one episode, the agent put where it is wanted."""
    family = IMaze(1, map=text, **kwargs)
    family.begin(np.zeros(1, np.intp), [np.random.default_rng(0)])
    family.positions[0] = x, y
    family.headings[0] = degrees * HEADINGS // 360
    return family


def act(family, *actions):
    """The summed rewards of some actions."""
    return sum(float(family.step(np.array([action]))[0][0]) for action in actions)


@first_person
@pytest.mark.parametrize(
    ("action", "ahead", "right", "turn"),
    [
        (0, 0, 0, -1), (1, 0, 0, 1), (2, 1, 0, 0), (3, -1, 0, 0),
        (4, 0, -1, 0), (5, 0, 1, 0), (6, 1, 0, -1), (7, 1, 0, 1),
    ],
)  # fmt: skip
@pytest.mark.parametrize("degrees", [0, 90, 215])
def test_each_action_moves_as_it_is_called(action, ahead, right, turn, degrees):
    """Broken if left is right, if a step is too long, or if the speed depends on the heading."""
    family = placed(I_MAZE, 5.5, 2.5, degrees, action_repeat=1)
    act(family, action)
    assert family.headings[0] == (degrees // 5 + turn) % HEADINGS
    angle = np.deg2rad(degrees + 5 * turn)
    expected = [
        5.5 + SPEED * (ahead * np.cos(angle) - right * np.sin(angle)),
        2.5 + SPEED * (ahead * np.sin(angle) + right * np.cos(angle)),
    ]
    assert family.positions[0].tolist() == pytest.approx(expected)


@first_person
def test_an_action_is_held_for_four_frames():
    family = placed(I_MAZE, 5.5, 2.5, 0)
    act(family, 2, 2)
    assert family.positions[0].tolist() == pytest.approx([5.5 + 8 * SPEED, 2.5])


def clearance(positions, walls):
    """Distance from each position to the nearest wall."""
    low = np.argwhere(walls)[:, ::-1]
    nearest = np.clip(positions[:, None], low, low + 1)
    return np.linalg.norm(positions[:, None] - nearest, axis=-1).min(axis=1)


PILLARS = "#########\n#S      #\n# # # # #\n#   G   #\n# # #  ##\n#     # #\n# #   # #\n#########"


@first_person
@pytest.mark.parametrize("text", [I_MAZE, PILLARS])
def test_the_agent_never_overlaps_a_wall_and_never_jumps(text):
    """Broken if it cuts a corner, gets into a wall, or is thrown about by one."""
    family = IMaze(50, map=text, num_steps=2000, action_repeat=1)
    family.begin(np.arange(50), [np.random.default_rng(k) for k in range(50)])
    from meta_envs.tasks.mazes.walk import RADIUS  # Compiled, and so not there without Numba.

    rng, touched = np.random.default_rng(0), 0
    actions = rng.integers(8, size=50)
    for _ in range(1500):
        before = family.positions.copy()
        actions = np.where(rng.random(50) < 0.1, rng.integers(8, size=50), actions)
        hits = family.step(actions)[0] >= 10
        clear = clearance(family.positions, family.maze.walls)
        assert clear.min() > RADIUS - 1e-9
        touched += (clear < RADIUS + 1e-9).sum()
        assert np.linalg.norm(family.positions - before, axis=1)[~hits].max() < FASTEST + 1e-9
    assert touched > 1000


@first_person
def test_the_agent_slides_along_a_wall():
    """Broken if a wall that is walked into at an angle holds the agent."""
    family = placed(I_MAZE, 5.5, 1.3, 315)  # Towards the upper right.
    act(family, *[2] * 4)
    assert family.positions[0].tolist() == pytest.approx([5.5 + 16 * SPEED * 0.5**0.5, 1.2])


@first_person
def test_apples_and_the_goal_pay_once_a_run():
    """Broken if an apple pays twice, is not back in the next run, or the goal does not end one."""
    family = placed(HALL, 1.5, 1.5, 0, num_steps=100)
    # 6.0 cells from the left: the apple at 3.5 from 0.4 away, the goal at 5.5 from 0.5 away.
    rewards = [act(family, 2) for _ in range(12)]
    assert rewards == [0] * 5 + [1] + [0] * 5 + [10]
    assert family.positions[0].tolist() == [1.5, 1.5]
    family.headings[0] = 0
    assert [act(family, 2) for _ in range(12)] == rewards
    assert family.runs[0] == 2
    family = placed(HALL, 1.5, 1.5, 0, apples=False)
    assert [act(family, 2) for _ in range(12)] == [0] * 11 + [10]


@first_person
def test_every_run_has_noise_of_its_own():
    """Broken if runs of an episode start alike, or somewhere else than at a start."""
    family = placed(I_MAZE, 5.5, 6.5, 0, num_steps=40)
    starts = family.maze.centres(family.maze.starts)
    noise = family.draws[0, 1:].reshape(40, 2)
    for run in range(1, 20):
        family.positions[0] = family.maze.centres(family.maze.goals)[family.goals[0]]
        assert act(family, 2) == 10
        assert family.positions[0].tolist() == starts[int(noise[run, 0] * 13)].tolist()
        assert family.headings[0] == int(noise[run, 1] * HEADINGS)
