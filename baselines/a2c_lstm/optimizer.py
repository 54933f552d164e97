"""Adam and RMSProp with compiled arithmetic, the same on every machine; torch's on a GPU."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from baselines.a2c_lstm.config import A2CLSTMConfig
from baselines.networks.actor_critic import ActorCritic
from baselines.networks.optimizer import adam, adam_factors, flat, norm_of, scale
from meta_envs.core.compiled import compiled

Array = NDArray[np.float32]

ONE = np.float32(1)


def make_optimizer(network: ActorCritic, config: A2CLSTMConfig) -> Optimizer:
    """The optimiser that the settings ask for, over the network's trained parameters."""
    parameters = [p for p in network.parameters() if p.requires_grad]
    rate, epsilon = config.learning_rate.start, config.optimizer_epsilon
    if network.initial.device.type == "cpu":
        if config.optimizer == "adam":
            return Adam(parameters, epsilon)
        return RMSProp(parameters, epsilon, config.optimizer_decay)
    if config.optimizer == "adam":
        return TorchOptimizer(torch.optim.Adam(parameters, lr=rate, eps=epsilon, fused=True))
    decay = config.optimizer_decay
    return TorchOptimizer(torch.optim.RMSprop(parameters, lr=rate, alpha=decay, eps=epsilon))


class Optimizer(ABC):
    """Gradient descent on a network's parameters.

    Attributes:
        parameters: That it changes.
    """

    parameters: list[torch.nn.Parameter]

    @abstractmethod
    def clip(self, most: float) -> float:
        """Scales the gradients down to a norm of at most `most`; returns the one they had."""

    @abstractmethod
    def step(self, rate: float) -> None:
        """Takes one step of size `rate` by the parameters' gradients."""

    @abstractmethod
    def state(self) -> dict[str, torch.Tensor]:
        """All that the steps to come depend on, under the names that torch has for it.

        "2.exp_avg" is that of the third parameter.
        """

    @abstractmethod
    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        """Goes on from where `state` was called. KeyError or ValueError if it does not fit."""


class TorchOptimizer(Optimizer):
    """One of torch's, for a GPU."""

    def __init__(self, optimizer: torch.optim.Optimizer) -> None:
        self.optimizer = optimizer
        self.parameters = [p for group in optimizer.param_groups for p in group["params"]]

    def clip(self, most: float) -> float:
        return float(torch.nn.utils.clip_grad_norm_(self.parameters, most))

    def step(self, rate: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()

    def state(self) -> dict[str, torch.Tensor]:
        states = self.optimizer.state_dict()["state"].items()
        return {f"{i}.{name}": torch.as_tensor(v) for i, one in states for name, v in one.items()}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        states: dict[int, dict[str, torch.Tensor]] = {}
        for name, tensor in state.items():
            index, _, key = name.partition(".")
            states.setdefault(int(index), {})[key] = tensor
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": states, "param_groups": groups})


class CompiledOptimizer(Optimizer):
    """What Adam and RMSProp have in common: running means, one each of a parameter's numbers.

    Args:
        parameters: To be trained, on the CPU.
        epsilon: Added to the root mean squared gradient.
    """

    means: ClassVar[tuple[str, ...]]
    """What torch calls them."""

    def __init__(self, parameters: list[torch.nn.Parameter], epsilon: float) -> None:
        self.parameters, self.epsilon, self.steps = parameters, np.float32(epsilon), 0
        self._means = [[torch.zeros_like(p) for _ in self.means] for p in parameters]
        # Views of the same numbers, flat.
        self._arrays = [flat(p, *means) for p, means in zip(parameters, self._means, strict=True)]

    def _gradients(self) -> list[Array]:
        return flat(*(parameter.grad for parameter in self.parameters))

    def clip(self, most: float) -> float:
        gradients = self._gradients()
        norm = norm_of(gradients)
        if norm > most:
            for gradient in gradients:
                scale(gradient, np.float32(most / norm))
        return norm

    def state(self) -> dict[str, torch.Tensor]:
        state = {}
        for i, means in enumerate(self._means):
            state[f"{i}.step"] = torch.tensor(float(self.steps))
            state |= {f"{i}.{name}": m for name, m in zip(self.means, means, strict=True)}
        return state

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        for i, means in enumerate(self._means):
            self.steps = int(state[f"{i}.step"])
            for name, mean in zip(self.means, means, strict=True):
                mean.copy_(state[f"{i}.{name}"].reshape(mean.shape))


class Adam(CompiledOptimizer):
    """Adam (Kingma and Ba 2015, arXiv 1412.6980)."""

    means = ("exp_avg", "exp_avg_sq")

    def step(self, rate: float) -> None:
        self.steps += 1
        factors = adam_factors(rate, self.steps)
        for (weights, mean, square), gradient in zip(self._arrays, self._gradients(), strict=True):
            adam(weights, gradient, mean, square, *factors, self.epsilon)


class RMSProp(CompiledOptimizer):
    """RMSProp (Tieleman and Hinton 2012).

    Args:
        parameters: To be trained, on the CPU.
        epsilon: Added to the root mean squared gradient.
        decay: Of the mean squared gradient.
    """

    means = ("square_avg",)

    def __init__(self, parameters: list[torch.nn.Parameter], epsilon: float, decay: float) -> None:
        super().__init__(parameters, epsilon)
        self.decay = np.float32(decay)

    def step(self, rate: float) -> None:
        self.steps += 1
        for (weights, square), gradient in zip(self._arrays, self._gradients(), strict=True):
            rmsprop(weights, gradient, square, self.decay, np.float32(rate), self.epsilon)


@compiled
def rmsprop(
    weights: Array,
    gradient: Array,
    square: Array,
    decay: np.float32,
    rate: np.float32,
    epsilon: np.float32,
) -> None:
    """One step of RMSProp; all arrays are flat."""
    for i in range(len(weights)):
        square[i] += (ONE - decay) * (gradient[i] * gradient[i] - square[i])
        weights[i] -= rate * gradient[i] / (np.sqrt(square[i]) + epsilon)
