"""Learning from a rollout: advantages, the loss and one step of gradient descent."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from baselines.a2c_lstm.config import A2CLSTMConfig
from baselines.a2c_lstm.rollout import Rollout
from baselines.common.distributed import average_gradients
from baselines.common.errors import check_finite
from baselines.networks.actor_critic import ActorCritic
from baselines.networks.backends import Backend


def make_optimizer(
    network: ActorCritic, config: A2CLSTMConfig
) -> torch.optim.Adam | torch.optim.RMSprop:
    """The optimiser that the settings ask for, over the network's trained parameters."""
    parameters = [p for p in network.parameters() if p.requires_grad]
    rate, epsilon = config.learning_rate.start, config.optimizer_epsilon
    if config.optimizer == "adam":
        return torch.optim.Adam(parameters, lr=rate, eps=epsilon, fused=True)
    return torch.optim.RMSprop(parameters, lr=rate, alpha=config.optimizer_decay, eps=epsilon)


def advantages(
    rewards: NDArray[np.float32],
    values: NDArray[np.float32],
    dones: NDArray[np.bool_],
    discount: float,
    gae_lambda: float,
) -> NDArray[np.float32]:
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
    going_on = np.float32(discount) * ~dones
    advantage = rewards + going_on * values[1:] - values[:-1]
    decay = np.float32(gae_lambda) * going_on
    for t in range(len(rewards) - 2, -1, -1):
        advantage[t] += decay[t] * advantage[t + 1]
    return advantage


def update(
    backend: Backend,
    optimizer: torch.optim.Optimizer,
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
    backend.backward(gradients)
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    stop = average_gradients(parameters, stop)
    for group in optimizer.param_groups:
        group["lr"] = config.learning_rate.at(progress)
    norm = float(torch.nn.utils.clip_grad_norm_(parameters, config.max_grad_norm))
    # Before the step, so that the weights stay what they were.
    check_finite("the gradient (from an observation, or too large a step size)", norm)
    optimizer.step()
    metrics |= {
        "grad_norm": norm,
        "learning_rate": config.learning_rate.at(progress),
        "discount": config.discount.discount_at(progress),
        "entropy_coef": config.entropy_coef.at(progress),
    }
    return metrics, stop


def loss_gradients(
    rollout: Rollout, config: A2CLSTMConfig, progress: float
) -> tuple[NDArray[np.float32], dict[str, float]]:
    """The loss, and its gradient with respect to the network's heads.

    The loss is that of Wang et al. 2016, section 2.2: policy gradient, plus `value_coef` times
    half the squared error of the value, minus `entropy_coef` times the policy's entropy, each
    a mean over the rollout's steps. With pi = softmax(logits), advantage A and entropy H, the
    gradients at a step are A (pi_j - 1[j = action]) for the policy gradient and
    pi_j (log pi_j + H) for minus the entropy.

    Returns:
        Gradients, shape (num_steps, num_actions + 1, num_envs), and metrics for the log.
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
    weight = valid / np.float32(valid.sum())
    logits = rollout.heads[:, :-1]
    log_policy = logits - logits.max(axis=1, keepdims=True)
    log_policy -= np.log(np.exp(log_policy).sum(axis=1, keepdims=True))
    policy = np.exp(log_policy)
    entropy = -(policy * log_policy).sum(axis=1)
    chosen = np.arange(logits.shape[1])[:, None] == rollout.actions[:, None]
    chosen_log_policy = (chosen * log_policy).sum(axis=1)
    entropy_coef = np.float32(config.entropy_coef.at(progress))
    gradients = np.empty_like(rollout.heads)
    gradients[:, :-1] = advantage[:, None] * (policy - chosen)
    gradients[:, :-1] += entropy_coef * policy * (log_policy + entropy[:, None])
    gradients[:, -1] = np.float32(config.value_coef) * (values[:-1] - target)
    gradients *= weight[:, None]
    metrics = {
        "policy_loss": -float((weight * advantage * chosen_log_policy).sum()),
        "value_loss": 0.5 * float((weight * (target - values[:-1]) ** 2).sum()),
        "entropy": float((weight * entropy).sum()),
        "explained_variance": explained_variance(target[valid], values[:-1][valid]),
    }
    return gradients, metrics


def explained_variance(target: NDArray[np.float32], values: NDArray[np.float32]) -> float:
    """Part of the returns' variance that the values foresaw; 1 is all of it, 0 none."""
    variance = float(target.var())
    return 1 - float((target - values).var()) / variance if variance > 0 else 0.0
