"""The update is sb3-contrib's own `train`: its class, its policy, its optimiser."""

import numpy as np
import pytest
import torch
from gymnasium import spaces
from hypothesis import given, settings
from hypothesis import strategies as st
from sb3_contrib import RecurrentPPO
from sb3_contrib.common.recurrent.type_aliases import RNNStates
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.utils import FloatSchedule

from baselines.recurrent_ppo import RecurrentPPOConfig, WholeEpisodeBuffer, make_model

STEPS, ENVS, HIDDEN, ACTIONS, INPUTS = 12, 7, 8, 3, 4
"""Seven environments in two minibatches: one of four and one of three."""


class Still(WholeEpisodeBuffer):
    """Noise in place of a rollout; nothing is ever played."""

    def __init__(self, seed, start_chance, surprise):
        super().__init__(
            STEPS,
            spaces.Box(-np.inf, np.inf, (INPUTS,)),
            spaces.Discrete(ACTIONS),
            (STEPS, 1, ENVS, HIDDEN),
            "cpu",
            n_envs=ENVS,
        )
        rng, shape = np.random.default_rng(seed), (STEPS, ENVS)
        self.observations[:] = rng.normal(size=(*shape, INPUTS))
        self.actions[:] = rng.integers(ACTIONS, size=(*shape, 1))
        self.episode_starts[:] = rng.random(shape) < start_chance
        self.advantages[:], self.returns[:] = rng.normal(size=(2, *shape))
        states = torch.from_numpy(rng.normal(0, 0.5, (2, 1, ENVS, HIDDEN)).astype(np.float32))
        # As if from a policy that was as far from the present one as `surprise` says.
        log_probs = -np.log(ACTIONS) + surprise * rng.normal(size=shape)
        self.complete(rng.normal(size=shape), log_probs, RNNStates(tuple(states), tuple(states)))
