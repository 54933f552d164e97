"""Reading Stable-Baselines3's zips without running anything in them.

Stable-Baselines3's own `load` unpickles parts of a zip, and unpickling can run any code. Here the
zip's JSON is read as far as it is plain, and its tensors with torch's `weights_only`.
"""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import torch
from gymnasium import spaces
from sb3_contrib.common.recurrent.policies import (
    RecurrentActorCriticCnnPolicy,
    RecurrentMultiInputActorCriticPolicy,
)
from stable_baselines3.common import policies as actor_critic
from stable_baselines3.common.policies import BasePolicy
from stable_baselines3.common.preprocessing import is_image_space, is_image_space_channels_first
from stable_baselines3.common.torch_layers import CombinedExtractor, FlattenExtractor, NatureCNN
from stable_baselines3.common.vec_env import VecTransposeImage
from stable_baselines3.dqn import policies as dqn
from torch import Tensor, nn

from baselines.common.errors import InputError, one_line
from baselines.common.files import parse_json
from baselines.common.schema import MOST
from baselines.recurrent_ppo.algorithm import CompiledPPO
from baselines.recurrent_ppo.lstm_policy import WholeSequencePolicy

POLICIES: dict[str, tuple[type[BasePolicy], type[BasePolicy], type[BasePolicy]]] = {
    "lstm_actor.": (
        WholeSequencePolicy,
        RecurrentActorCriticCnnPolicy,
        RecurrentMultiInputActorCriticPolicy,
    ),
    "q_net.": (dqn.DQNPolicy, dqn.CnnPolicy, dqn.MultiInputPolicy),
    "action_net.": (
        actor_critic.ActorCriticPolicy,
        actor_critic.ActorCriticCnnPolicy,
        actor_critic.MultiInputActorCriticPolicy,
    ),
}
"""Policies for vectors, images and dicts, by how some weight's name begins. The first match
counts: a recurrent policy has an action net too."""

KNOWN_CLASSES: dict[str, type[Any]] = {
    str(known): known
    for known in (
        *(nn.Tanh, nn.ReLU, nn.ELU, nn.LeakyReLU, nn.GELU, nn.SiLU),
        *(FlattenExtractor, NatureCNN, CombinedExtractor),
    )
}
"""Classes a policy's arguments may name, by how Stable-Baselines3 spells them beside a pickle."""

MOST_UNPACKED = 100
"""How many times its own size a zip may unpack to; weights hardly shrink."""
OPTIMIZER = "policy.optimizer.pth"
"""The file of the optimiser's state in a zip."""
COUNTERS = ("num_timesteps", "_n_updates")
"""Numbers of the model that a training goes on from."""


class SB3Zip(NamedTuple):
    """What is read from a zip.

    Attributes:
        path: The file.
        content: Of the whole file.
        members: The files in it, by name.
        data: Its JSON: arguments and counters of the model.
        weights: Of the policy, by name.
    """

    path: Path
    content: bytes
    members: dict[str, bytes]
    data: dict[str, Any]
    weights: dict[str, Tensor]


def load_sb3_policy(
    path: str | Path, observation_space: spaces.Space[Any], action_space: spaces.Space[Any]
) -> BasePolicy:
    """Loads the policy of a RecurrentPPO, PPO, A2C or DQN zip, ours or anybody's.

    What `VecNormalize` has learned is not in the zip: the policy gets observations as they are.
    That of DQN is greedy.

    Args:
        path: The zip; ".zip" may be left out.
        observation_space: Of the environment to act in.
        action_space: Likewise.

    Returns:
        The policy, which has Stable-Baselines3's `predict`.

    Raises:
        InputError: If the file is no such zip, cannot be rebuilt without unpickling, or does not
            fit the spaces.
    """
    return make_policy(read_zip(path), observation_space, action_space)


def make_policy(
    saved: SB3Zip, observation_space: spaces.Space[Any], action_space: spaces.Space[Any]
) -> BasePolicy:
    """As `load_sb3_policy`, from what `read_zip` has read."""
    path, weights = saved.path, saved.weights
    _check_parts(saved, observation_space)
    policy_class, kwargs = _policy_class(path, weights), _policy_kwargs(path, saved.data)
    try:
        space = _channels_first(observation_space)
        policy = policy_class(space, action_space, lambda _: 0.0, **kwargs)
    except Exception as error:  # whatever foreign arguments lead to
        raise InputError(
            f"{path} cannot be rebuilt as a {policy_class.__name__} for {observation_space} and "
            f"{action_space}: {one_line(error)}"
        ) from error
    _check_weights(path, weights, policy)
    policy.load_state_dict(weights)
    policy.set_training_mode(False)
    return policy


def restore_model(model: CompiledPPO, saved: SB3Zip) -> None:
    """Takes weights, optimiser state and counters into a freshly made model.

    Go on with `model.learn(..., reset_num_timesteps=False)`.

    Raises:
        InputError: If the file is no zip of RecurrentPPO or does not fit the model, which is then
            as it was.
    """
    path, data, weights = saved.path, saved.data, saved.weights
    _check_parts(saved, model.observation_space)
    for name in COUNTERS:
        if type(data.get(name)) is not int or not 0 <= data[name] < MOST:
            raise InputError(f"{path} must hold {name} as a whole number, got {data.get(name)!r}")
    _check_weights(path, weights, model.policy)
    state = _read_optimizer_state(saved, model.policy)
    model.policy.load_state_dict(weights)
    groups = model.policy.optimizer.state_dict()["param_groups"]
    model.policy.optimizer.load_state_dict({"state": state, "param_groups": groups})
    model.count(*(data[name] for name in COUNTERS))


def read_zip(path: str | Path) -> SB3Zip:
    """Reads a zip; what is pickled in it stays as it is, unread.

    Every file in it is read to its end, as only there its checksum is compared.

    Raises:
        InputError: If the file is no zip of Stable-Baselines3, or is damaged.
    """
    path = _existing(path)
    try:
        content = path.read_bytes()
        members = _unpack(content)
        data = parse_json(members["data"])
    except OSError as error:
        raise InputError(f"{path} is no zip of Stable-Baselines3: {one_line(error)}") from error
    except Exception as error:  # zipfile has many ways to say that a file is none
        raise InputError(
            f"{path} is no zip of Stable-Baselines3, or damaged: {one_line(error)}"
        ) from error
    weights = _read_tensors(path, members, "policy.pth")
    if not isinstance(weights, dict) or not all(isinstance(v, Tensor) for v in weights.values()):
        raise InputError(f"{path}: policy.pth must be a dict of tensors")
    return SB3Zip(path, content, members, data, weights)


def _unpack(content: bytes) -> dict[str, bytes]:
    """The files in a zip, by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = sum(info.file_size for info in archive.infolist())
        if size > MOST_UNPACKED * len(content):
            raise ValueError(f"it would unpack to {size:,} bytes")
        return {name: archive.read(name) for name in archive.namelist()}


def _existing(path: str | Path) -> Path:
    # Stable-Baselines3's save("name") writes name.zip.
    path, zipped = Path(path), Path(f"{path}.zip")
    return zipped if os.path.exists(zipped) and not os.path.exists(path) else path


def _read_tensors(path: Path, members: dict[str, bytes], name: str) -> Any:
    try:
        return torch.load(io.BytesIO(members[name]), map_location="cpu", weights_only=True)
    except Exception as error:  # torch has many ways to say that a file is not plain tensors
        raise InputError(
            f"{path} holds no {name} that can be read without unpickling: save the model anew "
            "with Stable-Baselines3 2 or later"
        ) from error


def _policy_class(path: Path, weights: dict[str, Tensor]) -> type[BasePolicy]:
    for prefix, (for_vectors, for_images, for_dicts) in POLICIES.items():
        if any(name.startswith(prefix) for name in weights):
            if any("features_extractor.extractors." in name for name in weights):
                return for_dicts
            if any("features_extractor.cnn." in name for name in weights):
                return for_images
            return for_vectors
    raise InputError(f"{path} holds no policy of RecurrentPPO, PPO, A2C or DQN")


def _policy_kwargs(path: Path, data: dict[str, Any]) -> dict[str, Any]:
    entry = data.get("policy_kwargs") or {}
    if not isinstance(entry, dict) or data.get("use_sde"):
        raise InputError(
            f"{path} needs policy_kwargs as a dict and no use_sde, got "
            f"{type(entry).__name__} and use_sde={data.get('use_sde')}"
        )
    kwargs = {}
    for name, value in entry.items():
        # Beside a pickled dict stand its items once more, as JSON where possible, else as
        # str(item). What is for training does not matter to an agent that is only to predict.
        if name.startswith((":", "optimizer_", "critic_trains_")):
            continue
        if isinstance(value, str) and value not in KNOWN_CLASSES:
            raise InputError(
                f"{path} holds the policy argument {name}, {value}, which could only be unpickled, "
                "and that can run any code: load it yourself and pass the model to evaluate()"
            )
        kwargs[name] = KNOWN_CLASSES[value] if isinstance(value, str) else value
    return kwargs


def _channels_first(space: spaces.Space[Any]) -> spaces.Space[Any]:
    """The space as a policy sees it: Stable-Baselines3 puts the channels of images first."""
    if isinstance(space, spaces.Dict):
        return spaces.Dict({name: _channels_first(part) for name, part in space.items()})
    if (
        isinstance(space, spaces.Box)
        and is_image_space(space)
        and not is_image_space_channels_first(space)
    ):
        return VecTransposeImage.transpose_space(space)
    return space


def _check_parts(saved: SB3Zip, space: spaces.Space[Any]) -> None:
    """Refuses a model that has learnt from a Dict whose parts have other names.

    They are concatenated in the order of their names: of the same shapes, the weights would fit
    and mean something else.
    """
    entry = saved.data.get("observation_space")
    # As Stable-Baselines3 prints them beside the pickle.
    printed = entry.get("spaces") if isinstance(entry, dict) else None
    if not isinstance(space, spaces.Dict) or not isinstance(printed, str):
        return
    missing = [name for name in space if repr(name) not in printed]
    if missing:
        raise InputError(
            f"{saved.path} does not fit: it knows no part {' and no '.join(missing)} of an "
            "observation (older versions of meta_envs named the parts otherwise): train it anew"
        )


def _check_weights(path: Path, weights: dict[str, Tensor], policy: nn.Module) -> None:
    expected = policy.state_dict()
    for name in sorted(expected.keys() | weights.keys()):
        here = tuple(expected[name].shape) if name in expected else "nothing"
        there = tuple(weights[name].shape) if name in weights else "nothing"
        if here != there:
            raise InputError(
                f"{path} does not fit: its {name} is {there} where {here} is needed; "
                "use the environment and the settings it was trained with"
            )


def _read_optimizer_state(saved: SB3Zip, policy: BasePolicy) -> dict[int, Any]:
    """The state of Adam; torch itself would find wrong shapes only at the next update."""
    optimizer = _read_tensors(saved.path, saved.members, OPTIMIZER)
    shapes = [parameter.shape for parameter in policy.parameters()]
    try:
        state: dict[int, Any] = optimizer["state"]
        fits = all(
            entry["exp_avg"].shape == entry["exp_avg_sq"].shape == shapes[index]
            and entry["step"].numel() == 1
            for index, entry in state.items()
        )
    except (KeyError, IndexError, TypeError, AttributeError):
        fits = False
    if not fits:
        raise InputError(f"{saved.path} does not fit: {OPTIMIZER} is of another optimiser")
    return state
