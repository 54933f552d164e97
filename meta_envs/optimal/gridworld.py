"""The search for the goal; see `goal_grid` for what is exact and what is a bound."""

from meta_envs.optimal.goal_grid import (
    OptimalPolicy,
    informed_return,
    optimal_bound,
    optimal_return,
)

__all__ = ["OptimalPolicy", "informed_return", "optimal_bound", "optimal_return"]
