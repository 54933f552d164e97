"""What all environments share: the task family, the meta-observation and the two environments."""

from meta_envs.core.env import MetaEnv
from meta_envs.core.family import Task, TaskFamily
from meta_envs.core.observation import DEFAULT_INPUTS, INPUTS, MetaObservationWriter
from meta_envs.core.vector_env import MetaVectorEnv

__all__ = [
    "DEFAULT_INPUTS",
    "INPUTS",
    "MetaEnv",
    "MetaObservationWriter",
    "MetaVectorEnv",
    "Task",
    "TaskFamily",
]
