"""What is seen in the mazes, against geometry, and what is needed to see it."""

import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("numba")

import numba

from meta_envs.tasks.mazes import raycaster, textures, walk
from meta_envs.tasks.mazes.i_maze import HEADINGS, IMaze
from meta_envs.tasks.mazes.maze_map import I_MAZE, read_maze
from tests.meta_envs.cases import Case, same
from tests.meta_envs.tasks.mazes.test_mazes import GRID, HALL, MAZE, placed


def images_of(family):
    """What is seen in every episode of a family."""
    images = np.zeros((family.num_envs, 84, 84, 3), np.uint8)
    family.draw_images(np.arange(family.num_envs), images)
    return images


def test_the_goal_cannot_be_seen_from_the_corridor():
    """Broken if any start, or any other place between the two ends, shows where the goal is."""
    family = IMaze(13 * HEADINGS + 2000)
    n, rng = family.num_envs, np.random.default_rng(0)
    family.begin(np.arange(n), [rng] * n)
    starts = family.maze.centres(family.maze.starts).repeat(HEADINGS, axis=0)
    # The corridor with the ends where the arms begin.
    anywhere = rng.uniform((4.2, 1.2), (6.8, 11.8), (2000, 2))
    family.positions[:] = np.concatenate([starts, anywhere])
    family.headings[:] = np.arange(n) % HEADINGS
    seen = []
    for goal in range(4):
        family.goals[:] = goal
        seen.append(images_of(family))
    assert all(same(images, seen[0]) for images in seen)


@pytest.mark.parametrize(("goal", "x", "y"), [(0, 1.5, 2), (1, 9.5, 2), (2, 1.5, 11), (3, 9.5, 11)])
def test_the_goal_is_seen_from_the_end_of_its_arm_and_nowhere_else(goal, x, y):
    degrees = 90 if goal < 2 else 270
    views = []
    for k in range(4):
        family = placed(I_MAZE, x, y, degrees)
        family.goals[0] = k
        views.append(images_of(family)[0])
    different = [not same(view, views[(goal + 1) % 4]) for view in views]
    assert different == [k == goal for k in range(4)]
    gold = (views[goal][..., 0] > 120) & (views[goal][..., 2] < 60) & (views[goal][..., 1] > 90)
    assert gold[30:60, 35:50].any()


def test_arms_look_different():
    """Broken if the agent could not tell from the walls which arm it is in."""
    middle = []
    for x, y, degrees in ((2.5, 2.5, 180), (8.5, 2.5, 0), (2.5, 10.5, 180), (8.5, 10.5, 0)):
        middle.append(images_of(placed(I_MAZE, x, y, degrees))[0][40:44].mean(axis=(0, 1)))
    for i, colour in enumerate(middle):
        assert all(np.abs(colour - other).max() > 25 for other in middle[:i])


def test_rays_end_where_small_steps_meet_a_wall():
    """Broken if a ray passes a wall, stops short, or is said to meet it elsewhere."""
    walls, rng = read_maze(I_MAZE).walls, np.random.default_rng(0)
    free = np.argwhere(walls == 0)
    for _ in range(300):
        y, x = free[rng.integers(len(free))] + rng.uniform(0.01, 0.99, 2)
        angle = rng.uniform(0, 2 * np.pi)
        ray = np.array([np.cos(angle), np.sin(angle)])
        depth, kind, along, _ = raycaster.cast(x, y, *ray, walls)
        steps = np.arange(0, 20, 1e-3)
        places = np.array([x, y]) + steps[:, None] * ray
        inside = walls[places[:, 1].astype(int).clip(0, 12), places[:, 0].astype(int).clip(0, 10)]
        first = inside.astype(bool).argmax()
        assert depth == pytest.approx(steps[first], abs=2e-3)
        met = np.array([x, y]) + depth * ray
        on_edge = np.abs(met - np.rint(met))
        assert on_edge.min() < 1e-9
        assert along == pytest.approx(met[on_edge.argmax()] % 1, abs=1e-9)
        if np.delete(on_edge, on_edge.argmin())[0] > 2e-3:  # Not in a corner.
            assert kind == inside[first] - 1


@pytest.mark.parametrize(("x", "high"), [(3.5, 14), (5.0, 21), (6.0, 42)])
def test_a_wall_is_as_tall_as_its_distance_says(x, high):
    """Broken if the image is not one in perspective: 42 pixels a cell at one cell's distance."""
    walls = np.zeros((3, 9), np.uint8)
    walls[0] = walls[2] = walls[:, 0] = walls[:, 7] = 1
    images = np.full((1, 84, 84, 3), 255, np.uint8)
    white = np.full((1, 8, 8, 3), 250, np.uint8)
    raycaster.draw(
        np.array([0]), np.array([[x, 1.5]]), np.array([[1.0, 0.0]]), walls, white,
        np.zeros((3, 3), np.uint8), np.zeros((1, 0, 3)), textures.sprites(),
        textures.SIZES, 1.0, images,
    )  # fmt: skip
    tall = int((images[0, :, 42, 0] > 0).sum())
    assert tall == pytest.approx(42 / (7 - x), abs=1)


def test_every_pixel_is_drawn():
    """Broken if something of an earlier image can shine through."""
    family = IMaze(500)
    family.begin(np.arange(500), [np.random.default_rng(k) for k in range(500)])
    rng = np.random.default_rng(0)
    for _ in range(30):
        family.step(rng.integers(8, size=500))
    first, second = (np.full((500, 84, 84, 3), value, np.uint8) for value in (0, 255))
    for images in (first, second):
        family.draw_images(np.arange(500), images)
    assert same(first, second)


def test_only_the_pictures_asked_for_are_drawn():
    family = IMaze(3)
    family.begin(np.arange(3), [np.random.default_rng(k) for k in range(3)])
    images = np.full((3, 84, 84, 3), 7, np.uint8)
    family.draw_images(np.array([1]), images)
    assert (images[[0, 2]] == 7).all() and same(images[1], images_of(family)[1])


def test_a_wall_hides_what_is_behind_it_and_nearer_things_hide_farther_ones():
    views = {}
    for name, text in {
        "goal": "########\n#S    G#\n########",
        "apple before goal": "########\n#S A  G#\n########",
        "wall before goal": "########\n#S #  G#\n#      #\n########",
        "wall": "########\n#S #   #\n#     G#\n########",
    }.items():
        views[name] = images_of(placed(text, 1.5, 1.5, 0))[0]
    assert same(views["wall before goal"], views["wall"])
    apple, plain = views["apple before goal"].astype(int), views["goal"].astype(int)
    changed = (apple != plain).any(axis=2)
    red = apple[changed]
    assert changed.sum() > 20 and (red[:, 0] > red[:, 2]).mean() > 0.9


def test_the_pictures_are_these():
    """Broken if images differ from those of another machine, or of an earlier version."""
    family = IMaze(64)
    family.begin(np.arange(64), [np.random.default_rng(k) for k in range(64)])
    rng = np.random.default_rng(0)
    for _ in range(50):
        family.step(rng.integers(8, size=64))
    images = images_of(family).astype(np.uint64)
    weights = np.arange(images.size, dtype=np.uint64).reshape(images.shape) % np.uint64(65_521)
    assert int((images * weights).sum()) == CHECKSUM


CHECKSUM = 4_604_852_491_114


def test_without_numba_there_is_one_line_that_says_what_to_install():
    """Broken if the grid needs Numba, or the other maze fails without saying what is missing."""
    code = """
import sys
sys.modules["numba"] = None
import gymnasium as gym, meta_envs
gym.make("MetaIMazeGrid-v0").reset(seed=0)
try:
    gym.make("MetaIMaze-v0")
except gym.error.DependencyNotInstalled as error:
    print(error)
"""
    command = [sys.executable, "-W", "error", "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout == "MetaIMaze needs Numba: pip install -e '.[visual]' in your clone\n"


def test_where_nothing_can_be_kept_it_is_compiled_all_the_same(monkeypatch):
    """Broken if a package that nobody may write into cannot be imported."""
    original = numba.njit

    def no_locator(*args, **kwargs):
        if kwargs.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return original(*args, **kwargs)

    monkeypatch.setattr(numba, "njit", no_locator)
    assert raycaster.compiled(walk.near.py_func)(0.0, 0.0, np.zeros(2), 1.0)


@pytest.mark.parametrize(("id", "mark"), [(GRID, "@"), (MAZE, ">")])
def test_the_text_shows_agent_goal_and_apples(id, mark):
    env = Case(id, {"map": HALL, "apples": True}).scalar(render_mode="ansi")
    env.reset(seed=0)
    if id == MAZE:
        env.family.headings[:] = 0
    lines = env.render().splitlines()
    assert lines == [
        f"step 0 of {env.family.episode_length}, reward so far 0",
        "#######",
        f"#{mark} a G#",
        "#######",
    ]
    for _ in range(4 if id == GRID else 12):
        env.step(2)
    assert "reward so far 11" in env.render()
