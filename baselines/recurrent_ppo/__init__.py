"""sb3-contrib's RecurrentPPO made to fit: the same learning, several times faster."""

from baselines.recurrent_ppo.agent import RecurrentPPOAgent
from baselines.recurrent_ppo.buffer import WholeEpisodeBuffer
from baselines.recurrent_ppo.checkpoint import load_policy, restore
from baselines.recurrent_ppo.config import RecurrentPPOConfig
from baselines.recurrent_ppo.model import make_model
from baselines.recurrent_ppo.policy import WholeSequencePolicy
from baselines.recurrent_ppo.vec_env import GymnasiumVecEnv

__all__ = [
    "GymnasiumVecEnv",
    "RecurrentPPOAgent",
    "RecurrentPPOConfig",
    "WholeEpisodeBuffer",
    "WholeSequencePolicy",
    "load_policy",
    "make_model",
    "restore",
]
