"""Gymnasium environments that are distributions of tasks, for meta-reinforcement learning.

Importing the package registers every id of `meta_envs.registration.TABLE`:

    import gymnasium as gym
    import meta_envs

    env = gym.make("MetaBandit-v0")
    envs = gym.make_vec("MetaBandit-v0", num_envs=64)
"""

from meta_envs.registration import register_all

__version__ = "0.1.0"

register_all()
