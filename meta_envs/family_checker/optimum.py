"""The check of the optimum: that its policy earns what is said, and others so much less."""

from __future__ import annotations

import importlib
from typing import NamedTuple

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from meta_envs.core import MetaEnv, MetaVectorEnv
from meta_envs.family_checker.playing import SEED, Make, Problems
from meta_envs.optimal import (
    has_optimum,
    optimal_bound,
    optimal_policy,
    optimal_return,
)
from meta_envs.policies import Policy

EPISODES, FEW_EPISODES = 2_000, 200
"""Episodes that the optimum's return is estimated from, without images and with."""
ERRORS = 4.0
"""Standard errors by which it may miss its computed value: a false alarm in 16,000 checks."""


class Played(NamedTuple):
    """One episode in every sub-environment. All arrays have shape (num_envs, steps).

    Attributes:
        rewards: Of each step, zero past an episode's end.
        gaps: Optimality gaps of each step, as the optimum says; None where it knows none.
        played: Where the episode was not over yet.
    """

    rewards: NDArray[np.float64]
    gaps: NDArray[np.float64] | None
    played: NDArray[np.bool_]


def check_optimum(make: Make) -> Problems:
    """That the best policy earns what it is said to earn, and gaps are those to it."""
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
    best = _play(envs, policy, at_random=False)
    mean, error, off = _estimate(best.rewards.sum(axis=1), stated)
    if abs(mean - stated) > off:
        yield f"optimal_return says {stated:.4g}, but OptimalPolicy earns {mean:.4g} ± {error:.2g}"
    if mean > bound + off:
        yield f"optimal_bound says {bound:.4g}, but OptimalPolicy earns {mean:.4g} ± {error:.2g}"
    if best.gaps is not None:
        yield from _check_gaps(best, _play(envs, policy, at_random=True), stated)


def _check_gaps(best: Played, random: Played, stated: float) -> Problems:
    """That the best policy has no optimality gap, and random actions what they do not earn."""
    if best.gaps is None or random.gaps is None:
        yield "optimality_gaps must be known of all actions or of none"
        return
    for gaps, episodes in ((best.gaps, best), (random.gaps, random)):
        # Stacked along a new last axis, what is of another shape has another one still.
        if gaps.shape != episodes.rewards.shape:
            shape, got = episodes.rewards.shape[:1], gaps.shape[:-1]
            yield f"optimality_gaps must return an array of shape {shape}, got {got}"
            return
    lost, missed = best.gaps * best.played, random.gaps * random.played
    if lost.max() > 1e-9:
        yield f"optimality_gaps must be 0 for what OptimalPolicy does, got {lost.max():.4g}"
    least = min(lost.min(), missed.min())
    if least < 0:
        yield f"optimality_gaps must not be below 0, got {least:.4g}"
    mean, error, off = _estimate((random.rewards + missed).sum(axis=1), stated)
    if abs(mean - stated) > off:
        yield (
            "return and optimality_gaps of random actions must add up to optimal_return, "
            f"{stated:.4g}, but come to {mean:.4g} ± {error:.2g}"
        )


def _estimate(values: NDArray[np.float64], stated: float) -> tuple[float, float, float]:
    """The mean, its standard error, and by how much the stated mean may be off."""
    error = float(values.std(ddof=1)) / len(values) ** 0.5
    return float(values.mean()), error, ERRORS * error + 1e-9 * max(1.0, abs(stated))


def _play(envs: MetaVectorEnv, policy: Policy, at_random: bool) -> Played:
    """Plays one episode in every sub-environment, by the policy or at random with it watching."""
    observation, _ = envs.reset(seed=SEED)
    running, state, rng = np.ones(envs.num_envs, np.bool_), None, np.random.default_rng(SEED)
    starts, steps, gaps, known = running, [], [], True
    while running.any():
        memory = policy.remember(observation, state, starts)
        state, actions = (memory,), policy.act(memory)
        if at_random:
            actions = rng.integers(envs.family.num_actions, size=envs.num_envs)
        try:
            gaps.append(policy.optimality_gaps(memory, actions))
        except ValueError:
            known = False
        observation, rewards, starts, _, _ = envs.step(actions)
        steps.append((rewards * running, running))
        running = running & ~starts
    rewards, played = (np.stack(part, axis=1) for part in zip(*steps, strict=True))
    return Played(rewards, np.stack(gaps, axis=-1) if known else None, played)
