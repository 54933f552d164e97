"""The check of the optimum: that its policy earns what it is said to earn."""

from __future__ import annotations

import importlib

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from meta_envs.core import MetaEnv, MetaVectorEnv
from meta_envs.family_checker.playing import SEED, Make, Problems
from meta_envs.optimal import has_optimum, optimal_bound, optimal_policy, optimal_return
from meta_envs.policies import Policy

EPISODES, FEW_EPISODES = 2_000, 200
"""Episodes that the optimum's return is estimated from, without images and with."""
ERRORS = 4.0
"""Standard errors by which it may miss its computed value: a false alarm in 16,000 checks."""


def check_optimum(make: Make) -> Problems:
    """That the best policy earns what it is said to earn."""
    family = make(MetaEnv).family
    if family.optimum is None:
        return
    parts = ("OptimalPolicy", "optimal_bound", "informed_return")
    if not any(hasattr(importlib.import_module(family.optimum), part) for part in parts):
        yield f"{family.optimum} must have one of {', '.join(parts)}"
    if not has_optimum(family):
        return
    envs = make(MetaVectorEnv, num_envs=EPISODES if family.image_shape is None else FEW_EPISODES)
    try:
        stated, bound = optimal_return(family), optimal_bound(family)
        policy = optimal_policy(envs.family, envs.meta_observation)
    except (ValueError, gym.error.DependencyNotInstalled):
        return  # Not known for these arguments, or not here.
    policy.set_random_seed(SEED)
    returns = _returns(envs, policy)
    mean, error = float(returns.mean()), float(returns.std(ddof=1)) / len(returns) ** 0.5
    off = ERRORS * error + 1e-9 * max(1.0, abs(stated))
    if abs(mean - stated) > off:
        yield f"optimal_return says {stated:.4g}, but OptimalPolicy earns {mean:.4g} ± {error:.2g}"
    if mean > bound + off:
        yield f"optimal_bound says {bound:.4g}, but OptimalPolicy earns {mean:.4g} ± {error:.2g}"


def _returns(envs: MetaVectorEnv, policy: Policy) -> NDArray[np.float64]:
    """The return of one episode in every sub-environment, shape (num_envs,)."""
    observation, _ = envs.reset(seed=SEED)
    running, state, returns = np.ones(envs.num_envs, np.bool_), None, np.zeros(envs.num_envs)
    starts = running
    while running.any():
        actions, state = policy.predict(observation, state, starts)
        observation, rewards, starts, _, _ = envs.step(actions)
        returns += rewards * running
        running = running & ~starts
    return returns
