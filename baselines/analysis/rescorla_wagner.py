"""The likelihood of choices under a Rescorla-Wagner rule, a softmax and lapses."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PARAMETERS = ("alpha", "beta", "lapse")
"""Learning rate, inverse temperature, and probability of each arm that no value takes away."""


class Choices(NamedTuple):
    """Choices in blocks, each of which shares its parameters.

    Attributes:
        actions: Shape (blocks, episodes, trials).
        rewards: Same shape.
        num_actions: How many arms there are.
        initial_value: Of every arm, at the start of each episode.
    """

    actions: NDArray[np.int64]
    rewards: NDArray[np.float64]
    num_actions: int
    initial_value: float = 0.5


class Likelihood(NamedTuple):
    """The log-likelihood of each block, and how it changes with the parameters.

    Attributes:
        value: Shape (blocks,).
        gradient: By `PARAMETERS`, shape (blocks, 3).
        information: Fisher's, that is minus the expected second derivatives given the values,
            shape (blocks, 3, 3).
    """

    value: NDArray[np.float64]
    gradient: NDArray[np.float64]
    information: NDArray[np.float64]


def likelihood(choices: Choices, parameters: NDArray[np.float64]) -> Likelihood:
    """Of every block under its own parameters.

    The model is that of `baselines.classic.rescorla_wagner`.

    Args:
        choices: What was chosen and paid.
        parameters: By `PARAMETERS`, shape (blocks, 3).
    """
    beta, lapse = parameters.T[1:, :, None, None, None]
    values, slopes = learned_values(choices, parameters[:, 0])
    weights = np.exp(beta * (values - values.max(axis=-1, keepdims=True)))
    softmax = weights / weights.sum(axis=-1, keepdims=True)
    scale = 1 - choices.num_actions * lapse
    # A chance of zero, where a value is hopeless and nobody lapses, must leave a finite likelihood.
    chances = np.maximum(lapse + scale * softmax, 1e-100)

    def centred(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return softmax * (x - (softmax * x).sum(axis=-1, keepdims=True))

    by_parameter = np.stack(
        [
            scale * beta * centred(slopes),
            scale * centred(values),
            1 - choices.num_actions * softmax,
        ],
        axis=-1,
    )
    chosen = choices.actions[..., None]
    chance = np.take_along_axis(chances, chosen, axis=-1)[..., 0]
    slope = np.take_along_axis(by_parameter, chosen[..., None], axis=-2)[..., 0, :]
    scaled = by_parameter / np.sqrt(chances)[..., None]
    flat = scaled.reshape(len(parameters), -1, len(PARAMETERS))
    return Likelihood(
        np.log(chance).sum(axis=(1, 2)),
        (slope / chance[..., None]).sum(axis=(1, 2)),
        flat.transpose(0, 2, 1) @ flat,
    )


def learned_values(
    choices: Choices, alpha: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Values of all arms before each choice, and their derivative with respect to alpha.

    Args:
        choices: What was chosen and paid.
        alpha: Learning rate of each block, shape (blocks,).

    Returns:
        Two arrays of shape (blocks, episodes, trials, num_actions).
    """
    blocks, episodes, trials = choices.actions.shape
    rows, k = blocks * episodes, choices.num_actions
    rate = np.repeat(alpha, episodes)
    # Trials first: each step then reads and writes whole rows of memory.
    position = (np.arange(rows) * k)[:, None] + choices.actions.reshape(rows, trials)
    position = np.ascontiguousarray(position.T)
    rewards = np.ascontiguousarray(choices.rewards.reshape(rows, trials).T)
    values, slopes = np.empty((2, trials, rows * k))
    value, slope = np.full(rows * k, choices.initial_value), np.zeros(rows * k)
    for t in range(trials):
        values[t], slopes[t] = value, slope
        error = rewards[t] - value[position[t]]
        value[position[t]] += rate * error
        slope[position[t]] += error - rate * slope[position[t]]
    shape = trials, blocks, episodes, k
    back = (1, 2, 0, 3)
    return values.reshape(shape).transpose(back), slopes.reshape(shape).transpose(back)
