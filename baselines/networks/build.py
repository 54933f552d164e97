"""The network for what an agent sees, its settings and its device."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import torch

from baselines.common.errors import InputError
from baselines.networks.actions import Actions
from baselines.networks.actor_critic import ActorCritic, ImageActorCritic
from baselines.networks.cells import CELLS
from baselines.networks.cells.actor_critic_lstm import ActorCriticLSTM
from baselines.networks.config import InputSizes, NetworkConfig
from baselines.networks.image_encoder import ImageEncoder
from baselines.networks.observation_encoder import ObservationEncoder
from baselines.networks.prediction_error import PredictionErrorActorCritic


def make_network(
    encoder: ObservationEncoder, actions: Actions, config: NetworkConfig, discount: float
) -> ActorCritic:
    """The network for encoded observations and some actions; `initialise` draws its weights.

    Args:
        encoder: Of the observations.
        actions: What the agent does.
        config: Settings.
        discount: Of a prediction error, where the network has one.

    Raises:
        InputError: If the settings or the images do not fit it.
    """
    log_std = config.initial_log_std if actions.continuous else None
    heads = actions.num_heads, config.initial_state, log_std
    if encoder.image_shape is None:
        cell = CELLS[config.cell].build(InputSizes(0, 0, encoder.size), config)
        if isinstance(cell, ActorCriticLSTM):
            return PredictionErrorActorCritic(cell, discount, *heads)
        return ActorCritic(cell, *heads)
    image_encoder = ImageEncoder(encoder.image_shape, config.encoder_size, _encoder_dtype(config))
    # Beside an image the last reward comes first.
    reward = 0 if encoder.reward_columns is None else encoder.reward_columns.stop
    inputs = InputSizes(config.encoder_size, reward, encoder.size - reward)
    cell = CELLS[config.cell].build(inputs, config)
    return ImageActorCritic(image_encoder, cell, *heads)


def initialise(
    network: ActorCritic,
    encoder: ObservationEncoder,
    config: NetworkConfig,
    generator: np.random.Generator,
) -> None:
    """Draws a network's weights, as the settings say.

    Raises:
        InputError: If the settings need to know which inputs are the last reward, and that is not
            known.
    """
    check_reward_gain(config.reward_gain, encoder.reward_columns)
    network.initialise(config, encoder.reward_columns, generator)


def check_reward_gain(gain: float, reward: slice | None) -> None:
    """Raises an InputError if a gain is set for a reward that is not known among the inputs."""
    if gain != 1 and reward is None:
        raise InputError(
            "`reward_gain` must be 1 where the observations do not tell which number is the last "
            f"reward, got {gain:g}"
        )


def _encoder_dtype(config: NetworkConfig) -> torch.dtype:
    if config.encoder_precision == "auto":
        # What torch can tell of a processor since 2.10.
        capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
        fast = config.device == "cpu" and capabilities.get("amx_bf16", False)
        return torch.bfloat16 if fast else torch.float32
    return torch.bfloat16 if config.encoder_precision == "bfloat16" else torch.float32


def torch_device(name: str) -> torch.device:
    """The device of that name; "cuda" is this process's own, where several train together.

    Raises:
        InputError: If there is none.
    """
    if name == "cpu":
        return torch.device("cpu")
    count = torch.cuda.device_count()
    if not count:
        raise InputError("`device` cuda: torch finds no GPU here; use `device=cpu`")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")) % count)
