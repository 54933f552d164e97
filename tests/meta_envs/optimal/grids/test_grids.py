"""The searches through rooms: values against enumeration and against plain recursion."""

import itertools
from functools import cache

import numpy as np
import pytest

pytest.importorskip("scipy")

from meta_envs.optimal import informed_return, optimal_bound, optimal_policy, optimal_return
from meta_envs.optimal.grids.paths import first_moves, hamiltonian_cycle
from meta_envs.optimal.grids.search_path import Search, best_path, least_price
from meta_envs.optimal.numerics.assignment import cheapest_assignment
from tests.meta_envs.cases import IDS, Case, is_grid
from tests.meta_envs.tasks.grids.test_grids import best_values, moved, pays

GRIDWORLD, DARK_ROOM = "MetaGridworld-v0", "MetaDarkRoom-v0"
KEY_TO_DOOR = "MetaDarkKeyToDoor-v0"
SMALL = [
    Case(GRIDWORLD, {"size": 3, "num_trials": 2, "trial_length": 5}),
    Case(GRIDWORLD, {"size": 3, "num_trials": 3, "trial_length": 3}),
    Case(GRIDWORLD, {"size": 3, "num_trials": 2, "trial_length": 1}),
    Case(DARK_ROOM, {"size": 2, "num_trials": 3, "trial_length": 3}),
    Case(DARK_ROOM, {"size": 3, "num_trials": 2, "trial_length": 4}),
    Case(DARK_ROOM, {"size": 3, "num_trials": 3, "trial_length": 3, "pays": "once"}),
    Case(DARK_ROOM, {"size": 3, "num_trials": 6, "trial_length": 1, "pays": "once"}),
]
every_small = pytest.mark.parametrize("case", SMALL, ids=str)


def all_goals(case):
    """Every goal that a family draws, as a task."""
    family = case.scalar().family
    cells = family.possible_goals.tolist()
    return [{"goal": [cell % family.size, cell // family.size]} for cell in cells]


def play_all(envs, tasks, policy):
    """Returns of a policy, and of an informed agent, on the tasks given."""
    totals = []
    for knows in (False, True):
        observation, _ = envs.reset(seed=0, options={"tasks": tasks})
        state, total = None, np.zeros(len(tasks))
        started = np.ones(len(tasks), bool)
        for _ in range(envs.family.episode_length):
            if knows:
                action = envs.family.action_values().argmax(axis=1)
            else:
                action, state = policy.predict(observation, state, started)
            observation, reward, started, _, _ = envs.step(action)
            total += reward
        totals.append(total)
    return totals


@pytest.mark.parametrize(
    "case",
    [*SMALL, Case(GRIDWORLD), Case(GRIDWORLD, {"num_trials": 2, "trial_length": 7}),
     Case("MetaDarkRoomHard-v0"), Case(DARK_ROOM, {"size": 6, "trial_length": 5})],
    ids=str,
)  # fmt: skip
def test_the_return_is_that_of_playing_every_goal(case):
    """Broken if a price is not what is lost, or the policy strays from its path."""
    tasks = all_goals(case)
    envs = case.native(len(tasks))
    policy = optimal_policy(envs.family, envs.meta_observation)
    returns, informed = play_all(envs, tasks, policy)
    assert returns.mean() == pytest.approx(optimal_return(envs.family), abs=1e-9)
    assert informed.mean() == pytest.approx(informed_return(envs.family), abs=1e-9)
    assert (returns <= informed + 1e-9).all()
    assert optimal_return(envs.family) <= optimal_bound(envs.family) + 1e-9


def best_return(case, tasks, starts):
    """The Bayes-optimal return by recursion over everything that can be known at each step.

    Args:
        case: The environment.
        tasks: All tasks, equally likely.
        starts: All starts of a trial, equally likely.
    """
    family = case.scalar().family
    size, length, end = family.size, family.trial_length, family.episode_length

    @cache
    def value(step, place, found, possible):
        """Expected return to come, times the number of possible tasks."""
        if step == end:
            return 0.0
        options = []
        for action in range(5):
            to, outcomes, total = moved(place, action, size), {}, 0.0
            for task in possible:
                outcome = pays(case, tasks[task], to, found)
                outcomes.setdefault(outcome, []).append(task)
                total += outcome[0]
            for (_, now), agree in outcomes.items():
                if (step + 1) % length == 0:
                    later = [value(step + 1, start, 0, tuple(agree)) for start in starts]
                    total += sum(later) / len(later)
                else:
                    total += value(step + 1, to, now, tuple(agree))
            options.append(total)
        return max(options)

    everything = tuple(range(len(tasks)))
    values = [value(0, start, 0, everything) for start in starts]
    return sum(values) / len(values) / len(tasks)


@every_small
def test_the_best_path_is_that_of_plain_recursion(case):
    """Broken if there is a better policy than a path, or the search misses the best path."""
    family = case.scalar().family
    start = (family.start % family.size, family.start // family.size)
    value = best_return(case, all_goals(case), [start])
    assert optimal_return(family) == pytest.approx(value, abs=1e-9)
    assert optimal_bound(family) == pytest.approx(value, abs=1e-9)


@every_small
def test_the_assignment_bounds_every_path(case):
    """Broken if the bound that proves paths best is above the price of the best."""
    family = case.scalar().family
    search = Search(
        family.size,
        family.start,
        family.num_trials,
        family.trial_length,
        family.once,
        tuple(family.possible_goals.tolist()),
    )
    assert 0 <= least_price(search) <= best_path(search).price


@pytest.mark.parametrize("once", [False, True])
@pytest.mark.parametrize(("size", "start"), [(3, 0), (3, 4), (3, 1), (2, 0)])
@pytest.mark.parametrize(("num_trials", "trial_length"), [(1, 4), (2, 2), (3, 2), (5, 1), (2, 5)])
def test_the_assignment_bounds_paths_from_any_start(once, size, start, num_trials, trial_length):
    """Broken if what it says about the start's own cell does not hold."""
    away = [abs(c % size - start % size) + abs(c // size - start // size) for c in range(size**2)]
    goals = tuple(cell for cell, far in enumerate(away) if far <= trial_length)
    search = Search(size, start, num_trials, trial_length, once, goals)
    path = best_path(search)
    assert path.price == path.bound >= least_price(search)


def test_the_cheapest_assignment_is_that_of_trying_all():
    rng = np.random.default_rng(0)
    for _ in range(200):
        rows = int(rng.integers(1, 6))
        prices = rng.integers(-5, 9, (rows, int(rng.integers(rows, 7))))
        orders = itertools.permutations(range(prices.shape[1]), rows)
        best = min(int(prices[np.arange(rows), list(order)].sum()) for order in orders)
        assert cheapest_assignment(prices) == best


def test_the_hard_dark_rooms_path_is_proved_best():
    """299 goal-trials of 289 goals: 20 new cells in four trials, 19 in the fifth."""
    family = Case("MetaDarkRoomHard-v0").scalar().family
    assert optimal_return(family) == optimal_bound(family) == pytest.approx(299 / 289)


@pytest.mark.parametrize(
    "kwargs",
    [
        {"size": 2, "num_trials": 2, "trial_length": 3},
        {"size": 2, "num_trials": 1, "trial_length": 6},
        {"size": 2, "num_trials": 3, "trial_length": 2},
        {"size": 2, "num_trials": 1, "trial_length": 2},
        {"size": 3, "num_trials": 1, "trial_length": 7},
    ],
    ids=str,
)
def test_key_to_door_lies_between_its_policy_and_its_bound(kwargs):
    """Broken if the bound can be exceeded, or the policy is far from the best (5 s.e. of 0.006).

    Where the policy is as good as the bound, its estimate must not lie above it.
    """
    case = Case(KEY_TO_DOOR, kwargs)
    cells = [(x, y) for x in range(kwargs["size"]) for y in range(kwargs["size"])]
    tasks = [{"key": key, "door": door} for key in cells for door in cells]
    value, family = best_return(case, tasks, cells), case.scalar().family
    assert value <= optimal_bound(family) + 1e-9
    assert 0.92 * value < optimal_return(family) < value + 0.03
    assert optimal_return(family) <= optimal_bound(family)


def test_the_informed_return_of_key_to_door():
    """Against everything played once: short trials, in which not all can be reached."""
    case = Case(KEY_TO_DOOR, {"size": 3, "num_trials": 1, "trial_length": 4})
    cells = [(x, y) for x in range(3) for y in range(3)]
    tasks = [{"key": key, "door": door} for key in cells for door in cells]
    family = case.scalar().family
    values = [max(best_values(case, task, 3, 4)[4, start, 0]) for task in tasks for start in cells]
    assert informed_return(family) == pytest.approx(np.mean(values))
    assert optimal_return(family) <= optimal_bound(family) <= informed_return(family)


@pytest.mark.parametrize("size", range(2, 12))
def test_the_cycle_goes_through_every_cell(size):
    """Broken if a cell is left out, a step is none, or the path back is another."""
    detour, after, before = hamiltonian_cycle(size)
    places = np.array([(cell % size, cell // size) for cell in range(size**2)])
    for there in (after, before):
        assert (np.abs(places - places[there]).sum(axis=1) == 1).all()
    cell, met = 0, set()
    while cell not in met:
        met.add(cell)
        assert before[after[cell]] == cell
        met.add(int(detour[cell]))
        cell = int(after[cell])
    assert met == set(range(size**2))


def test_first_moves_lead_along_shortest_paths():
    """Broken if a path does not end where it leads to, in as many steps as lie between."""
    steps = [(0, 0), (0, 1), (1, 0), (0, -1), (-1, 0)]
    for start, goal in itertools.product(range(16), repeat=2):
        x, y = start % 4, start // 4
        for _ in range(abs(start % 4 - goal % 4) + abs(start // 4 - goal // 4)):
            dx, dy = steps[first_moves(4)[y * 4 + x, goal]]
            x, y = x + dx, y + dy
        assert y * 4 + x == goal
        assert first_moves(4)[goal, goal] == 0


@pytest.mark.parametrize("env_id", [i for i in IDS if is_grid(Case(i))])
def test_an_informed_return_is_no_less_than_the_bound(env_id):
    family = Case(env_id).scalar().family
    assert optimal_return(family) <= optimal_bound(family) <= informed_return(family)
