"""What an agent can do: one of a few actions, or numbers within bounds."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from baselines.common.action_spaces import check_action_space
from baselines.networks.sampling import gaussian, minus_gumbel

Array = NDArray[np.float32]


class Actions(Protocol):
    """How a network's heads become actions of an environment.

    Attributes:
        num_heads: Heads of the network besides the value.
        continuous: Whether the heads are means, not logits.
    """

    num_heads: int
    continuous: bool

    def empty(self, *shape: int) -> NDArray[Any]:
        """Zeros for so many actions to be written to by `sample`."""

    def noise(self, generator: np.random.Generator, log_std: Array, out: Array) -> Array:
        """Fills an array with what `sample` needs, and returns it.

        Args:
            generator: To draw with.
            log_std: Logs of the standard deviations; empty where actions are discrete.
            out: To be written, shape (..., num_heads).
        """

    def for_env(self, actions: NDArray[Any]) -> NDArray[Any]:
        """A batch of actions as the environment takes them."""


class DiscreteActions:
    """One of a few actions, drawn from a softmax; the agent counts them from 0.

    Args:
        space: Of one environment.
    """

    continuous = False

    def __init__(self, space: spaces.Discrete) -> None:
        self.num_heads, self.first = int(space.n), int(space.start)

    def empty(self, *shape: int) -> NDArray[np.int64]:
        return np.zeros(shape, np.int64)

    def noise(self, generator: np.random.Generator, log_std: Array, out: Array) -> Array:
        return minus_gumbel(generator, out)

    def for_env(self, actions: NDArray[np.int64]) -> NDArray[np.int64]:
        return actions + self.first


class BoxActions:
    """Numbers drawn from a Gaussian, and clipped to their bounds on the way to the environment.

    What is learnt from is the draw itself, as in Stable-Baselines3.

    Args:
        space: Of one environment.
    """

    continuous = True

    def __init__(self, space: spaces.Box) -> None:
        self.space = space
        self.num_heads = int(np.prod(space.shape))

    def empty(self, *shape: int) -> Array:
        return np.zeros((*shape, self.num_heads), np.float32)

    def noise(self, generator: np.random.Generator, log_std: Array, out: Array) -> Array:
        return gaussian(generator, log_std, out)

    def for_env(self, actions: Array) -> NDArray[Any]:
        shaped = actions.reshape(-1, *self.space.shape)
        return np.clip(shaped, self.space.low, self.space.high).astype(self.space.dtype)


def make_actions(space: spaces.Space[Any], agent: str) -> Actions:
    """What an agent does in an action space.

    Args:
        space: Of one environment.
        agent: What messages call the agent.

    Raises:
        InputError: If it can do nothing there.
    """
    check_action_space(space, agent)
    made: Any = BoxActions if isinstance(space, spaces.Box) else DiscreteActions
    found: Actions = made(space)
    return found
