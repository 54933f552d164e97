"""Observations of any space as plain numbers."""

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector.utils import batch_space

from baselines.common.batches import batch_of_one, batch_size, flat_size, flatten, is_batch
from baselines.common.errors import InputError
from baselines.networks.observation_encoder import ObservationEncoder

NUMBERS = {
    "box": spaces.Box(-1, 1, (2, 3), np.float32),
    "bytes": spaces.Box(0, 255, (4,), np.uint8),
    "number": spaces.Discrete(4, start=2),
    "numbers": spaces.MultiDiscrete([2, 3]),
    "flags": spaces.MultiBinary(3),
    "pair": spaces.Tuple([spaces.Discrete(3), spaces.Box(0, 1, (), np.float64)]),
}
CODES = spaces.Box(0, 255, (2, 3, 1), np.uint8)


class Mission(spaces.Space):
    """A space of strings of somebody's own, like Minigrid's."""

    def __init__(self):
        super().__init__((), str)

    def sample(self, mask=None, probability=None):
        return "go on"

    def contains(self, x):
        return isinstance(x, str)


def a_batch(space, num_envs=3):
    """Observations one by one, and as a vector environment gives them."""
    space.seed(0)
    single = [space.sample() for _ in range(num_envs)]
    batch = batch_space(space, num_envs)
    batch.seed(1)
    return single, batch.sample()


@pytest.mark.parametrize("space", [*NUMBERS.values(), spaces.Dict(NUMBERS)])
def test_numbers_are_those_of_gymnasium(space):
    """Broken if parts came in another order: what agents have learnt would mean something else."""
    single, _ = a_batch(space)
    for one in single:
        numbers = flatten(space, batch_of_one(space, one), 1)
        expected = spaces.flatten(space, one)
        np.testing.assert_array_equal(numbers, np.asarray([expected], np.float32))
        assert numbers.dtype == np.float32 and numbers.shape == (1, flat_size(space))


@pytest.mark.parametrize("text", [spaces.Text(9), Mission()])
def test_text_is_left_out(text):
    """Broken if a mission was refused, or came as some thousand numbers."""
    parts = {"number": spaces.Discrete(3), "mission": text, "both": spaces.Tuple([text, CODES])}
    space = spaces.Dict(parts)
    _, batch = a_batch(space)
    numbers = ObservationEncoder(space).encode(batch, 3)
    assert numbers.shape == (3, flat_size(space)) == (3, 3 + 17 * 6)
    assert batch_size(space, batch) == 3 and is_batch(space, batch)
    assert not is_batch(space, space.sample())


def test_an_image_of_codes_tells_each_from_all_others():
    """Broken if a key, 5, were almost a ball, 6: agents did not learn which is which."""
    observations = np.array([[5, 0, 15, 255, 16, 6]], np.uint8).reshape(1, 2, 3, 1)
    numbers = ObservationEncoder(CODES).encode(observations, 1).reshape(6, 17)
    expected = np.zeros((6, 16))
    expected[[0, 1, 2, 5], [5, 0, 15, 6]] = 1
    np.testing.assert_array_equal(numbers[:, :16], expected)
    np.testing.assert_allclose(numbers[:, 16] * 255, observations.ravel(), rtol=1e-6)


def test_a_space_that_says_how_many_codes_there_are_gets_no_more():
    few = spaces.Box(0, 2, (2, 3, 1), np.uint8)
    observations = np.array([[0, 1, 2, 0, 1, 2]], np.uint8).reshape(1, 2, 3, 1)
    numbers = ObservationEncoder(few).encode(observations, 1).reshape(6, 3)
    np.testing.assert_array_equal(numbers, np.eye(3)[[0, 1, 2, 0, 1, 2]])


@pytest.mark.parametrize(
    ("space", "part"),
    [
        (spaces.Sequence(spaces.Discrete(2)), "they are a Sequence"),
        (
            spaces.Dict(a=spaces.Dict(b=spaces.Sequence(spaces.Discrete(2)))),
            r"part \['a'\]\['b'\] is a Sequence",
        ),
        (
            spaces.Tuple([spaces.Discrete(2), spaces.Graph(spaces.Discrete(2), None)]),
            r"part \[1\] is a Graph",
        ),
        (spaces.Dict(a=spaces.Space((), np.int64)), r"part \['a'\] is a Space"),
        (spaces.Text(5), "more than text"),
        (spaces.Dict(a=spaces.Text(5)), "more than text"),
    ],
)
def test_what_cannot_be_numbers_is_named(space, part):
    """An empty NotImplementedError used to come, or numpy's complaint about a shape."""
    with pytest.raises(InputError, match=part):
        ObservationEncoder(space)
