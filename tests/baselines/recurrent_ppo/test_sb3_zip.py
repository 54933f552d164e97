"""Reading zips: whose can be read, that nothing in them is run, and what is refused."""

import base64
import io
import json
import pickle
import zipfile
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium import spaces
from gymnasium.vector.utils import batch_space
from sb3_contrib import RecurrentPPO
from stable_baselines3 import A2C, DQN, PPO, SAC
from stable_baselines3.common.torch_layers import FlattenExtractor
from torch import nn

from baselines.common.errors import InputError
from baselines.recurrent_ppo import RecurrentPPOConfig, load_sb3_policy, make_model
from baselines.recurrent_ppo.sb3_zip import read_zip, restore_model

CONFIG = RecurrentPPOConfig(num_envs=8, num_minibatches=2, hidden_size=8)


def make_ours(seed=0, config=CONFIG, **kwargs):
    return make_model(gym.make_vec("MetaBandit-v0", 8, num_trials=5, **kwargs), config, seed)


class Images(gym.Env):
    """Images with their channels last, as most environments give them."""

    observation_space = spaces.Box(0, 255, (36, 40, 3), np.uint8)
    action_space = spaces.Discrete(3)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        return self.observation_space.sample(), {}

    def step(self, action):
        return self.observation_space.sample(), 0.0, False, False, {}


class Mixed(Images):
    """An image beside a number."""

    observation_space = spaces.Dict(
        {"image": Images.observation_space, "reward": spaces.Box(0, 1, (1,))}
    )


class OwnExtractor(FlattenExtractor):
    """Somebody's own class, which only unpickling could bring back."""


def bandit():
    return gym.make("MetaBandit-v0")


MODELS = {
    "ours": make_ours,
    "ours, separate": lambda: make_ours(config=RecurrentPPOConfig(8, critic_lstm="separate")),
    "RecurrentPPO": lambda: RecurrentPPO("MlpLstmPolicy", bandit(), device="cpu"),
    "RecurrentPPO, images": lambda: RecurrentPPO("CnnLstmPolicy", Images(), device="cpu"),
    "PPO": lambda: PPO("MlpPolicy", bandit(), device="cpu"),
    "PPO, ReLU": lambda: PPO(
        "MlpPolicy",
        bandit(),
        policy_kwargs={"activation_fn": nn.ReLU, "net_arch": {"pi": [7], "vf": [5, 3]}},
        device="cpu",
    ),
    "PPO, images": lambda: PPO("CnnPolicy", Images(), device="cpu"),
    "PPO, dict": lambda: PPO("MultiInputPolicy", Mixed(), device="cpu"),
    "A2C": lambda: A2C("MlpPolicy", bandit(), device="cpu"),
    "DQN": lambda: DQN("MlpPolicy", bandit(), buffer_size=10, device="cpu"),
    "DQN, images": lambda: DQN("CnnPolicy", Images(), buffer_size=10, device="cpu"),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_loaded_policy_acts_like_the_saved_one(name, tmp_path):
    """Also where policy_kwargs is pickled for the optimiser's or the activation's sake (A2C)."""
    model = MODELS[name]()
    # A fresh policy is nearly indifferent, whatever it sees: its actions would tell little.
    torch.manual_seed(0)
    for parameter in model.policy.parameters():
        nn.init.normal_(parameter, std=0.3)
    model.save(tmp_path / "model")
    env = Mixed() if "dict" in name else Images() if "images" in name else bandit()
    policy = load_sb3_policy(tmp_path / "model", env.observation_space, env.action_space)
    # The same layers and activations; only the class may be another one.
    assert str(policy).partition("(")[2] == str(model.policy).partition("(")[2]
    batch = batch_space(env.observation_space, 30)
    batch.seed(0)
    state = loaded_state = None
    for step in range(3):
        observation = batch.sample()
        start = np.full(30, step in (0, 2))
        for deterministic in (True, False):
            torch.manual_seed(step)
            expected, new_state = model.policy.predict(observation, state, start, deterministic)
            torch.manual_seed(step)
            action, new_loaded = policy.predict(observation, loaded_state, start, deterministic)
            np.testing.assert_array_equal(action, expected)
        state, loaded_state = new_state, new_loaded
        if state is not None:
            np.testing.assert_allclose(loaded_state, state, atol=1e-4)


class Payload:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def rewrite(path, **members):
    """Replaces members of a zip; None leaves one out."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    content |= members
    with zipfile.ZipFile(path, "w") as archive:
        for name, value in content.items():
            if value is not None:
                archive.writestr(name, value)


def changed_data(path, **entries):
    with zipfile.ZipFile(path) as archive:
        return json.dumps(json.loads(archive.read("data")) | entries)


def saved(path, model=None):
    (model or make_ours()).save(path)
    return path


def spaces_of(model):
    return model.observation_space, model.action_space


def as_pickle(path):
    """An entry of `data` that runs code when Stable-Baselines3 reads it."""
    return {
        ":type:": "dict",
        ":serialized:": base64.b64encode(pickle.dumps(Payload(path))).decode(),
    }


def test_a_pickle_in_the_data_is_not_run(tmp_path):
    """A checkpoint from the internet must not be able to take over the machine."""
    model, mark = make_ours(), tmp_path / "mark"
    path = saved(tmp_path / "model.zip", model)
    entry = as_pickle(mark)
    names = ("policy_class", "policy_kwargs", "lr_schedule", "observation_space", "extra")
    rewrite(path, data=changed_data(path, **dict.fromkeys(names, entry)))
    # Without policy_kwargs the network is another one: the refusal comes after all was read.
    with pytest.raises(InputError, match="does not fit"):
        load_sb3_policy(path, *spaces_of(model))
    kwargs = entry | model.policy_kwargs
    rewrite(path, data=changed_data(path, policy_kwargs=kwargs))
    load_sb3_policy(path, *spaces_of(model))
    restore_model(make_ours(), read_zip(path))
    assert not mark.exists()
    # The payload is live: Stable-Baselines3's own loader runs it.
    rewrite(path, data=changed_data(saved(path), extra=entry))
    RecurrentPPO.load(path, device="cpu")
    assert mark.exists()


@pytest.mark.parametrize("member", ["policy.pth", "policy.optimizer.pth"])
@pytest.mark.parametrize("by_torch", [False, True])
def test_a_pickle_in_place_of_tensors_is_not_run(member, by_torch, tmp_path):
    model, mark = make_ours(), tmp_path / "mark"
    path = saved(tmp_path / "model.zip", model)
    payload = io.BytesIO(pickle.dumps(Payload(mark)))
    if by_torch:
        torch.save({"lstm_actor.weight_ih_l0": Payload(mark)}, payload)
    rewrite(path, **{member: payload.getvalue()})
    with pytest.raises(InputError, match="without unpickling") as error:
        restore_model(model, read_zip(path))
    assert "\n" not in str(error.value)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"data": None}, "no zip of Stable-Baselines3"),
        ({"data": "{"}, "no zip of Stable-Baselines3"),
        ({"data": "[1]"}, "is no JSON object"),
        ({"policy.pth": None}, "holds no policy.pth"),
        ({"policy.pth": b"abc"}, "holds no policy.pth"),
    ],
)
def test_broken_zips_are_refused(members, message, tmp_path):
    path = saved(tmp_path / "model.zip")
    rewrite(path, **members)
    with pytest.raises(InputError, match=message) as error:
        load_sb3_policy(path, *spaces_of(make_ours()))
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def with_parts(*names):
    """Images, and numbers of these names beside them."""
    numbers = dict.fromkeys(names, spaces.Box(0, 1, (1,)))
    return spaces.Dict({"image": Images.observation_space} | numbers)


def test_observations_whose_parts_have_other_names_are_refused(tmp_path):
    """Their weights would fit, in another order: a Dict's parts are sorted by name."""
    env = gym.wrappers.TransformObservation(Mixed(), dict, with_parts("action", "reward"))
    model = RecurrentPPO("MultiInputLstmPolicy", env, n_steps=2, device="cpu")
    path = saved(tmp_path / "model.zip", model)
    newer = with_parts("last_action", "last_reward")
    message = "knows no part last_action and no last_reward of an observation.*train it anew"
    with pytest.raises(InputError, match=message) as error:
        load_sb3_policy(path, newer, Images.action_space)
    assert "\n" not in str(error.value)
    model.observation_space = newer
    with pytest.raises(InputError, match=message):
        restore_model(model, read_zip(path))
    # Where it cannot be known, nobody is kept from their model.
    for entry in (None, "text", {"spaces": 3}):
        rewrite(path, data=changed_data(path, observation_space=entry))
        load_sb3_policy(path, newer, Images.action_space)


def test_other_files_are_refused(tmp_path):
    (tmp_path / "text.zip").write_text("no zip")
    for path in (tmp_path / "text.zip", tmp_path / "absent.zip", tmp_path):
        with pytest.raises(InputError, match="no zip of Stable-Baselines3"):
            load_sb3_policy(path, *spaces_of(make_ours()))


def test_a_class_of_somebodys_own_is_refused_by_name(tmp_path):
    """Rebuilding it would take unpickling; leaving it out would build another network."""
    kwargs = {"features_extractor_class": OwnExtractor}
    model = PPO("MlpPolicy", bandit(), policy_kwargs=kwargs, device="cpu")
    path = saved(tmp_path / "model.zip", model)
    with pytest.raises(InputError, match=r"features_extractor_class.*OwnExtractor") as error:
        load_sb3_policy(path, *spaces_of(model))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "entries",
    [
        {"policy_kwargs": {"no_such_argument": 1}},
        {"policy_kwargs": {"lstm_hidden_size": -4}},
        {"policy_kwargs": {"lstm_hidden_size": "8"}},
        {"policy_kwargs": [1]},
        {"use_sde": True},
    ],
)
def test_arguments_that_build_no_policy_are_refused(entries, tmp_path):
    path = saved(tmp_path / "model.zip")
    rewrite(path, data=changed_data(path, **entries))
    with pytest.raises(InputError) as error:
        load_sb3_policy(path, *spaces_of(make_ours()))
    assert "\n" not in str(error.value)


def test_a_policy_for_other_spaces_is_refused(tmp_path):
    """Three arms instead of two change both the observation and the action space."""
    path, other = saved(tmp_path / "model.zip"), make_ours(num_arms=3)
    with pytest.raises(InputError, match="does not fit"):
        load_sb3_policy(path, *spaces_of(other))
    with pytest.raises(InputError, match="does not fit"):
        load_sb3_policy(path, make_ours().observation_space, spaces.Discrete(4))


def test_other_algorithms_are_refused(tmp_path):
    model = SAC("MlpPolicy", "Pendulum-v1", buffer_size=10, device="cpu")
    path = saved(tmp_path / "model.zip", model)
    with pytest.raises(InputError, match="no policy of RecurrentPPO, PPO, A2C or DQN"):
        load_sb3_policy(path, *spaces_of(model))


def test_restore_takes_up_where_the_saved_model_was(tmp_path):
    """Weights alone would do for acting; going on needs Adam's moments and the counters too."""
    model = make_ours().learn(3 * 40)
    path = saved(tmp_path / "model", model)
    other = make_ours(seed=9)
    restore_model(other, read_zip(path))
    assert (other.num_timesteps, other._n_updates) == (model.num_timesteps, model._n_updates)
    # The same update from here must lead to the same weights.
    for each in (model, other):
        each.rollout_buffer = model.rollout_buffer
        each._current_progress_remaining = 0.5
        each.set_logger(model.logger)
        np.random.seed(0)  # noqa: NPY002 - the generator that Stable-Baselines3 uses
        each.train()
    for name, expected in model.policy.state_dict().items():
        assert torch.equal(other.policy.state_dict()[name], expected), name
    assert other.learn(40, reset_num_timesteps=False).num_timesteps == 160


def wrong_optimizer():
    """Adam's state for a network of the same number of parameters but other shapes."""
    buffer = io.BytesIO()
    entry = {"step": torch.tensor(1.0), "exp_avg": torch.zeros(3), "exp_avg_sq": torch.zeros(3)}
    torch.save({"state": {0: entry}, "param_groups": []}, buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("fault", ["hidden size", "optimizer", "num_timesteps"])
def test_a_refused_restore_leaves_the_model_as_it_was(fault, tmp_path):
    """Half a checkpoint would train on without anybody noticing."""
    path = tmp_path / "model.zip"
    config = RecurrentPPOConfig(num_envs=8, hidden_size=9 if fault == "hidden size" else 8)
    saved(path, make_ours(config=config).learn(40))
    if fault == "optimizer":
        rewrite(path, **{"policy.optimizer.pth": wrong_optimizer()})
    elif fault == "num_timesteps":
        rewrite(path, data=changed_data(path, num_timesteps="many"))
    model = make_ours(seed=9)
    before = {name: weight.clone() for name, weight in model.policy.state_dict().items()}
    with pytest.raises(InputError) as error:
        restore_model(model, read_zip(path))
    assert "\n" not in str(error.value)
    assert model.num_timesteps == 0
    assert not model.policy.optimizer.state
    for name, weight in model.policy.state_dict().items():
        assert torch.equal(weight, before[name])


def test_an_encrypted_zip_is_refused(tmp_path):
    path = saved(tmp_path / "model.zip")
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        first = archive.infolist()[0]
        directory = archive.start_dir
    # The flag of encryption of the first member: in its header, and in the directory.
    content[first.header_offset + 6] |= 1
    content[directory + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match="encrypted") as error:
        load_sb3_policy(path, *spaces_of(make_ours()))
    assert "\n" not in str(error.value)


def test_a_zip_that_unpacks_to_a_thousand_times_its_size_is_refused(tmp_path):
    """Broken if a small file from the internet could fill the memory."""
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data", b" " * 10_000_000)
    with pytest.raises(InputError, match="would unpack to 10,000,000 bytes"):
        load_sb3_policy(path, *spaces_of(make_ours()))
