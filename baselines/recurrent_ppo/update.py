"""PPO's loss with compiled arithmetic: sb3-contrib's, from the network's heads."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.networks.cells import Array
from baselines.networks.gaussian import standardise
from baselines.networks.softmax import softmax
from baselines.recurrent_ppo.clipping import clipped_ratio, clipped_value
from baselines.recurrent_ppo.gaussian_loss import gaussian_loss
from meta_envs.core.compiled import compiled

ZERO, ONE, TWO = np.float32(0), np.float32(1), np.float32(2)
SMALL = 1e-8
"""Stable-Baselines3's, beside the advantages' standard deviation."""


class LossSettings(NamedTuple):
    """What the loss depends on besides the rollout.

    Attributes:
        clip_range: How far a probability ratio may leave 1.
        clip_range_vf: How far a value may move; infinity for as far as it wants.
        entropy_coef: Weight of the entropy.
        value_coef: Weight of the value's squared error.
        normalize_advantage: Whether advantages are scaled to mean 0 and standard deviation 1.
    """

    clip_range: float
    clip_range_vf: float
    entropy_coef: float
    value_coef: float
    normalize_advantage: bool


class Losses(NamedTuple):
    """What a minibatch leaves for the log; means over its steps."""

    policy: float
    value: float
    entropy: float
    total: float
    approx_kl: float
    clip_fraction: float


class Gradients(NamedTuple):
    """Of the loss.

    Attributes:
        heads: With respect to the heads, shape (num_steps, num_envs, num_actions + 1).
        log_std: With respect to the logs of the standard deviations, shape (num_actions,); empty
            where actions are discrete.
    """

    heads: Array
    log_std: Array


def loss_gradients(
    heads: Array, log_std: Array, buffer: Any, envs: NDArray[np.intp], settings: LossSettings
) -> tuple[Gradients, Losses]:
    """The clipped loss of PPO on a minibatch, and its gradients with respect to what is said.

    Schulman et al. 2017 (arXiv 1707.06347), equations 7 and 9, with the details of sb3-contrib's
    `RecurrentPPO.train`.

    Args:
        heads: Of the network as it is now, shape (num_steps, len(envs), num_actions + 1).
        log_std: Logs of the standard deviations, likewise; empty where actions are discrete.
        buffer: The rollout, a `WholeEpisodeBuffer`.
        envs: Whose steps the minibatch is made of.
        settings: Of the loss.

    Returns:
        Gradients, and the losses.
    """
    mean, deviation = 0.0, 1.0
    if settings.normalize_advantage:
        mean, deviation = moments(buffer.advantages, envs)
        deviation += SMALL
    gradients = Gradients(np.empty(heads.shape, np.float32), np.zeros_like(log_std))
    known = (
        buffer.values,
        buffer.log_probs,
        buffer.advantages,
        buffer.returns,
        np.float32(mean),
        np.float32(deviation),
        np.float32(settings.clip_range),
        np.float32(settings.clip_range_vf),
        np.float32(settings.entropy_coef),
        np.float32(settings.value_coef),
    )
    if len(log_std):
        losses = gaussian_loss(heads, log_std, envs, buffer.actions, *known, *gradients)
    else:
        losses = clipped_loss(heads, envs, buffer.actions[:, :, 0], *known, gradients.heads)
    policy, value, entropy, kl, clipped = losses
    total = policy - settings.entropy_coef * entropy + settings.value_coef * value
    return gradients, Losses(policy, value, entropy, total, kl, clipped)


@compiled
def moments(numbers: Array, envs: NDArray[np.intp]) -> tuple[float, float]:
    """Mean and standard deviation (of a sample) of some columns; nan if that is one number."""
    count = len(numbers) * len(envs)
    total = squares = 0.0
    for t in range(len(numbers)):
        for env in envs:
            total += np.float64(numbers[t, env])
    mean = total / count
    for t in range(len(numbers)):
        for env in envs:
            squares += (numbers[t, env] - mean) ** 2
    return mean, np.sqrt(squares / (count - 1))


@compiled
def clipped_loss(
    heads: Array,
    envs: NDArray[np.intp],
    actions: NDArray[Any],
    old_values: Array,
    old_log_probs: Array,
    advantages: Array,
    returns: Array,
    mean: np.float32,
    deviation: np.float32,
    clip_range: np.float32,
    clip_range_vf: np.float32,
    entropy_coef: np.float32,
    value_coef: np.float32,
    gradients: Array,
) -> tuple[float, float, float, float, float]:
    """Writes the gradients of `loss_gradients`; returns all losses but the total."""
    num_steps, num_envs, num_heads = heads.shape
    last, count = num_heads - 1, num_steps * num_envs
    policy_loss = value_loss = entropies = divergence = clipped = 0.0
    weight = ONE / np.float32(count)
    entropy, shift = np.empty((2, num_envs), np.float32)
    for t in range(num_steps):
        head, policy = heads[t], gradients[t]
        softmax(head, policy, shift, entropy)
        for row in range(num_envs):
            env = envs[row]
            action = np.int64(actions[t, env])
            gain = (advantages[t, env] - mean) / deviation
            log_ratio = head[row, action] - shift[row] - old_log_probs[t, env]
            surrogate, slope, drift, left = clipped_ratio(gain, log_ratio, clip_range)
            policy_loss -= surrogate
            clipped += left
            divergence += drift
            entropies += entropy[row]
            for j in range(last):
                chance, log_chance = policy[row, j], head[row, j] - shift[row]
                towards = slope * (chance - np.float32(j == action))
                towards += entropy_coef * chance * (log_chance + entropy[row])
                policy[row, j] = weight * towards
            error, free = clipped_value(
                head[row, last], old_values[t, env], returns[t, env], clip_range_vf
            )
            value_loss += error * error
            policy[row, last] = weight * TWO * value_coef * error if free else ZERO
    return (
        policy_loss / count,
        value_loss / count,
        entropies / count,
        divergence / count,
        clipped / count,
    )


def log_probabilities(heads: Array, log_std: Array, actions: NDArray[Any]) -> Array:
    """The log-probability of each action, shape (num_steps, num_envs).

    Args:
        heads: Shape (num_steps, num_envs, num_actions + 1).
        log_std: Logs of the standard deviations; empty where actions are discrete.
        actions: As a buffer keeps them, shape (num_steps, num_envs, 1 or num_actions).
    """
    out = np.empty(heads.shape[:2], np.float32)
    if len(log_std):
        gaussian_log_probabilities(heads, log_std, actions, out)
    else:
        softmax_log_probabilities(heads, actions[..., 0], out)
    return out


@compiled
def gaussian_log_probabilities(heads: Array, log_std: Array, actions: Array, out: Array) -> None:
    """Writes the log-probability of each continuous action into `out`."""
    scores = np.empty(actions.shape[1:], np.float32)
    for t in range(len(heads)):
        standardise(heads[t], actions[t], log_std, scores, out[t])


@compiled
def softmax_log_probabilities(heads: Array, actions: NDArray[Any], out: Array) -> None:
    """Writes the log-probability of each discrete action, shape (num_steps, num_envs)."""
    num_steps, num_envs, _ = heads.shape
    policy = np.empty(heads.shape[1:], np.float32)
    entropy, shift = np.empty((2, num_envs), np.float32)
    for t in range(num_steps):
        softmax(heads[t], policy, shift, entropy)
        for env in range(num_envs):
            out[t, env] = heads[t, env, np.int64(actions[t, env])] - shift[env]
