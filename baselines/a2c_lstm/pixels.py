"""The network that sees: a convolutional encoder before one LSTM or a stack of two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from baselines.a2c_lstm.network import RecurrentActorCritic
from baselines.a2c_lstm.stacked_lstm import StackedLSTM
from baselines.errors import InputError

CONVOLUTIONS = ((16, 8, 4), (32, 4, 2))
"""Channels, size and stride of each: the encoder of Mnih et al. 2016 (arXiv 1602.01783)."""
CHUNK = 128
"""Pictures encoded in one go: what they pass through the layers as stays in the cache."""


class ImageEncoder(nn.Module):
    """Two convolutions and a fully connected layer, each with a ReLU behind it.

    Args:
        image_shape: (height, width, channels) of a picture.
        size: Units of the fully connected layer.

    Raises:
        InputError: If the pictures are too small for the convolutions.
    """

    def __init__(self, image_shape: Sequence[int], size: int) -> None:
        super().__init__()
        height, width, channels = image_shape
        layers: list[nn.Module] = []
        for out_channels, kernel, stride in CONVOLUTIONS:
            height, width = (height - kernel) // stride + 1, (width - kernel) // stride + 1
            layers += [nn.Conv2d(channels, out_channels, kernel, stride), nn.ReLU()]
            channels = out_channels
        if min(height, width) < 1:
            raise InputError(
                f"pictures must be of shape (height, width, channels) with at least "
                f"{smallest_picture()} pixels a side, got {tuple(image_shape)}"
            )
        layers += [nn.Flatten(), nn.Linear(channels * height * width, size), nn.ReLU()]
        self.layers = nn.Sequential(*layers)

    def forward(self, images: Tensor) -> Tensor:
        """Features of shape (batch, size) of uint8 pictures, (batch, height, width, channels)."""
        # Seen with the channels first and kept in memory with the channels last, as the pictures
        # come, the convolutions are fastest.
        return self.layers(images.permute(0, 3, 1, 2).float().div_(255))


def smallest_picture() -> int:
    """The least pixels a side that leave something behind the convolutions."""
    side = 1
    for _, kernel, stride in reversed(CONVOLUTIONS):
        side = (side - 1) * stride + kernel
    return side


class PixelActorCritic(RecurrentActorCritic):
    """The encoder, then the LSTM with the picture's features before the other inputs.

    Args:
        image_shape: (height, width, channels) of a picture.
        vector_size: Numbers that come with it.
        reward_size: How many of these, the first ones, are the last reward.
        num_actions: Number of discrete actions.
        encoder_size: Features of a picture.
        hidden_size: Units of the LSTM; in a stack, of the second.
        first_size: Units of the first of two stacked LSTMs; None for a single LSTM.
        initial_state: "zero", or "learned" for a trained state at the start of an episode.
        input_gain: Factor of the LSTMs' first input weights.
        forget_bias: Added to the forget gates' first biases.

    Raises:
        InputError: If the pictures are too small for the encoder.
    """

    def __init__(
        self,
        image_shape: Sequence[int],
        vector_size: int,
        reward_size: int,
        num_actions: int,
        encoder_size: int,
        hidden_size: int,
        first_size: int | None = None,
        initial_state: Literal["zero", "learned"] = "zero",
        input_gain: float = 1.0,
        forget_bias: float = 0.0,
    ) -> None:
        encoder, num_others = ImageEncoder(image_shape, encoder_size), vector_size - reward_size
        stack = (
            None
            if first_size is None
            else StackedLSTM(encoder_size, reward_size, num_others, first_size, hidden_size)
        )
        super().__init__(
            encoder_size + vector_size,
            num_actions,
            hidden_size,
            initial_state,
            input_gain,
            forget_bias,
            stack,
        )
        self.encoder = encoder
        self.encoder_size, self.image_shape = encoder_size, tuple(image_shape)

    @torch.no_grad()
    def inputs(self, image: Tensor, vector: Tensor) -> Tensor:
        """What the LSTM gets, shape (batch, encoder_size + vector_size), without gradients."""
        features = [self.encoder(chunk) for chunk in torch.split(image, CHUNK)]
        return torch.cat([torch.cat(features), vector], dim=1)
