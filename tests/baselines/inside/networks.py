"""Policies whose weights are made for a test."""

import torch

from baselines.a2c_lstm import A2CLSTM, A2CLSTMConfig


def policy_of(cell, units, env_id="MetaBandit-v0", seed=0, scale=0.5, **env_kwargs):
    """A policy with random weights that are anything but small."""
    config = A2CLSTMConfig(cell=cell, hidden_size=units, num_envs=4, num_steps=8)
    policy = A2CLSTM(env_id, config, seed=seed, env_kwargs=env_kwargs).policy
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in policy.network.parameters():
            weight.copy_(scale * torch.randn(weight.shape, generator=generator))
    return policy


def set_weights(policy, **weights):
    """Sets parameters of a policy's cell to numbers or lists; all others of the cell to zero."""
    with torch.no_grad():
        for name, weight in policy.network.cell.named_parameters():
            wanted = torch.as_tensor(weights.get(name.removesuffix("_l0"), 0.0))
            weight.copy_(wanted.float().expand_as(weight) if wanted.ndim < 2 else wanted.float())
