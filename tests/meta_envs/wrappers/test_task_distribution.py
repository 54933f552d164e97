"""`TaskDistribution`: the stated distribution, two sides without a common task, exact replay."""

import json
import pickle
import subprocess
import sys
from collections import Counter

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from scipy import stats

from meta_envs.wrappers import TaskDistribution
from meta_envs.wrappers.tasks import Tasks, as_json
from tests.meta_envs.cases import SAME_STEP, same
from tests.meta_envs.wrappers.environments import HERE, Chain, check_quietly, draw_chain, set_chain

LIST = [{"size": size, "cost": cost} for size in (2, 3, 4) for cost in (0.1, 0.2, 0.3)]
RANGES = {"cost": [0.0, 0.5], "size": [2, 4]}
WAYS = ("make", "set_task", "options", set_chain, f"{HERE}:set_chain")
FALSE_ALARM = 1e-6


def name_of(way):
    """Two processes must call a function the same."""
    return way if isinstance(way, str) else way.__name__


def draws(tasks, count, split=None, seed=0):
    generator, side = np.random.default_rng(seed), Tasks(tasks, split, 0.2)
    return [side.draw(generator) for _ in range(count)]


def test_a_list_is_drawn_evenly():
    """False alarm once in a million runs."""
    counts = Counter(as_json(task) for task in draws(LIST, 9_000))
    assert len(counts) == 9
    assert stats.chisquare(list(counts.values())).pvalue > FALSE_ALARM


@pytest.mark.parametrize("split", [None, "train", "test"])
def test_ranges_are_uniform_on_either_side(split):
    """False alarm four times in a million runs. Broken if a hash took away a part of a range."""
    tasks = draws(RANGES, 5_000, split)
    cost, size = (np.array([task[name] for task in tasks]) for name in ("cost", "size"))
    assert stats.kstest(cost / 0.5, "uniform").pvalue > FALSE_ALARM
    assert stats.kstest(size / 2 - 1, "uniform").pvalue > FALSE_ALARM
    assert stats.kendalltau(cost[:1000], size[:1000]).pvalue > FALSE_ALARM


@pytest.mark.parametrize("tasks", [[*LIST, *LIST[:4]], RANGES, draw_chain, f"{HERE}:draw_chain"])
def test_no_task_is_on_both_sides(tasks):
    """Equal tasks that stand twice in a list included."""
    sides = [{as_json(task) for task in draws(tasks, 2_000, split)} for split in ("train", "test")]
    assert sides[0] and sides[1]
    assert not sides[0] & sides[1]
    if isinstance(tasks, list):
        assert sides[0] | sides[1] == {as_json(task) for task in LIST}
        assert len(sides[1]) == 2


def test_the_share_of_the_test_is_the_stated_one():
    """False alarm once in a million runs."""
    train = {as_json(task) for task in draws(RANGES, 20_000, "train", seed=3)}
    everything = draws(RANGES, 16_000, seed=3)
    # With one seed both draw the same; the train side leaves the test's out.
    of_test = sum(as_json(task) not in train for task in everything)
    assert stats.binomtest(of_test, 16_000, 0.2).pvalue > FALSE_ALARM


def test_the_split_is_the_same_in_every_process_and_order():
    code = (
        "import json, sys; from meta_envs.wrappers.tasks import Tasks; import numpy as np;"
        "side = Tasks(json.loads(sys.argv[1]), 'test', 0.2); g = np.random.default_rng(0);"
        "print(json.dumps([side.draw(g) for _ in range(50)]))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code, json.dumps(LIST[::-1])], capture_output=True, check=True
    ).stdout
    assert {as_json(t) for t in json.loads(out)} == {as_json(t) for t in draws(LIST, 50, "test")}


@pytest.mark.parametrize("apply", WAYS, ids=name_of)
def test_a_task_reaches_the_environment_and_replays(apply):
    """Broken if the task were not applied, were told, or task or noise did not follow the seed."""
    env = TaskDistribution(gym.make("Chain-v0"), LIST, apply)
    played = []
    for seed in [*range(8), None, None]:
        first, info = env.reset(seed=seed)
        task = env.unwrapped.task
        assert task == env.task == env.get_wrapper_attr("task")
        assert (env.unwrapped.size, env.unwrapped.cost) == (task["size"], task["cost"])
        assert info == {"place": 0}
        played.append((seed, json.dumps(task), first, env.step(1)))
    assert len({task for _, task, _, _ in played}) > 3
    for seed, task, first, step in played[:8]:
        other = TaskDistribution(gym.make("Chain-v0"), LIST, apply)
        assert same(other.reset(seed=seed)[0], first)
        other.reset(seed=seed + 1, options={"task": {"size": 2, "cost": 0.5}})
        assert other.unwrapped.task == {"size": 2, "cost": 0.5}
        again = other.reset(seed=seed, options={"task": json.loads(task)})[0]
        assert same(again, first)
        assert other.unwrapped.task == json.loads(task)
        assert same(other.step(1), step)


@pytest.mark.parametrize("apply", WAYS, ids=name_of)
def test_a_reset_keeps_the_task_if_told(apply):
    env = TaskDistribution(gym.make("Chain-v0"), RANGES, apply)
    first = env.reset(seed=1)[0]
    task = env.unwrapped.task
    kept = [env.reset(options={"keep_task": True})[0] for _ in range(3)]
    assert env.unwrapped.task == task and env.unwrapped.cost == task["cost"]
    assert len({float(x[1]) for x in [first, *kept]}) == 4
    env.reset()
    assert env.unwrapped.task != task


def test_task_and_noise_are_independent():
    """Broken if both came from one stream of numbers. False alarm once in a million runs."""
    env = TaskDistribution(Chain(), {"cost": [0, 1], "size": [2, 3]}, "set_task")
    pairs = [(float(env.reset(seed=s)[0][1]), env.unwrapped.task["cost"]) for s in range(2_000)]
    assert stats.kendalltau(*zip(*pairs, strict=True)).pvalue > FALSE_ALARM


def test_an_attribute_of_the_environments_own_is_left_alone():
    class Own(Chain):
        def set_task(self, task):
            super().set_task(task)
            self.task = "its own"

    env = TaskDistribution(Own(), LIST, "set_task")
    env.reset(seed=0)
    assert env.unwrapped.task == "its own"
    assert env.get_wrapper_attr("task") in LIST


def test_one_of_ours_plays_chosen_tasks():
    tasks = [{"probabilities": [p, 1 - p]} for p in (0.1, 0.4, 0.8)]
    env = TaskDistribution(gym.make("MetaBandit-v0"), tasks, "options")
    seen = [env.reset(seed=s) and env.unwrapped.task for s in range(20)]
    assert {as_json(task) for task in seen} == {as_json(task) for task in tasks}


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"tasks": []}, "tasks must be a list"),
        ({"tasks": "cost"}, "tasks must be a list"),
        ({"tasks": [3]}, "a task must be a dict"),
        ({"tasks": [{"a": {1, 2}}]}, "a task must be a dict that JSON can hold"),
        ({"tasks": [{"a": float("nan")}]}, "a task must be a dict that JSON can hold"),
        ({"tasks": {"cost": 3}}, r"tasks\['cost'\] must be a range"),
        ({"tasks": {"cost": [3, 1]}}, r"tasks\['cost'\]\[1\] must be a number"),
        ({"tasks": "nowhere:at_all"}, "tasks names a module"),
        ({"tasks": f"{HERE}:nothing"}, "tasks must name a function"),
        ({"apply": "attributes"}, "apply must be one of make"),
        ({"apply": "make", "env": Chain()}, "apply must not be 'make'"),
        ({"apply": "set_task", "env": gym.make("CartPole-v1")}, "apply must not be 'set_task'"),
        ({"split": "validation"}, "split must be None"),
        ({"split": "test", "test_share": 2}, "test_share must be a number"),
        ({"split": "test", "test_share": 0}, "test_share must leave tasks for 'test'"),
    ],
)
def test_what_cannot_be_used_is_named(kwargs, message):
    arguments = {"env": gym.make("Chain-v0"), "tasks": LIST, "apply": "set_task"} | kwargs
    with pytest.raises(ValueError, match=message):
        TaskDistribution(**arguments)


def test_a_given_task_that_does_not_fit_changes_nothing():
    env = TaskDistribution(gym.make("Chain-v0"), RANGES, "set_task")
    with pytest.raises(gym.error.ResetNeeded):
        env.task  # noqa: B018
    env.reset(seed=0)
    task = env.task
    for wrong in (3, {"cost": 1}, {"cost": 1, "size": object()}):
        with pytest.raises(ValueError, match="a task"):
            env.reset(options={"task": wrong})
    assert env.task == task == env.unwrapped.task
    with pytest.raises(ValueError, match="must not change the spaces"):
        TaskDistribution(gym.make("FrozenLake-v1"), [{"map_name": "8x8"}], "make").reset()


def test_gymnasiums_checks_pass(recwarn):
    for apply in WAYS:
        check_quietly(TaskDistribution(gym.make("Chain-v0"), RANGES, apply), recwarn)


def test_all_of_it_as_a_registered_id():
    """The way of the docstring, through JSON; and every sub-environment has its own tasks."""
    spec = gym.spec("MetaChain-v0")
    again = EnvSpec.from_json(gym.make(spec).spec.to_json())
    assert again.additional_wrappers[0].kwargs["tasks"] == {"cost": [0.0, 0.5], "size": [2.0, 2.0]}
    envs = gym.make_vec(again, 4, vectorization_mode="sync", vector_kwargs=SAME_STEP)
    observations, _ = envs.reset(seed=7)
    tasks = envs.get_attr("task")
    assert len({as_json(task) for task in tasks}) == 4
    for i in range(4):
        env = gym.make(spec)
        assert same(env.reset(seed=7 + i)[0], observations[i])
        assert env.unwrapped.task == tasks[i]
    copied = pickle.loads(pickle.dumps(env))
    assert same(copied.reset(), env.reset())
    assert copied.unwrapped.task == env.unwrapped.task
