"""`MetaObservation` shows of anybody's environment what ours show of themselves."""

import copy
import pickle
import warnings

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import data_equivalence
from gymnasium.vector import AutoresetMode
from gymnasium.wrappers import TimeLimit
from hypothesis import given, settings
from hypothesis import strategies as st

import meta_envs
from meta_envs.core import INPUTS
from meta_envs.core.observation import PARTS
from meta_envs.wrappers import MetaObservation
from meta_envs.wrappers import vector as twins
from tests.meta_envs.cases import IDS, Case, each, lasting_actions, same
from tests.meta_envs.wrappers.environments import (
    MODES,
    Anything,
    Bare,
    check_quietly,
    play_vector,
    sync,
)

assert meta_envs.__version__
AS_LEVELS = ("MetaBanditInformative-v0", "MetaTwoStep")
"""Where our own environments show the reward as one of several levels."""
DISCRETE = st.builds(spaces.Discrete, st.integers(1, 4), start=st.integers(-2, 2))
MULTI_DISCRETE = st.builds(
    spaces.MultiDiscrete, st.lists(st.integers(1, 3), min_size=1, max_size=3)
)
BOX = st.builds(
    lambda low, width, shape, kind: spaces.Box(low, low + width, shape, kind),
    st.integers(-3, 3),
    st.integers(1, 5),
    st.sampled_from([(1,), (2,), (2, 2)]),
    st.sampled_from([np.float32, np.float64, np.int64]),
)
MULTI_BINARY = st.builds(spaces.MultiBinary, st.integers(1, 3))
NUMBERS = st.one_of(DISCRETE, MULTI_DISCRETE, BOX, MULTI_BINARY)
IMAGE = st.just(spaces.Box(0, 255, (3, 2, 3), np.uint8))
DICT = st.dictionaries(
    st.sampled_from("abc"), st.one_of(NUMBERS, IMAGE, st.just(spaces.Text(4))), min_size=1
).map(spaces.Dict)
OBSERVATIONS = st.one_of(NUMBERS, IMAGE, DICT, st.tuples(NUMBERS, NUMBERS).map(spaces.Tuple))


@each(Case(id) for id in IDS if not id.startswith(AS_LEVELS))
@pytest.mark.parametrize("inputs", [INPUTS, ("action", "timestep"), ("reward", "done")], ids=str)
def test_a_family_without_its_meta_inputs_gets_them_back(case, inputs):
    """Broken if order, values, zeros at the first step, dtype or names were not those of ours."""
    case = case.short(2)
    ours = case.scalar(inputs=list(inputs))
    wrapped = MetaObservation(Bare(case.scalar(inputs=list(inputs))), inputs)
    assert wrapped.observation_space.shape == ours.observation_space.shape
    for episode in range(2):
        seed = None if episode else 3
        assert data_equal(ours.reset(seed=seed)[0], wrapped.reset(seed=seed)[0])
        for action in lasting_actions(case, episode, ours.family.episode_length):
            mine, theirs = ours.step(action), wrapped.step(action)
            assert data_equal(mine[0], theirs[0])
            assert same(mine[1:], theirs[1:])
            if mine[2]:
                break
        assert mine[2]


def data_equal(ours, wrapped):
    """Bit for bit, of the same names where they are dicts."""
    if isinstance(ours, np.ndarray):
        return same(ours, wrapped)
    return same({PARTS.get(name, name): part for name, part in ours.items()}, wrapped)


def test_cartpole_column_by_column():
    """Broken if the parts stood elsewhere or were those of another step."""
    bare, env = gym.make("CartPole-v1"), MetaObservation(gym.make("CartPole-v1"))
    x, _ = bare.reset(seed=1)
    assert np.array_equal(env.reset(seed=1)[0], np.float32([*x, 0, 0, 0, 0]))
    for step, action in enumerate([1, 0, 1, 1], 1):
        x = bare.step(action)[0]
        observation = env.step(action)[0]
        expected = np.float32([*x, action == 0, action == 1, 1.0, step / 500])
        assert np.array_equal(observation, expected)
        assert observation.dtype == np.float32
    assert np.array_equal(env.reset()[0][4:], np.zeros(4))


def test_a_dict_keeps_what_it_has():
    """Broken if a part of the dict were changed, a text flattened, or a part missing."""
    seen = spaces.Dict({"grid": spaces.Box(0, 9, (2, 2), np.int64), "mission": spaces.Text(5)})
    bare, env = Anything(seen, spaces.Discrete(3, start=1)), None
    env = MetaObservation(copy.deepcopy(bare), INPUTS[:2])
    x, _ = bare.reset(seed=0)
    first = env.reset(seed=0)[0]
    zeros = {"last_action": np.zeros(3, np.float32), "last_reward": np.zeros(1, np.float32)}
    assert same(first, x | zeros)
    x, reward, *_ = bare.step(2)
    parts = {"last_action": np.float32([0, 1, 0]), "last_reward": np.float32([reward])}
    assert same(env.step(2)[0], x | parts)


@settings(max_examples=60, deadline=None)
@given(seen=OBSERVATIONS, acts=NUMBERS, mode=st.sampled_from(MODES), data=st.data())
def test_scalar_sync_and_twin_agree(seen, acts, mode, data):
    """Broken if any observation, `final_obs` or info differed, across resets of any mode."""
    inputs = data.draw(st.lists(st.sampled_from(["action", "reward", "timestep"]), min_size=1,
                                unique=True))  # fmt: skip
    kwargs, seed = {"inputs": inputs, "episode_length": 7}, data.draw(st.integers(0, 99))

    def make():
        return Anything(copy.deepcopy(seen), copy.deepcopy(acts))

    with warnings.catch_warnings():
        # Gymnasium's word on sampling a text that need not fill its length.
        warnings.simplefilter("ignore")
        one = sync(lambda: MetaObservation(make(), **kwargs), 3, mode)
        other = twins.MetaObservation(sync(make, 3, mode), **kwargs)
        assert one.single_observation_space == other.single_observation_space
        assert one.observation_space == other.observation_space
        mine, theirs = play_vector(one, seed, 25), play_vector(other, seed, 25)
    assert all(data_equivalence(a, b, exact=True) for a, b in zip(mine, theirs, strict=True))
    assert all(result[0] in other.observation_space for result in theirs)


@pytest.mark.parametrize("id", ["MetaTabularMDP-v0", "MetaHarlow-v0"])
def test_the_twin_around_a_native_environment(id):
    """Broken if done were that of the episode which has just started, or `final_obs` left out."""
    kwargs = {"inputs": ["reward"]}
    parts = ["action", "done", "timestep"]
    case = Case(id, kwargs).short(2)
    native = twins.MetaObservation(case.native(3), parts)
    scalars = sync(lambda: MetaObservation(case.scalar(), parts), 3, AutoresetMode.SAME_STEP)
    steps = 2 * native.unwrapped.family.episode_length + 3
    mine, theirs = play_vector(scalars, 5, steps), play_vector(native, 5, steps)
    assert all(data_equivalence(a, b, exact=True) for a, b in zip(mine, theirs, strict=True))


@pytest.mark.parametrize(
    ("env", "length"),
    [
        (lambda: gym.make("CartPole-v1"), 500),
        (lambda: gym.make("CartPole-v1", max_episode_steps=20), 20),
        (lambda: TimeLimit(gym.make("CartPole-v1"), 30), 30),
        (lambda: TimeLimit(gym.make("CartPole-v1"), 600), 500),
        (lambda: TimeLimit(Anything(spaces.Discrete(2), spaces.Discrete(2)), 9), 9),
        (lambda: gym.make("MetaBandit-v0"), 100),
        (lambda: gym.make_vec("CartPole-v1"), 500),
        (lambda: gym.make_vec("CartPole-v1", vectorization_mode="sync"), 500),
        (lambda: gym.make_vec("CartPole-v1", vectorization_mode="sync", max_episode_steps=20), 20),
        (lambda: gym.make_vec("MetaBandit-v0", 2, num_trials=50), 50),
    ],
)
def test_the_episode_length_is_found(env, length):
    env = env()
    wrapper = twins.MetaObservation if hasattr(env, "num_envs") else MetaObservation
    assert wrapper(env).parts.episode_length == length
    assert wrapper(env, episode_length=7).parts.episode_length == 7


def test_several_actions_are_a_one_hot_each():
    """Broken if a `start` were left out, or the numbers of an action shared their columns."""
    acts = spaces.MultiDiscrete([2, 3], start=[5, -1])
    env = MetaObservation(Anything(spaces.Discrete(1), acts), ["action"])
    env.reset(seed=0)
    assert env.step(np.array([6, 1]))[0].tolist() == [1, 0, 1, 0, 0, 1]
    numbers = spaces.Box(np.float32([-2, 1]), np.float32([3, np.inf]))
    env = MetaObservation(Anything(spaces.Discrete(1), numbers), ["action"])
    assert env.observation_space.low.tolist()[1:] == [-2, 0]
    env.reset(seed=0)
    assert env.step(np.float32([-1.5, 7]))[0].tolist() == [1, -1.5, 7]


def test_the_timestep_never_exceeds_one():
    env = MetaObservation(gym.make("CartPole-v1"), ["timestep"], episode_length=2)
    env.reset(seed=0)
    assert [env.step(0)[0][-1] for _ in range(4)] == [0.5, 1, 1, 1]


@pytest.mark.parametrize("wrapper", [MetaObservation, twins.MetaObservation])
@pytest.mark.parametrize(
    ("seen", "acts", "kwargs", "message"),
    [
        (spaces.Discrete(2), spaces.Discrete(2), {}, "episode_length must be the most steps"),
        (spaces.Discrete(2), spaces.Discrete(2), {"episode_length": 0}, "episode_length must be N"),
        (spaces.Discrete(2), spaces.Discrete(2), {"inputs": "reward"}, "inputs must be a sequence"),
        (spaces.Discrete(2), spaces.Text(3), {"inputs": ["action"]}, "actions must be Discrete"),
        (spaces.Text(2), spaces.Discrete(2), {"inputs": ["reward"]}, None),
        (
            spaces.Sequence(spaces.Discrete(2)),
            spaces.Discrete(2),
            {"inputs": ["reward"]},
            "observations must be a Dict",
        ),
        (
            spaces.Dict({"last_reward": spaces.Discrete(2)}),
            spaces.Discrete(2),
            {"inputs": ["reward"]},
            "inputs must leave out .* last_reward",
        ),
    ],
)
def test_what_cannot_be_shown_is_named(wrapper, seen, acts, kwargs, message):
    env = Anything(seen, acts)
    if wrapper is twins.MetaObservation:
        env = sync(lambda: Anything(seen, acts), 2, AutoresetMode.SAME_STEP)
    if message is None:
        wrapper(env, **kwargs)
        return
    with pytest.raises(ValueError, match=message):
        wrapper(env, **kwargs)


def test_the_autoreset_mode_is_found_or_asked_for():
    """Also behind a wrapper of Gymnasium's, which only passes the metadata on."""
    envs = sync(lambda: gym.make("CartPole-v1"), 2, AutoresetMode.DISABLED)
    outer = twins.MetaObservation(gym.wrappers.vector.ClipReward(envs, 0, 1))
    assert outer.autoreset_mode == outer.metadata["autoreset_mode"] == AutoresetMode.DISABLED
    native = gym.make_vec("CartPole-v1", 2, vectorization_mode="vector_entry_point")
    assert twins.MetaObservation(native).autoreset_mode == AutoresetMode.NEXT_STEP
    native.metadata, native.autoreset_mode = {}, None
    with pytest.raises(ValueError, match="must be an AutoresetMode"):
        twins.MetaObservation(native)


@pytest.mark.parametrize("mode", MODES)
def test_done_needs_trials(mode):
    """Broken if it were shown as always 0: an agent would never learn that it is missing."""
    env = MetaObservation(gym.make("CartPole-v1"), ["done"])
    env.reset(seed=0)
    with pytest.raises(ValueError, match="inputs must leave out 'done'"):
        env.step(0)
    envs = twins.MetaObservation(sync(lambda: gym.make("CartPole-v1"), 2, mode), ["done"])
    envs.reset(seed=0)
    with pytest.raises(ValueError, match="inputs must leave out 'done'"):
        envs.step(np.zeros(2, int))


def test_gymnasiums_checks_pass(recwarn):
    check_quietly(MetaObservation(gym.make("CartPole-v1")), recwarn)
    image = spaces.Box(0, 255, (4, 4, 3), np.uint8)
    for seen in (image, spaces.Dict(a=image, b=spaces.Discrete(3)), spaces.MultiBinary(3)):
        env = Anything(seen, spaces.Box(-1, 1, (2,)))
        check_quietly(MetaObservation(env, ("action", "reward")), recwarn)


def test_the_spec_remakes_it():
    """Broken if JSON lost an argument, or it could not stand among `additional_wrappers`."""
    env = MetaObservation(gym.make("CartPole-v1"), ("reward", "timestep"), episode_length=9)
    spec = EnvSpec.from_json(env.spec.to_json())
    assert spec == env.spec
    again = gym.make(spec)
    envs = gym.make_vec(spec, 2, vectorization_mode="sync")
    assert same(env.reset(seed=4), again.reset(seed=4))
    assert np.array_equal(envs.reset(seed=4)[0][0], env.reset(seed=4)[0])
    assert same(env.step(1), again.step(1))


def test_a_pickled_or_copied_wrapper_goes_on_alike():
    env = MetaObservation(gym.make("CartPole-v1"))
    env.reset(seed=0)
    env.step(1)
    for other in (pickle.loads(pickle.dumps(env)), copy.deepcopy(env)):
        assert same(other.step(0), copy.deepcopy(env).step(0))
