"""What agents written by hand and optima share: a memory, how it is updated, and how it acts."""

from meta_envs.policies.bandit_policy import BanditPolicy, CountingPolicy
from meta_envs.policies.cued_policy import CuedPolicy
from meta_envs.policies.policy import Belief, Memory, Policy, equally_likely
from meta_envs.policies.state_policy import StatePolicy

__all__ = [
    "BanditPolicy",
    "Belief",
    "CountingPolicy",
    "CuedPolicy",
    "Memory",
    "Policy",
    "StatePolicy",
    "equally_likely",
]
