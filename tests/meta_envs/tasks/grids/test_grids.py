"""The rooms: moves, rewards, trials and regret, each against rules written down once more here."""

import numpy as np
import pytest

from meta_envs.rendering.palette import HIT, INK, MISS, TASK
from tests.meta_envs.bounds import happens
from tests.meta_envs.cases import Case, same, some_actions
from tests.meta_envs.pictures import find, has

GRIDWORLD, DARK_ROOM = Case("MetaGridworld-v0"), Case("MetaDarkRoom-v0")
HARD, KEY_TO_DOOR = Case("MetaDarkRoomHard-v0"), Case("MetaDarkKeyToDoor-v0")
GRIDS = [
    GRIDWORLD,
    Case("MetaGridworld-v0", {"size": 3, "trial_length": 4}),
    DARK_ROOM,
    Case("MetaDarkRoom-v0", {"size": 2, "trial_length": 3}),
    HARD,
    Case("MetaDarkRoom-v0", {"size": 4, "pays": "once", "trial_length": 6}),
    KEY_TO_DOOR,
    Case("MetaDarkKeyToDoor-v0", {"size": 2, "trial_length": 4}),
    Case("MetaDarkKeyToDoor-v0", {"size": 2, "trial_length": 2}),
    Case("MetaDarkKeyToDoor-v0", {"size": 3, "trial_length": 7}),
]
every_grid = pytest.mark.parametrize("case", GRIDS, ids=str)
STEPS = [(0, 0), (0, 1), (1, 0), (0, -1), (-1, 0)]
N = 10_000


def moved(place, action, size):
    """Where an action leads to."""
    x, y = place[0] + STEPS[action][0], place[1] + STEPS[action][1]
    return (x, y) if 0 <= x < size and 0 <= y < size else place


def pays(case, task, place, found):
    """Reward and targets found in the trial after a step that ends in a place."""
    if "key" in task:
        first = found == 0 and place == tuple(task["key"])
        found += first
        second = found == 1 and place == tuple(task["door"])
        return float(first + second), found + second
    hit = place == tuple(task["goal"])
    if case.id == "MetaGridworld-v0":
        return (1.0 if hit else -0.1), 0
    if case.id == "MetaDarkRoomHard-v0" or case.kwargs.get("pays") == "once":
        return float(hit and not found), int(hit or found)
    return float(hit), 0


def seen(env, observation):
    """The place that the agent sees itself in."""
    own = observation[env.meta_observation.layout["observation"]]
    assert sorted(own)[-2:] == [0, 1]
    y, x = divmod(int(own.argmax()), env.family.size)
    return x, y


@every_grid
def test_moves_rewards_and_trials_follow_the_rules(case):
    """Broken if a wall is crossed, a step misplaced, or a reward paid late, twice or not at all."""
    env, rewards = case.scalar(), set()
    size, length = env.family.size, env.family.trial_length
    for seed in range(15):
        place, found = seen(env, env.reset(seed=seed)[0]), 0
        for step, action in enumerate(some_actions(case, seed, env.family.episode_length)):
            place = moved(place, action, size)
            expected, found = pays(case, env.task, place, found)
            observation, reward, over, _, info = env.step(action)
            rewards.add(reward)
            assert reward == expected
            assert info["trial"] == step // length
            if (step + 1) % length == 0 and not over:
                place, found = seen(env, observation), 0
                if "KeyToDoor" not in case.id:
                    middle = (size // 2, size // 2)
                    assert place == ((0, 0) if "Gridworld" in case.id else middle)
            assert seen(env, observation) == place
    assert len(rewards) > 1


def best_values(case, task, size, length):
    """Action values by value iteration over every state; key (left, place, found)."""
    places = [(x, y) for x in range(size) for y in range(size)]
    value = {(0, place, found): 0.0 for place in places for found in range(3)}
    worth = {}
    for left in range(1, length + 1):
        for place in places:
            for found in range(3):
                row = []
                for action in range(5):
                    to = moved(place, action, size)
                    reward, now = pays(case, task, to, found)
                    row.append(reward + value[left - 1, to, now])
                worth[left, place, found], value[left, place, found] = row, max(row)
    return worth


@every_grid
def test_regret_is_that_of_value_iteration(case):
    """Broken if the value by distances is wrong anywhere: walls, no-op, once, key then door."""
    env = case.scalar()
    size, length = env.family.size, env.family.trial_length
    for seed in range(2 if size > 5 else 12):
        place, found = seen(env, env.reset(seed=seed)[0]), 0
        worth = best_values(case, env.task, size, length)
        for step, action in enumerate(some_actions(case, seed, env.family.episode_length)):
            expected = worth[length - step % length, place, found]
            values = env.family.action_values()[0]
            if step % 3 == 0:  # So that what pays is reached, too.
                action = int(values.argmax())
            np.testing.assert_allclose(values, expected, atol=1e-9)
            observation, _, _, _, info = env.step(action)
            assert abs(info["regret"] - (max(expected) - expected[action])) < 1e-9
            place = moved(place, action, size)
            found = pays(case, env.task, place, found)[1]
            if (step + 1) % length == 0:
                place, found = seen(env, observation), 0


def test_after_the_last_trial_the_agent_stays_where_it_is():
    """Broken if the last observation shows a start that nobody will start in."""
    env = Case("MetaGridworld-v0", {"num_trials": 1, "trial_length": 2}).scalar()
    env.reset(seed=0)
    env.step(2)
    observation, _, over, _, _ = env.step(1)
    assert over and seen(env, observation) == (1, 1)


def played(case, task, actions):
    """Rewards of actions on a task."""
    env = case.scalar()
    env.reset(seed=0, options={"task": task})
    return [env.step(action)[1] for action in actions]


def test_the_goal_of_the_gridworld_pays_on_every_step():
    rewards = played(GRIDWORLD, {"goal": [0, 2]}, [1, 1, 0, 1, 3])
    assert rewards == [-0.1, 1, 1, -0.1, 1]


def test_the_goal_of_the_hard_dark_room_pays_once_a_trial():
    """The goal is the start itself, which pays from the first step that ends there."""
    rewards = played(HARD, {"goal": [8, 8]}, [0, 0, 1, 3, *[0] * 16, 0, 0])
    assert rewards == [1, *[0] * 19, 1, 0]


def test_a_new_episode_forgets_what_was_found():
    """Broken if a reset in the middle of a trial leaves the goal found."""
    env = HARD.scalar()
    task = {"goal": [8, 8]}
    for _ in range(2):
        env.reset(seed=0, options={"task": task})
        assert env.step(0)[1] == 1


def test_a_dark_room_with_the_goal_in_the_middle_pays_for_staying():
    assert played(DARK_ROOM, {"goal": [4, 4]}, [0, 0, 1, 3]) == [1, 1, 0, 1]


def key_to_door(key, door, actions):
    """Rewards in a room of four cells, from wherever the first trial starts: (0, 0)."""
    case = Case("MetaDarkKeyToDoor-v0", {"size": 2, "trial_length": 8})
    env = case.scalar()
    seed = next(s for s in range(99) if seen(env, env.reset(seed=s)[0]) == (0, 0))
    env.reset(seed=seed, options={"task": {"key": key, "door": door}})
    return [env.step(action)[1] for action in actions]


@pytest.mark.parametrize(
    ("key", "door", "rewards"),
    [
        ([1, 0], [1, 1], [1, 1, 0, 0, 0, 0]),
        ([1, 1], [1, 0], [0, 1, 0, 0, 1, 0]),
        ([1, 1], [1, 1], [0, 2, 0, 0, 0, 0]),
        ([0, 0], [1, 0], [0, 0, 0, 1, 1, 0]),
    ],
)
def test_the_door_opens_with_the_key_only_and_each_pays_once(key, door, rewards):
    """Broken if the door pays without the key, or either pays again: round the room and back."""
    assert key_to_door(key, door, [2, 1, 4, 3, 2, 0]) == rewards


def tasks(case, name, n=N):
    """One cell of the tasks of fresh sub-environments, as (x, y) pairs."""
    envs = case.short(2).native(n)
    envs.reset(seed=0)
    return np.array([task[name] for task in envs.tasks])


def uniform(places, allowed, size):
    """Whether each of the allowed places, and no other, comes up alike (1e-6 in all)."""
    counts = np.bincount(places[:, 1] * size + places[:, 0], minlength=size * size)
    expected = {y * size + x for x, y in allowed}
    assert set(np.flatnonzero(counts)) <= expected
    return all(happens(counts[c], len(places), 1 / len(allowed), len(allowed)) for c in expected)


def test_the_gridworlds_goal_is_uniform_and_never_near_the_start():
    places = [(x, y) for x in range(5) for y in range(5)]
    allowed = [place for place in places if place not in [(0, 0), (0, 1), (1, 0), (1, 1)]]
    assert len(allowed) == 21
    assert uniform(tasks(GRIDWORLD, "goal"), allowed, 5)


@pytest.mark.parametrize(("case", "size"), [(DARK_ROOM, 9), (HARD, 17)], ids=str)
def test_a_dark_rooms_goal_is_anywhere(case, size):
    places = [(x, y) for x in range(size) for y in range(size)]
    assert uniform(tasks(case, "goal"), places, size)


def test_key_door_and_every_start_are_anywhere_and_independent():
    """Broken if one of them is drawn from other cells, or tells of another."""
    envs = KEY_TO_DOOR.short(2).native(N)
    envs.reset(seed=0)
    places = [(x, y) for x in range(9) for y in range(9)]
    found = [np.array([task[name] for task in envs.tasks]) for name in ("key", "door")]
    for trial in range(2):
        y, x = np.divmod(envs.family.starts[:, trial], 9)
        found.append(np.stack([x, y], axis=1))
    for one in found:
        assert uniform(one, places, 9)
    blocks = [one[:, 1] // 3 * 3 + one[:, 0] // 3 for one in found]  # Nine to a room.
    for i, one in enumerate(blocks):
        for other in blocks[:i]:
            counts = np.bincount(one * 9 + other, minlength=81)
            assert all(happens(count, N, 1 / 81, 81) for count in counts)


def test_the_starts_are_noise_and_no_part_of_the_task():
    """Broken if a replayed task brings other starts than the seed, or the same ones always."""
    env = KEY_TO_DOOR.scalar()
    env.reset(seed=1)
    starts = env.family.starts.copy()
    env.reset(seed=1, options={"task": {"key": [0, 0], "door": [8, 8]}})
    assert same(env.family.starts, starts)
    env.reset(seed=2, options={"task": {"key": [0, 0], "door": [8, 8]}})
    assert not same(env.family.starts, starts)


def rendered(case, task, actions, mode):
    """What an episode looks like after some actions."""
    env = case.scalar(render_mode=mode)
    env.reset(seed=0, options={"task": task})
    for action in actions:
        env.step(action)
    return env.render()


def test_the_text_is_a_map_with_the_trial_and_the_reward():
    """Broken if the map is mirrored, the track is wrong or another trial's."""
    case = Case("MetaGridworld-v0", {"size": 3, "trial_length": 5})
    lines = rendered(case, {"goal": [0, 2]}, [1, 1, 2, 2, 3], "ansi").splitlines()
    assert lines[0] == "trial 2 of 4, step 0 of 5, reward so far 0.6"
    assert lines[1:] == ["G . .", ". . .", "A . ."]
    lines = rendered(case, {"goal": [0, 2]}, [1, 1, 2, 2], "ansi").splitlines()
    assert lines[0] == "trial 1 of 4, step 4 of 5, reward so far 0.7"
    assert lines[1:] == ["G * A", "* . .", "S . ."]


def test_the_text_shows_key_and_door():
    lines = rendered(KEY_TO_DOOR, {"key": [1, 8], "door": [8, 0]}, [], "ansi").splitlines()
    assert lines[1][2] == "K" and lines[9][16] == "D"


def test_the_rendering_shows_goal_agent_and_what_paid():
    """Broken if something stands in another place, or a step that paid looks like the others."""
    frame = rendered(GRIDWORLD, {"goal": [0, 2]}, [1, 1, 2], "rgb_array")
    cell = 305 // 5
    top, left = find(frame, "the room from above")[0]
    room = frame[top + 20 : top + 325, left : left + 305]
    purple = has(room, TASK)
    assert purple.sum() == purple[2 * cell : 3 * cell, :cell].sum() > cell**2 / 4
    assert has(room, INK)[2 * cell + cell // 2, cell + cell // 2]
    row, column = find(frame, "trial 1")[-1]
    strip = frame[row + 8 : row + 20, column + 12 * len("trial 1") + 10 :]
    paid = [has(strip[:, step * 18 + 4][:, None], HIT).any() for step in range(15)]
    assert paid == [step == 1 for step in range(15)]
    missed = [has(strip[:, step * 18 + 4][:, None], MISS).any() for step in range(15)]
    assert missed == [step in (0, 2) for step in range(15)]


@pytest.mark.parametrize("size", [3, 40])
@pytest.mark.parametrize("num_trials", [1, 200])
def test_the_rendering_has_a_reasonable_size(size, num_trials):
    case = Case("MetaDarkRoom-v0", {"size": size, "num_trials": num_trials})
    frame = rendered(case, {"goal": [0, 0]}, [1], "rgb_array")
    height, width, _ = frame.shape
    assert 600 <= width <= 900 and 300 <= height <= 900
