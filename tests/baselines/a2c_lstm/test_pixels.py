"""The agent that sees: its encoder, its stacked LSTM, and what it makes of observations."""

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.vector.utils import batch_space
from torch.nn import functional

from baselines.a2c_lstm import A2CLSTM, A2CLSTMConfig
from baselines.common.errors import InputError
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.load import load
from baselines.evaluation.pretrained import pretrained_path
from baselines.networks import actor_critic
from baselines.networks.actor_critic import ImageActorCritic
from baselines.networks.backends import ImageBackend, image_backend
from baselines.networks.cells import LSTM, StackedLSTM
from baselines.networks.config import InputSizes
from baselines.networks.image_encoder import ImageEncoder, in_blocks
from baselines.networks.observation_encoder import ImageAndVector, ObservationEncoder
from tests.baselines.pixel_cue import ID

SMALL = {"num_envs": 32, "hidden_size": 24, "first_hidden_size": 16, "encoder_size": 32}
STEPS, ENVS, ACTIONS, SIZE, REWARD = 4, 5, 3, 6, 2


def make_network(first_size=None, initial_state="learned"):
    """A network with nothing left at zero, for images of 20 x 24 and six numbers."""
    cell = (
        LSTM(7 + SIZE, 9)
        if first_size is None
        else StackedLSTM(InputSizes(7, REWARD, SIZE - REWARD), first_size, 9)
    )
    network = ImageActorCritic(ImageEncoder((20, 24, 3), 7), cell, ACTIONS, initial_state)
    for name, parameter in network.named_parameters():
        if "encoder" not in name:
            torch.nn.init.normal_(parameter, std=0.5)
    return network


def some_observations(seed):
    """A rollout's images and numbers, and episodes that start anywhere."""
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (STEPS, ENVS, 20, 24, 3), dtype=np.uint8)
    vector = rng.normal(size=(STEPS, ENVS, SIZE)).astype(np.float32)
    return image, vector, rng.random((STEPS, ENVS)) < 0.3


def test_the_encoder_is_that_of_the_paper():
    """Convolutions of 8 x 8, stride 4, 16 channels and 4 x 4, stride 2, 32; 256 units; ReLUs.

    Computed once more in torch's usual layout: broken if rows, columns and channels are mixed up.
    """
    encoder = ImageEncoder((84, 80, 3), 256)
    for parameter in (*encoder.norm.parameters(), encoder.first.bias, encoder.full.bias):
        torch.nn.init.uniform_(parameter, -1, 1)
    images = np.random.default_rng(0).integers(0, 256, (2, 84, 80, 3), dtype=np.uint8)
    x = torch.from_numpy(images.transpose(0, 3, 1, 2).copy()) / 255 - 0.5
    # Squares of 4 x 4 pixels (row, column, channel), two by two of them, make up 8 x 8.
    first = encoder.first.weight.view(16, 4, 4, 3, 2, 2).permute(0, 3, 4, 1, 5, 2)
    x = functional.conv2d(x, first.reshape(16, 3, 8, 8), encoder.first.bias, 4).relu()
    second = encoder.second.weight.view(32, 2, 2, 16, 2, 2).permute(0, 3, 4, 1, 5, 2)
    x = functional.conv2d(x, second.reshape(32, 16, 4, 4), encoder.second.bias, 2).relu()
    x = x.permute(0, 2, 3, 1).flatten(1)
    assert x.shape == (2, 9 * 8 * 32)
    x = encoder.full(x)
    x = (x - x.mean(1, keepdim=True)) / (x.var(1, correction=0, keepdim=True) + 1e-5).sqrt()
    expected = (x * encoder.norm.weight + encoder.norm.bias).relu()
    torch.testing.assert_close(encoder(in_blocks(images)), expected, atol=1e-5, rtol=1e-4)
    encoder.dtype = torch.bfloat16
    torch.testing.assert_close(encoder(in_blocks(images)), expected, atol=3e-2, rtol=0)


@pytest.mark.parametrize("shape", [(20, 20, 1), (23, 30, 3), (37, 21, 4)])
def test_pixels_beyond_the_last_square_are_those_a_convolution_leaves_out(shape):
    """Of any shape: broken if the edges of a image end up elsewhere in it."""
    encoder = ImageEncoder(shape, 8)
    images = np.random.default_rng(0).integers(0, 256, (3, *shape), dtype=np.uint8)
    height, width = (side // 4 * 4 for side in shape[:2])
    cropped = ImageEncoder((height, width, shape[2]), 8)
    cropped.load_state_dict(encoder.state_dict())
    features = encoder(in_blocks(images))
    torch.testing.assert_close(features, cropped(in_blocks(images[:, :height, :width])))
    assert features.shape == (3, 8)


@pytest.mark.parametrize(
    ("precision", "units", "dtype"),
    [
        ("auto", {"amx_bf16": True}, torch.bfloat16),
        ("auto", {"amx_bf16": False}, torch.float32),
        ("auto", {}, torch.float32),
        ("float32", {"amx_bf16": True}, torch.float32),
        ("bfloat16", {}, torch.bfloat16),
    ],
)
def test_numbers_are_short_where_asked_for_or_where_they_are_fast(
    precision, units, dtype, monkeypatch
):
    """Broken if a processor that has to emulate bfloat16 got it, at a fraction of the speed."""
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: units, raising=False)
    agent = A2CLSTM(ID, A2CLSTMConfig(**SMALL, encoder_precision=precision))
    assert agent.network.encoder.dtype == dtype


def take_step(backend, t, image, vector, starts):
    """One step, without noise."""
    noise = np.zeros((ENVS, backend.heads.shape[2] - 1), np.float32)
    observation = ImageAndVector(image, vector)
    backend.step(t, observation, starts, noise, np.empty(ENVS, np.int64))


@pytest.mark.parametrize("first_size", [None, 5])
@pytest.mark.parametrize("chunk", [6, 100])
def test_gradients_are_those_of_the_whole_network(first_size, chunk, monkeypatch):
    """Also where the encoder's part of them is computed in pieces.

    Broken if a image's gradient meets another image, or a rollout computes something else
    than what is learnt from.
    """
    for module in (actor_critic, image_backend):
        monkeypatch.setattr(module, "CHUNK", chunk)
    torch.manual_seed(0)
    network, (image, vector, starts) = make_network(first_size), some_observations(0)
    backend = ImageBackend(network, STEPS, ENVS)
    for _ in range(2):  # The second rollout goes on from the first.
        backend.begin()
        state = backend.first_state
        for t in range(STEPS):
            take_step(backend, t, image[t], vector[t], starts[t])
    head_gradients = np.random.default_rng(1).normal(size=backend.heads.shape).astype(np.float32)
    backend.backward(head_gradients)
    found = {name: p.grad.clone() for name, p in network.named_parameters()}
    network.zero_grad()
    features = network.encoder(in_blocks(image.reshape(-1, 20, 24, 3))).view(STEPS, ENVS, -1)
    inputs = torch.cat([features, torch.from_numpy(vector)], dim=-1)
    heads, last = network(inputs, state, torch.from_numpy(starts))
    heads.backward(torch.from_numpy(head_gradients))
    np.testing.assert_allclose(backend.heads, heads.detach(), atol=1e-4, rtol=1e-4)
    np.testing.assert_allclose(backend.state[0], last[0].detach(), atol=1e-4)
    for name, parameter in network.named_parameters():
        torch.testing.assert_close(found[name], parameter.grad, atol=1e-4, rtol=1e-3, msg=name)
        assert parameter.grad.abs().max() > 0, name


def test_values_leave_the_state_as_it_is():
    """Broken if a look at what a truncation cut off would count as a step."""
    network, (image, vector, starts) = make_network(5), some_observations(0)
    backend = ImageBackend(network, STEPS, ENVS)
    backend.begin()
    before = [part.copy() for part in backend.state]
    values = backend.values(ImageAndVector(image[0], vector[0]), starts[0])
    np.testing.assert_array_equal(before, backend.state)
    take_step(backend, 0, image[0], vector[0], starts[0])
    np.testing.assert_allclose(values, backend.heads[0, :, -1], atol=1e-5)


def test_the_stacked_lstm_is_that_of_the_paper():
    """Features and reward to the first; its output, features and action to the second (Fig. 1c).

    Computed once more from its two LSTMs: broken if an input reaches the wrong one.
    """
    stack = make_network(first_size=5).cell
    assert (stack.first.input_size, stack.first.hidden_size) == (7 + REWARD, 5)
    assert (stack.second.input_size, stack.second.hidden_size) == (5 + 7 + SIZE - REWARD, 9)
    features, reward, action = (torch.randn(STEPS, ENVS, n) for n in (7, REWARD, SIZE - REWARD))
    hidden, cell = torch.randn(2, 1, ENVS, 5 + 9)
    output, last = stack(torch.cat([features, reward, action], -1), (hidden, cell))
    x, first = stack.first(
        torch.cat([features, reward], -1),
        (hidden[..., :5].contiguous(), cell[..., :5].contiguous()),
    )
    expected, second = stack.second(
        torch.cat([x, features, action], -1),
        (hidden[..., 5:].contiguous(), cell[..., 5:].contiguous()),
    )
    torch.testing.assert_close(output, expected)
    for part, whole in enumerate(last):
        torch.testing.assert_close(whole, torch.cat([first[part], second[part]], -1))


@pytest.mark.parametrize("cell", ["lstm", "stacked-lstm"])
def test_learns_what_takes_eyes_and_memory(cell, tmp_path):
    """Of 5 possible; saved and loaded it acts alike, and only what it has learnt is in the file."""
    agent = A2CLSTM(ID, A2CLSTMConfig(**SMALL, cell=cell), seed=0).learn(25_000)
    scores = evaluate(agent, ID, 300)
    assert scores.mean_return > 4.8
    agent.save(tmp_path / "agent.safetensors")
    again = evaluate(tmp_path / "agent.safetensors", ID, 300)
    np.testing.assert_array_equal(again.rewards, scores.rewards)


def test_without_memory_it_sees_but_does_not_remember():
    """The network to compare with, starting anew at every step, must not remember by another way.

    Without its last action and reward, the best that can be done is chance after the first step: a
    mean return of 3, with a standard deviation of at most 2. (With the reward alone it can turn
    back where it did not pay: a mean of 4.) The bound is 5 standard errors above it:
    a false alarm in a million runs.
    """
    config, kwargs = A2CLSTMConfig(**SMALL, memory=False), {"inputs": ["timestep"]}
    agent = A2CLSTM(ID, config, seed=0, env_kwargs=kwargs).learn(40_000)
    mean = evaluate(agent, ID, 1_000, env_kwargs=kwargs).mean_return
    assert 2.8 < mean < 3 + 5 * 2 / 1_000**0.5


def test_a_rollout_keeps_images_as_bytes_and_an_evaluation_keeps_none():
    """A rollout of floats would take four times the memory; 1,000 episodes' worth, gigabytes."""
    agent = A2CLSTM(ID, A2CLSTMConfig(**SMALL), env_kwargs={"size": 36})
    evaluate(agent, ID, 10, env_kwargs={"size": 36})
    assert not {"images", "observations"} & set(vars(agent.backend))
    agent.learn(1)
    assert agent.backend.images.shape == (5, 32, 9, 9, 48)
    assert agent.backend.images.dtype == torch.uint8


def test_two_images_apart_are_told_apart_in_a_batch():
    """Row by row: broken if `predict` mixes up the episodes of a batch."""
    agent = A2CLSTM(ID, A2CLSTMConfig(**SMALL), seed=0)
    torch.nn.init.normal_(agent.network.heads.weight)
    batch = batch_space(agent.policy.observation_space, 300)
    batch.seed(0)
    observation = batch.sample()
    _, (hidden, cell) = agent.predict(observation, deterministic=True)
    one = {name: part[200:201] for name, part in observation.items()}
    _, alone = agent.predict(one, deterministic=True)
    np.testing.assert_allclose(hidden[200:201], alone[0], atol=1e-5)
    np.testing.assert_allclose(cell[200:201], alone[1], atol=1e-5)
    assert not np.allclose(hidden[0], hidden[200], atol=1e-3)


IMAGE = spaces.Box(0, 255, (20, 20, 3), np.uint8)


def test_an_observation_is_taken_apart():
    """The reward first, for the stacked LSTM; discrete parts one-hot; images as they are."""
    space = spaces.Dict(
        {"last_action": spaces.Discrete(3), "image": IMAGE, "last_reward": spaces.Box(-1, 1, (2,))}
    )
    encoder = ObservationEncoder(space)
    assert (encoder.image_shape, encoder.size, encoder.reward_columns) == (
        (20, 20, 3),
        5,
        slice(0, 2),
    )
    batch = batch_space(space, 4)
    batch.seed(0)
    observation = batch.sample()
    encoded = encoder.encode(observation, 4)
    assert encoded.image is observation["image"]
    np.testing.assert_array_equal(encoded.vector[:, :2], observation["last_reward"])
    np.testing.assert_array_equal(encoded.vector[:, 2:], np.eye(3)[observation["last_action"]])
    before = observation["image"].copy()
    row = {
        "last_action": 1,
        "image": observation["image"][3],
        "last_reward": np.float32([0.5, 0.25]),
    }
    changed = encoder.with_rows(encoded, {2: row})
    np.testing.assert_array_equal(changed.image[2], observation["image"][3])
    np.testing.assert_array_equal(changed.vector[2], [0.5, 0.25, 0, 1, 0])
    np.testing.assert_array_equal(np.delete(changed.vector, 2, 0), np.delete(encoded.vector, 2, 0))
    np.testing.assert_array_equal(encoded.image, before)
    assert ObservationEncoder(IMAGE).encode(observation["image"], 4).vector.shape == (4, 0)
    assert ObservationEncoder(spaces.Box(0, 1, (20, 20, 3))).image_shape is None


@pytest.mark.parametrize("parts", ["some", "all"])
def test_our_parts_come_in_the_order_of_the_included_weights(parts):
    """Reward, action, done, timestep: another order would give weights another meaning."""
    inputs = ["action", "reward", "done", "timestep"] if parts == "all" else ["action", "reward"]
    env = gym.make_vec("MetaHarlow-v0", num_envs=2, inputs=inputs)
    env.reset(seed=0)
    observation = env.step(np.array([1, 2]))[0]
    observation["last_reward"][:] = [[0.25], [-1]]
    vector = ObservationEncoder(env.single_observation_space).encode(observation, 2).vector
    expected = np.float32([[0.25, 0, 1, 0, 0, 1 / env.family.episode_length]])
    np.testing.assert_array_equal(vector[:1], expected[:, : 4 + 2 * (len(inputs) == 4)])


@pytest.mark.parametrize(
    ("env_id", "expected"),
    [
        ("MetaHarlow-v0", "01112222111122221111222222111111222122"),
        ("MetaIMaze-v0", "77666622626000066667776222677772762767"),
    ],
)
def test_the_included_agents_play_as_when_they_were_trained(env_id, expected):
    """Broken if what they see, or the order of it, is not what they have learnt from."""
    agent = load(pretrained_path(env_id))
    env = gym.make_vec(env_id, num_envs=2)
    (observation, _), state, actions = env.reset(seed=1), None, ""
    for step in range(len(expected)):
        starts = np.full(2, step == 0)
        action, state = agent.predict(observation, state, starts, deterministic=True)
        observation = env.step(action)[0]
        actions += str(action[0])
    assert actions == expected


@pytest.mark.parametrize("cell", ["lstm", "stacked-lstm"])
@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP])
@pytest.mark.parametrize(
    "space",
    [IMAGE, spaces.Dict({"eye": IMAGE, "place": spaces.Discrete(4)})],
    ids=["image", "dict"],
)
def test_learns_from_the_images_of_other_environments(space, mode, cell):
    """Truncations and episodes of unequal length, with and without numbers beside the image."""

    class Other(gym.Env):
        observation_space = space
        action_space = spaces.Discrete(2, start=5)

        def reset(self, seed=None, options=None):
            super().reset(seed=seed)
            self.observation_space.seed(seed)
            return self.observation_space.sample(), {}

        def step(self, action):
            assert action in (5, 6)
            return self.observation_space.sample(), 0.0, False, self.np_random.random() < 0.3, {}

    envs = SyncVectorEnv([Other] * 2, autoreset_mode=mode)
    config = A2CLSTMConfig(num_envs=2, num_steps=8, hidden_size=8, cell=cell)
    agent = A2CLSTM(envs, config).learn(64)
    observation, _ = envs.reset(seed=0)
    assert set(agent.predict(observation)[0].tolist()) <= {5, 6}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ImageEncoder((40, 19, 3), 8), "at least 20 pixels a side, got (40, 19, 3)"),
        (
            lambda: A2CLSTM("MetaBandit-v0", A2CLSTMConfig(cell="stacked-lstm")),
            "`cell` must not be stacked-lstm where the observations hold no image",
        ),
        (lambda: A2CLSTMConfig(encoder_size=0), "`encoder_size` must be a whole number"),
        (lambda: ObservationEncoder(spaces.Dict({"a": IMAGE, "b": IMAGE})), "one image, got a, b"),
    ],
)
def test_what_it_cannot_see_is_refused(make, message):
    with pytest.raises(InputError) as caught:
        make()
    assert message in str(caught.value)
