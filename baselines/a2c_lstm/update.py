"""Learning from a rollout: advantages, the loss and one step of gradient descent."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.a2c_lstm.config import A2CLSTMConfig
from baselines.a2c_lstm.network import RecurrentActorCritic
from baselines.a2c_lstm.rollout import Rollout


def make_optimizer(
    network: RecurrentActorCritic, config: A2CLSTMConfig
) -> torch.optim.Adam | torch.optim.RMSprop:
    """The optimiser that the settings ask for, over the network's trained parameters."""
    parameters = [p for p in network.parameters() if p.requires_grad]
    rate, epsilon = config.learning_rate.start, config.optimizer_epsilon
    if config.optimizer == "adam":
        return torch.optim.Adam(parameters, lr=rate, eps=epsilon)
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
    network: RecurrentActorCritic,
    optimizer: torch.optim.Optimizer,
    rollout: Rollout,
    config: A2CLSTMConfig,
    progress: float,
) -> dict[str, float]:
    """Takes one gradient step on a rollout.

    The loss is that of Wang et al. 2016, section 2.2: policy gradient, plus `value_coef` times
    half the squared error of the value, minus `entropy_coef` times the policy's entropy, each
    a mean over the rollout's steps.

    Args:
        network: Changed in place.
        optimizer: Of the network's parameters.
        rollout: Collected with the network as it is.
        config: Settings.
        progress: Part of training done, in [0, 1].

    Returns:
        Figures for the log.
    """
    discount = config.discount.discount_at(progress)
    advantage = advantages(
        rollout.rewards, rollout.values, rollout.dones, discount, config.gae_lambda
    )
    target = torch.from_numpy(advantage + rollout.values[:-1])
    weight = torch.from_numpy(rollout.valid / np.float32(rollout.valid.sum()))
    policy_advantage = torch.from_numpy(advantage)
    if config.normalize_advantage:
        kept = advantage[rollout.valid]
        policy_advantage = (policy_advantage - float(kept.mean())) / (float(kept.std()) + 1e-8)
    logits, values = network(rollout.observations, rollout.state, rollout.starts)
    log_policy = logits.log_softmax(dim=-1)
    chosen = log_policy.gather(2, rollout.actions[..., None])[..., 0]
    policy_loss = -(weight * policy_advantage * chosen).sum()
    entropy = -(weight[..., None] * log_policy.exp() * log_policy).sum()
    value_loss = 0.5 * (weight * (target - values) ** 2).sum()
    entropy_coef = config.entropy_coef.at(progress)
    loss = policy_loss + config.value_coef * value_loss - entropy_coef * entropy
    grad_norm = _descend(network, optimizer, loss, config, progress)
    return {
        "policy_loss": policy_loss.item(),
        "value_loss": value_loss.item(),
        "entropy": entropy.item(),
        "grad_norm": grad_norm,
        "explained_variance": explained_variance(target.numpy(), rollout),
        "learning_rate": config.learning_rate.at(progress),
        "discount": discount,
        "entropy_coef": entropy_coef,
    }


def _descend(
    network: RecurrentActorCritic,
    optimizer: torch.optim.Optimizer,
    loss: Tensor,
    config: A2CLSTMConfig,
    progress: float,
) -> float:
    """Takes the step; returns the gradient's norm before it was clipped."""
    for group in optimizer.param_groups:
        group["lr"] = config.learning_rate.at(progress)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    norm = torch.nn.utils.clip_grad_norm_(network.parameters(), config.max_grad_norm)
    optimizer.step()
    return float(norm)


def explained_variance(target: NDArray[np.float32], rollout: Rollout) -> float:
    """Part of the returns' variance that the values foresaw; 1 is all of it, 0 none."""
    target, values = target[rollout.valid], rollout.values[:-1][rollout.valid]
    variance = float(target.var())
    return 1 - float((target - values).var()) / variance if variance > 0 else 0.0
