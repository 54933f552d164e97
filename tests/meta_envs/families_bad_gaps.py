"""An optimum that is wrong about what others lose against it, as each family says."""

from tests.meta_envs import families_optimum
from tests.meta_envs.families_optimum import optimal_return

__all__ = ["OptimalPolicy", "optimal_return"]


class OptimalPolicy(families_optimum.OptimalPolicy):
    """It acts as it should."""

    def optimality_gaps(self, memory, actions):
        """What the family says."""
        return self.family.wrong_gaps(actions)
