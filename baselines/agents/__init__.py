"""Agents that are not trained: the floor, the ceiling and the classic algorithms between."""

from __future__ import annotations

from typing import Any

from gymnasium import spaces
from gymnasium.vector import VectorEnv

from baselines.agents.base import Agent
from baselines.agents.greedy import Greedy
from baselines.agents.random import RandomAgent
from baselines.agents.thompson import InformativeThompson, RestlessThompson, Thompson
from baselines.agents.ucb import UCB
from baselines.errors import InputError
from meta_envs.core import MetaVectorEnv
from meta_envs.optimal import optimal_policy
from meta_envs.tasks.informative_bandit import InformativeBandit
from meta_envs.tasks.restless_bandit import RestlessBandit

AGENTS = {
    "random": "every action equally likely",
    "greedy": "the arm with the highest posterior mean",
    "ucb": "upper confidence bounds",
    "thompson": "Thompson sampling",
    "optimal": "the best possible policy",
}
"""Names that `make_agent` knows, and what each is."""

__all__ = ["AGENTS", "Agent", "make_agent"]


def make_agent(name: str, env: VectorEnv[Any, Any, Any]) -> Agent:
    """Makes a classic agent for an environment.

    Args:
        name: One of `AGENTS`.
        env: The environment it will act in.

    Raises:
        InputError: If there is no such agent, or it cannot play this environment.
    """
    if name not in AGENTS:
        raise InputError(f"there is no agent {name!r}: choose from {', '.join(AGENTS)}")
    if name == "random":
        assert isinstance(env.single_action_space, spaces.Discrete)
        return RandomAgent(env.single_action_space)
    inner = env.unwrapped
    if not isinstance(inner, MetaVectorEnv):
        raise InputError(f"{name} plays the environments of meta_envs only: use random here")
    try:
        return _make_policy(name, inner)
    except ValueError as error:
        raise InputError(str(error)) from error


def _make_policy(name: str, env: MetaVectorEnv) -> Agent:
    family, meta_observation = env.family, env.meta_observation
    restless = isinstance(family, RestlessBandit)
    if name == "optimal":
        return optimal_policy(family, meta_observation)
    if name == "greedy":
        return Greedy(meta_observation)
    if name == "ucb":
        return UCB(meta_observation, exploration=1.0 if restless else 0.5)
    if isinstance(family, RestlessBandit):
        return RestlessThompson(meta_observation, sigma=float(family.sigmas.mean()))
    if isinstance(family, InformativeBandit):
        return InformativeThompson(meta_observation)
    return Thompson(meta_observation)
