"""Learning from a rollout: advantages, the loss and one step of gradient descent."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from baselines.a2c_lstm.config import A2CLSTMConfig
from baselines.a2c_lstm.gaussian_loss import gaussian_loss
from baselines.a2c_lstm.optimizer import Optimizer
from baselines.a2c_lstm.rollout import Rollout
from baselines.common.distributed import average_gradients
from baselines.common.errors import check_finite
from baselines.networks.backends import Backend
from baselines.networks.softmax import softmax
from meta_envs.core.compiled import compiled

Array = NDArray[np.float32]


def advantages(
    rewards: Array,
    values: Array,
    dones: NDArray[np.bool_],
    discount: float,
    gae_lambda: float,
) -> Array:
    """Generalised advantage estimation (Schulman et al. 2016, arXiv 1506.02438, equation 16).

    With `gae_lambda=1` this is the n-step return minus the value, the advantage of Wang et al.
    2016.

    Args:
        rewards: Shape (steps, num_envs).
        values: Of the observation before each step and after the last, shape (steps + 1,
            num_envs).
        dones: Where a step ended its episode, shape (steps, num_envs).
        discount: Discount factor.
        gae_lambda: Weight of longer returns.

    Returns:
        Shape (steps, num_envs).
    """
    out = np.empty_like(rewards)
    _advantages(rewards, values, dones, np.float32(discount), np.float32(gae_lambda), out)
    return out


@compiled
def _advantages(
    rewards: Array,
    values: Array,
    dones: NDArray[np.bool_],
    discount: np.float32,
    gae_lambda: np.float32,
    out: Array,
) -> None:
    num_steps, num_envs = rewards.shape
    for t in range(num_steps - 1, -1, -1):
        for env in range(num_envs):
            advantage = rewards[t, env] - values[t, env]
            if not dones[t, env]:
                advantage += discount * values[t + 1, env]
                if t + 1 < num_steps:
                    advantage += discount * gae_lambda * out[t + 1, env]
            out[t, env] = advantage


def update(
    backend: Backend,
    optimizer: Optimizer,
    rollout: Rollout,
    config: A2CLSTMConfig,
    progress: float,
    stop: bool = False,
) -> tuple[dict[str, float], bool]:
    """Takes one gradient step on a rollout.

    Args:
        backend: That the rollout was collected with; its network is changed in place.
        optimizer: Of the network's parameters.
        rollout: Collected with the network as it is.
        config: Settings.
        progress: Part of training done, in [0, 1].
        stop: Whether this process has been asked to stop.

    Returns:
        Metrics for the log, and whether any of the processes has been asked to stop.

    Raises:
        InputError: If the gradient is not finite; the weights are then as they were.
    """
    gradients, metrics = loss_gradients(rollout, config, progress)
    backend.backward(gradients.heads)
    log_std = backend.network.log_std
    if log_std is not None:
        log_std.grad = torch.from_numpy(gradients.log_std).to(log_std.device)
    stop = average_gradients(optimizer.parameters, stop)
    norm = optimizer.clip(config.max_grad_norm)
    # Before the step, so that the weights stay what they were.
    check_finite("the gradient (from an observation, or too large a step size)", norm)
    rate = config.learning_rate.at(progress)
    optimizer.step(rate)
    metrics |= {
        "grad_norm": norm,
        "learning_rate": rate,
        "discount": config.discount.discount_at(progress),
        "entropy_coef": config.entropy_coef.at(progress),
    }
    return metrics, stop


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
    rollout: Rollout, config: A2CLSTMConfig, progress: float
) -> tuple[Gradients, dict[str, float]]:
    """The loss, and its gradient with respect to what the network says.

    The loss is that of Wang et al. 2016, section 2.2: policy gradient, plus `value_coef` times
    half the squared error of the value, minus `entropy_coef` times the policy's entropy, each
    a mean over the rollout's steps. With pi = softmax(logits), advantage A and entropy H, the
    gradients at a step are A (pi_j - 1[j = action]) for the policy gradient and
    pi_j (log pi_j + H) for minus the entropy; see `gaussian_loss` for continuous actions.

    Returns:
        Gradients, and metrics for the log.
    """
    values = rollout.values
    advantage = advantages(
        # At a truncation, with the discounted value of what would have come.
        rollout.rewards + rollout.bootstraps,
        values,
        rollout.dones,
        config.discount.discount_at(progress),
        config.gae_lambda,
    )
    target, valid = advantage + values[:-1], rollout.valid
    if config.normalize_advantage:
        kept = advantage[valid]
        advantage = (advantage - kept.mean()) / (kept.std() + np.float32(1e-8))
    gradients = Gradients(np.empty_like(rollout.heads), np.zeros_like(rollout.log_std))
    coefs = np.float32(config.entropy_coef.at(progress)), np.float32(config.value_coef)
    known = rollout.actions, advantage, target, valid, *coefs
    if len(rollout.log_std):
        losses = gaussian_loss(rollout.heads, rollout.log_std, *known, *gradients)
    else:
        losses = _loss(rollout.heads, *known, gradients.heads)
    policy_loss, value_loss, entropy = losses
    taken = target, values[:-1]
    if not valid.all():
        taken = target[valid], values[:-1][valid]
    metrics = {
        "policy_loss": policy_loss,
        "value_loss": value_loss,
        "entropy": entropy,
        "explained_variance": explained_variance(*taken),
    }
    if len(rollout.log_std):
        metrics["std"] = float(np.exp(rollout.log_std).mean())
    return gradients, metrics


@compiled
def _loss(
    heads: Array,
    actions: NDArray[np.int64],
    advantage: Array,
    target: Array,
    valid: NDArray[np.bool_],
    entropy_coef: np.float32,
    value_coef: np.float32,
    gradients: Array,
) -> tuple[float, float, float]:
    """Writes the gradients of `loss_gradients`; returns policy loss, value loss and entropy."""
    num_steps, num_envs, num_heads = heads.shape
    last, count = num_heads - 1, valid.sum()
    policy_loss = value_loss = entropies = 0.0
    weight = np.float32(1 / count)
    # A step at a time: one loop over many environments is faster than many over one.
    entropy, shift = np.empty((2, num_envs), np.float32)
    for t in range(num_steps):
        head, policy = heads[t], gradients[t]
        softmax(head, policy, shift, entropy)
        for env in range(num_envs):
            if not valid[t, env]:
                policy[env] = 0
                continue
            action, gain = actions[t, env], advantage[t, env]
            error = head[env, last] - target[t, env]
            policy_loss -= gain * (head[env, action] - shift[env])
            value_loss += error * error
            entropies += entropy[env]
            for j in range(last):
                chance, log_chance = policy[env, j], head[env, j] - shift[env]
                slope = gain * (chance - np.float32(j == action))
                slope += entropy_coef * chance * (log_chance + entropy[env])
                policy[env, j] = weight * slope
            policy[env, last] = weight * value_coef * error
    return policy_loss / count, 0.5 * value_loss / count, entropies / count


def explained_variance(target: Array, values: Array) -> float:
    """Part of the returns' variance that the values foresaw; 1 is all of it, 0 none."""
    variance = float(target.var())
    return 1 - float((target - values).var()) / variance if variance > 0 else 0.0
