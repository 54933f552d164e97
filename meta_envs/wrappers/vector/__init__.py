"""The wrappers for vector environments."""

from meta_envs.wrappers.vector.meta_episode import MetaEpisode
from meta_envs.wrappers.vector.meta_observation import MetaObservation

__all__ = ["MetaEpisode", "MetaObservation"]
