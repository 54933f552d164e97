"""`meta_envs.check_family`: the invariants of the suite, for anybody's task family."""

from meta_envs.family_checker.checker import FamilyError, check_family

__all__ = ["FamilyError", "check_family"]
