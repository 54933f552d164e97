"""What no memory could hold is refused before it is made, and what is accepted keeps the limit."""

import inspect
import tracemalloc

import gymnasium as gym
import numpy as np
import pytest

from meta_envs.core import TaskFamily, checks
from meta_envs.core.family import load_family
from tests.meta_envs.cases import every_id

MIB = 2**20


def whole_numbers(case):
    """The arguments of a case that are whole numbers, with what they are by default."""
    kwargs = gym.spec(case.id).kwargs
    parameters = inspect.signature(load_family(kwargs["family"])).parameters
    defaults = {name: kwargs.get(name, p.default) for name, p in parameters.items()}
    return {name: default for name, default in defaults.items() if checks.is_whole(default)}


def peak(function, *arguments):
    """Bytes that were in use at once during a call."""
    tracemalloc.start()
    try:
        function(*arguments)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def play(case, **kwargs):
    """A step of a vector environment."""
    envs = case.native(**({"num_envs": 1} | kwargs))
    envs.reset(seed=0)
    envs.step(np.zeros(envs.num_envs, int))


@every_id
@pytest.mark.parametrize("value", [2**31, 10**12, np.int64(2**62), 10**5000], ids="ABCD")
def test_what_no_memory_could_hold_is_refused_at_once(case, value):
    """By the argument that asks for it, in one short line, before anything large is made."""

    def refused(name):
        with pytest.raises(ValueError, match=rf"^{name} must be [^\n]{{,400}}$"):
            case.native(value) if name == "num_envs" else case.scalar(**{name: value})

    play(case)  # What is loaded once.
    for name in ("num_envs", *whole_numbers(case)):
        assert peak(refused, name) < 4 * MIB, name


@every_id
def test_what_is_accepted_keeps_to_the_limit(case, monkeypatch):
    """Broken if a family makes arrays that it has not told of: they would be beyond any memory."""
    limit = 8 * MIB
    play(case)  # What is loaded once.
    monkeypatch.setattr(checks, "MOST_MEMORY", limit)
    for name, default in {**whole_numbers(case), "num_envs": 1}.items():
        value = default
        while True:
            value = 4 * value + (name == "view_size")
            try:
                most = peak(lambda: play(case, **{name: value}))  # noqa: B023
            except ValueError:
                break
            assert most < limit + MIB, (name, value)


class Plain(TaskFamily):
    """A family of somebody else's, that tells the base nothing of its size."""

    def __init__(self, *args, **kwargs):
        length = kwargs.pop("length", 10)
        super().__init__(*args, **kwargs, num_actions=2, episode_length=length, num_draws=length)


def test_a_family_that_says_nothing_of_its_size_is_held_to_the_limit():
    Plain.__abstractmethods__ = frozenset()
    assert Plain(1).num_envs == 1
    with pytest.raises(ValueError, match=r"^num_envs must be smaller, got 1000000000: "):
        Plain(10**9)
    with pytest.raises(ValueError, match=r"^num_envs must be smaller"):
        Plain(1, length=10**12)
