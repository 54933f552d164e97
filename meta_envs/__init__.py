"""Gymnasium environments that are distributions of tasks, for meta-reinforcement learning.

Importing the package registers every id of `meta_envs.registration.TABLE`:

    import gymnasium as gym
    import meta_envs

    env = gym.make("MetaBandit-v0")
    envs = gym.make_vec("MetaBandit-v0", num_envs=64)

A family of your own is registered and checked alike:

    meta_envs.check_family(MyTask)
    meta_envs.register("MyTask-v0", MyTask, source="Me 2026")

`meta_envs.wrappers` makes such an environment of anybody's.

What `__all__` lists is the public interface, and stays; all else may move.
"""

from typing import Any

from meta_envs.core import MetaEnv, MetaVectorEnv, Task, TaskFamily
from meta_envs.registration import register, register_all

__version__ = "0.1.0"
__all__ = [
    "FamilyError",
    "MetaEnv",
    "MetaVectorEnv",
    "Task",
    "TaskFamily",
    "check_family",
    "register",
]

register_all()


def __getattr__(name: str) -> Any:
    """Imports the checker when it is asked for: `import meta_envs` stays quick."""
    if name in ("FamilyError", "check_family"):
        from meta_envs import family_checker

        return getattr(family_checker, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
