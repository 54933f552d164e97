"""An optimum that promises more than it gets."""

from tests.meta_envs.families_optimum import OptimalPolicy

__all__ = ["OptimalPolicy", "optimal_return"]


def optimal_return(family):
    """Too much."""
    return float(family.num_trials)
