"""The network and its backend for what an agent sees, its settings and its device."""

from __future__ import annotations

import os
from typing import Any

import torch
from torch import Tensor, nn

from baselines.a2c_lstm.config import A2CLSTMConfig
from baselines.a2c_lstm.rollout import Backend
from baselines.common.errors import InputError
from baselines.networks.actor_critic import RecurrentActorCritic
from baselines.networks.image_backend import PixelBackend
from baselines.networks.image_encoder import PixelActorCritic, in_blocks
from baselines.networks.numpy_backend import NumpyBackend
from baselines.networks.observation_encoder import Observed, Reader, Sight
from baselines.networks.torch_backend import TorchBackend


def make_network(reader: Reader, num_actions: int, config: A2CLSTMConfig) -> RecurrentActorCritic:
    """The network for what a reader makes of observations.

    Raises:
        InputError: If the settings or the pictures do not fit it.
    """
    network = _usual_network(reader, num_actions, config)
    reward = reader.reward_columns
    if config.reward_gain != 1 and reward is None:
        raise InputError(
            "reward_gain must be 1 where the observations do not tell which number is the last "
            f"reward, got {config.reward_gain:g}"
        )
    with torch.no_grad():
        lstms = [module for module in network.lstm.modules() if isinstance(module, nn.LSTM)]
        for lstm in lstms:
            _set_first_weights(lstm, config)
        if reward is not None:
            # The first of two gets the reward, and both get a picture's features before it.
            before = network.encoder_size if isinstance(network, PixelActorCritic) else 0
            weights = lstms[0].get_parameter("weight_ih_l0")
            weights[:, before + reward.start : before + reward.stop] *= config.reward_gain
    return network


def _set_first_weights(lstm: nn.LSTM, config: A2CLSTMConfig) -> None:
    """Changes the weights that torch gave an LSTM, as the settings say.

    Sources: forget bias, Jozefowicz et al. 2015; chrono initialisation, Tallec and Ollivier 2018
    (arXiv 1804.11188).
    """
    lstm.get_parameter("weight_ih_l0").mul_(config.input_gain)
    # Torch keeps the gates in the order input, forget, cell, output.
    input_bias, forget_bias, *_ = lstm.get_parameter("bias_ih_l0").chunk(4)
    forget_bias += config.forget_bias
    if config.chrono_steps is not None:
        keeps = torch.empty_like(forget_bias).uniform_(1, config.chrono_steps - 1).log()
        forget_bias += keeps
        input_bias -= keeps


def _usual_network(reader: Reader, num_actions: int, config: A2CLSTMConfig) -> RecurrentActorCritic:
    if reader.image_shape is not None:
        return PixelActorCritic(
            reader.image_shape,
            reader.size,
            0 if reader.reward_columns is None else reader.reward_columns.stop,
            num_actions,
            config.encoder_size,
            config.hidden_size,
            config.first_hidden_size if config.lstm == "stacked" else None,
            config.initial_state,
            _encoder_dtype(config),
        )
    if config.lstm == "stacked":
        raise InputError("lstm must be single where the observations hold no picture")
    return RecurrentActorCritic(reader.size, num_actions, config.hidden_size, config.initial_state)


def make_backend(network: RecurrentActorCritic, num_steps: int, num_envs: int) -> Backend:
    """What runs the network fastest."""
    if isinstance(network, PixelActorCritic):
        return PixelBackend(network, num_steps, num_envs)
    backend = NumpyBackend if network.initial.device.type == "cpu" else TorchBackend
    return backend(network, num_steps, num_envs)


def _encoder_dtype(config: A2CLSTMConfig) -> torch.dtype:
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
        raise InputError("device cuda: torch finds no GPU here; use --device cpu")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")) % count)


def network_inputs(network: RecurrentActorCritic, observed: Observed) -> Tensor:
    """What the network's LSTM gets of a batch of observations, shape (batch, inputs)."""
    device = network.initial.device
    if isinstance(observed, Sight):
        assert isinstance(network, PixelActorCritic)
        parts = in_blocks(observed.image), torch.from_numpy(observed.vector)
        return network.inputs(*(part.to(device) for part in parts))
    return torch.from_numpy(observed).to(device)
