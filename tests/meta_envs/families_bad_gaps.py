"""An optimum that is wrong about what others lose against it, as each family says."""

from tests.meta_envs.families_optimum import OptimalPolicy, optimal_return

__all__ = ["OptimalPolicy", "optimal_return", "optimality_gaps"]


def optimality_gaps(family, actions, rewards):
    """What the family says."""
    return family.wrong_gaps(actions)
