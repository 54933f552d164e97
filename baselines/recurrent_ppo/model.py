"""sb3-contrib's RecurrentPPO on a Gymnasium vector environment."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from sb3_contrib import RecurrentPPO
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.preprocessing import is_image_space
from stable_baselines3.common.utils import LinearSchedule

from baselines.common.action_spaces import check_action_space, is_continuous
from baselines.common.environments import check_rollout, episode_length, reward_columns
from baselines.common.errors import InputError
from baselines.common.vec_env import AnyVectorEnv, GymnasiumVecEnv
from baselines.networks.build import check_reward_gain, torch_device
from baselines.networks.cells.initial_weights import scale_inputs
from baselines.networks.cells.lstm import move_biases
from baselines.recurrent_ppo.algorithm import CompiledPPO
from baselines.recurrent_ppo.buffer import WholeEpisodeBuffer, WholeEpisodeDictBuffer
from baselines.recurrent_ppo.config import RecurrentPPOConfig
from baselines.recurrent_ppo.lstm_policy import (
    WholeSequenceCnnPolicy,
    WholeSequenceMultiInputPolicy,
    WholeSequencePolicy,
)
from baselines.recurrent_ppo.numbers import NumbersEnv, as_numbers

LEAST_IMAGE = 36
"""Pixels a side that Stable-Baselines3's encoder of images needs at least."""


def make_model(
    env: AnyVectorEnv,
    config: RecurrentPPOConfig | None = None,
    seed: int | None = None,
) -> CompiledPPO:
    """Makes a RecurrentPPO that learns what sb3-contrib's learns, several times faster.

    Args:
        env: The environment to learn in, with any number of sub-environments, autoreset mode
            `SAME_STEP`. Observations that are not a Box of numbers, an image, or a Dict of both
            are made numbers by `NumbersEnv`. Its actions are Discrete or a Box of real numbers.
        config: Settings.
        seed: Weights, tasks, noise, actions and minibatches follow from it.

    Returns:
        sb3-contrib's class, with everything it offers. `RecurrentPPO.load` reads what its
        `save` has written. Its discount and its weight of the entropy stand where their schedules
        start; to move them, pass a `ScheduleCallback` to its `learn`.

    Raises:
        InputError: If the environment is another one, or the settings do not fit it.
    """
    config = config or RecurrentPPOConfig()
    numbers = as_numbers(env.single_observation_space)
    vec_env = GymnasiumVecEnv(env if numbers is None else NumbersEnv(env, numbers))
    # It stands in the zip with its generator, and equal agents make equal files.
    vec_env.observation_space.seed(seed)
    num_steps = _num_steps(env, config)
    policy = _policy_class(vec_env.observation_space)
    check_action_space(vec_env.action_space, "RecurrentPPO")
    own: dict[str, Any] = {}
    if config.critic_lstm == "joint":
        own["critic_trains_lstm"] = True
    if is_continuous(vec_env.action_space):
        own["log_std_init"] = config.initial_log_std
    _keep_freed_memory()
    rate = config.learning_rate
    model = CompiledPPO(
        policy,
        vec_env,
        learning_rate=LinearSchedule(rate.start, rate.end, rate.fraction),
        n_steps=num_steps,
        batch_size=-(-env.num_envs // config.num_minibatches) * num_steps,
        n_epochs=config.num_epochs,
        gamma=config.discount.start,
        gae_lambda=config.gae_lambda,
        clip_range=config.clip_range,
        normalize_advantage=config.normalize_advantage,
        ent_coef=config.entropy_coef.start,
        vf_coef=config.value_coef,
        max_grad_norm=config.max_grad_norm,
        policy_kwargs={
            "net_arch": [],
            # Adam in one call a step; the same numbers but for the last digit. Where arguments are
            # given, Stable-Baselines3 leaves out its own.
            "optimizer_kwargs": {"fused": True, "eps": 1e-5},
            "lstm_hidden_size": config.hidden_size,
            "shared_lstm": config.critic_lstm != "separate",
            "enable_critic_lstm": config.critic_lstm == "separate",
            **own,
        },
        seed=seed,
        device=torch_device(config.device),
    )
    _initialise(model.policy, config, reward_columns(env), seed)
    model.rollout_buffer = _whole_episodes(model)
    # The stock logger makes a folder for temporary files even if it writes nothing.
    model.set_logger(Logger(folder=None, output_formats=[]))
    return model


def _policy_class(space: spaces.Space[Any]) -> type[WholeSequencePolicy]:
    """The policy for observations of a space.

    Raises:
        InputError: If there is none.
    """
    parts = list(space.values()) if isinstance(space, spaces.Dict) else [space]
    for part in parts:
        # The shortest axis is that of the channels, wherever it stands.
        shape = part.shape or ()
        if is_image_space(part) and sorted(shape)[1] < LEAST_IMAGE:
            raise InputError(f"images must have at least {LEAST_IMAGE} pixels a side, got {shape}")
    if isinstance(space, spaces.Dict):
        return WholeSequenceMultiInputPolicy
    return WholeSequenceCnnPolicy if is_image_space(space) else WholeSequencePolicy


def _num_steps(env: AnyVectorEnv, config: RecurrentPPOConfig) -> int:
    """Steps of a rollout."""
    num_steps = config.num_steps or episode_length(env)
    if num_steps is None:
        raise InputError(
            "`num_steps` must be given for an environment that is not of meta_envs: the steps of "
            "its longest episode or a multiple of them, so that none is cut, or fewer"
        )
    check_rollout(num_steps, env.num_envs, config.hidden_size)
    return num_steps


@torch.no_grad()
def _initialise(
    policy: Any, config: RecurrentPPOConfig, reward: slice | None, seed: int | None
) -> None:
    """Scales and moves the initial weights that torch has drawn for the LSTMs.

    Raises:
        InputError: If the settings need to know which inputs are the last reward, and that is not
            known.
    """
    check_reward_gain(config.reward_gain, reward)
    generator = np.random.default_rng(seed)
    for lstm in (policy.lstm_actor, policy.lstm_critic):
        if lstm is not None:
            scale_inputs(lstm, config, reward)
            move_biases(lstm, config, generator)


def _whole_episodes(model: RecurrentPPO) -> WholeEpisodeBuffer:
    """The buffer that takes the place of the model's own."""
    stock: Any = model.rollout_buffer
    with_parts = isinstance(stock.observation_space, spaces.Dict)
    return (WholeEpisodeDictBuffer if with_parts else WholeEpisodeBuffer)(
        stock.buffer_size,
        stock.observation_space,
        stock.action_space,
        stock.hidden_state_shape,
        stock.device,
        gamma=stock.gamma,
        gae_lambda=stock.gae_lambda,
        n_envs=stock.n_envs,
    )


def _keep_freed_memory() -> None:
    """Saves about a tenth of an update's time where glibc allocates.

    glibc gives freed memory back to the system in pieces of a size that it adapts to the largest
    block freed so far, 32 MiB at most. Backpropagation frees and takes a few MiB at every
    minibatch, and would otherwise wait for the system to clear the same pages over and over.
    """
    np.empty(31 << 20, np.uint8)
