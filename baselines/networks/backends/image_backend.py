"""The arithmetic of a network that sees images, in torch."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.networks.actor_critic import ImageActorCritic
from baselines.networks.backends.torch_backend import Array, TorchBackend
from baselines.networks.image_encoder import CHUNK, in_blocks
from baselines.networks.observation_encoder import ImageAndVector


class ImageBackend(TorchBackend):
    """Runs a network with an encoder forward during a rollout and backward after it.

    The rollout keeps its images as bytes, and each image's features, from which the cell's
    backward pass starts. What happens inside the encoder is computed again, a few images at a
    time: kept for a whole rollout it would take six times the images' memory.

    Args:
        network: On any device.
        num_steps: Steps of a rollout.
        num_envs: Environments side by side.
    """

    network: ImageActorCritic

    @cached_property
    def images(self) -> Tensor:
        """The images of every step, as `in_blocks` gives them; shape (steps, num_envs, ...)."""
        shape = (self.num_steps, self.num_envs, *self.network.encoder.blocks_shape)
        return torch.zeros(shape, dtype=torch.uint8, device=self.device)

    def step(
        self,
        t: int,
        observation: ImageAndVector,
        starts: NDArray[np.bool_],
        noise: Array,
        actions: NDArray[Any],
    ) -> None:
        """Takes step `t` of the rollout; see `CompiledBackend.step`."""
        self.images[t] = in_blocks(observation.image)
        inputs = self.network.inputs(self.images[t], self._tensor(observation.vector))
        super().step(t, inputs, starts, noise, actions)

    def values(self, observation: ImageAndVector, starts: NDArray[np.bool_]) -> Array:
        """Values of observations that the rollout ends or breaks off with, shape (num_envs,)."""
        blocks = in_blocks(observation.image).to(self.device)
        inputs = self.network.inputs(blocks, self._tensor(observation.vector))
        return super().values(inputs, starts)

    def backward(self, head_gradients: Array) -> None:
        """Sets the gradients of the network's parameters, through the rollout's steps."""
        inputs = self.observations.detach().requires_grad_()
        self._backward(inputs, head_gradients)
        assert inputs.grad is not None
        gradients = inputs.grad[..., : self.network.encoder.size].flatten(0, 1)
        images = self.images.flatten(0, 1)
        chunks = zip(torch.split(images, CHUNK), torch.split(gradients, CHUNK), strict=True)
        for image, gradient in chunks:
            self.network.encoder(image).backward(gradient=gradient)
