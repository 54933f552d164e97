"""sb3-contrib's RecurrentPPO with rollouts and updates that cost a fraction of the time."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sb3_contrib import RecurrentPPO
from sb3_contrib.common.recurrent.type_aliases import RNNStates
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.utils import explained_variance
from stable_baselines3.common.vec_env import VecTransposeImage

from baselines.networks.actions import make_actions
from baselines.networks.sampling import log_of_exponential
from baselines.recurrent_ppo.adam import CompiledAdam
from baselines.recurrent_ppo.buffer import WholeEpisodeBuffer
from baselines.recurrent_ppo.compiled_policy import CompiledPolicy, SequenceBackend, can_compile
from baselines.recurrent_ppo.update import (
    Losses,
    LossSettings,
    log_probabilities,
    loss_gradients,
)

Arrays = dict[str, NDArray[Any]]

LSTM_PARTS = ("pi.hidden", "pi.cell", "vf.hidden", "vf.cell")
"""What the LSTMs hold between two rollouts: the policy's and the value's."""
EPISODE_SUMS = ("r", "l", "regret")
"""What is noted of an episode that has ended: return, length and regret."""


class CompiledPPO(RecurrentPPO):
    """RecurrentPPO that plays and learns with compiled arithmetic, where the network allows it.

    That is an LSTM of one layer that policy and value share, with nothing before or behind it,
    on the CPU, and discrete actions or Gaussian ones. Everything else goes sb3-contrib's way.
    Either way the rollouts and updates are the same up to rounding, and with them all that is
    learnt: actions and minibatches are drawn with the same random numbers.
    """

    _compiled: CompiledPolicy | None = None
    # Always set while rollouts are played; their own types leave room for "not yet".
    _last_obs: Any
    _last_episode_starts: Any
    _last_lstm_states: Any
    # `make_model` puts one of ours there, and schedules are functions by the time of training.
    rollout_buffer: Any
    clip_range: Any
    clip_range_vf: Any

    def _excluded_save_params(self) -> list[str]:
        """What `save` leaves out besides: what is made anew, or depends on the clock.

        The episodes under way are noted elsewhere, see `baselines.recurrent_ppo.checkpoint`.
        """
        episodes = ("_last_obs", "_last_original_obs", "_last_episode_starts", "ep_info_buffer")
        clock = ("start_time", "ep_success_buffer")
        return [*super()._excluded_save_params(), "_compiled", *episodes, *clock]

    def start_episodes(self, seed: int) -> None:
        """New episodes everywhere, from seeds that follow from this one."""
        assert self.env is not None
        self.env.seed(seed)
        self._last_obs = None  # The next `learn` resets the environment.

    def episodes(self) -> Arrays:
        """The episodes under way, as arrays by name; empty where they cannot be told.

        That is where none has begun, or the environment is none of ours.
        """
        env: Any = self.env
        state = None if self._last_obs is None else env.unwrapped.state()
        if state is None:
            return {}
        arrays = {f"env.{name}": array for name, array in state.items()}
        lstm = [part for pair in self._last_lstm_states for part in pair]
        for name, part in zip(LSTM_PARTS, lstm, strict=True):
            arrays[f"lstm.{name}"] = part.cpu().numpy()
        arrays["starts"] = np.asarray(self._last_episode_starts)
        for key in EPISODE_SUMS:
            ended = [one[key] for one in self.ep_info_buffer or () if key in one]
            arrays[f"ended.{key}"] = np.array(ended, np.float64)
        return arrays

    def restore_episodes(self, arrays: Arrays) -> None:
        """Goes on from where `episodes` was called.

        Raises:
            ValueError: If they do not fit the environment; then nothing has changed.
        """
        env: Any = self.env
        state = {n.removeprefix("env."): a for n, a in arrays.items() if n.startswith("env.")}
        observation = env.unwrapped.restore(state)
        if isinstance(env, VecTransposeImage):
            observation = env.transpose_observations(observation)
        self._last_obs, self._last_episode_starts = observation, arrays["starts"]
        parts = (torch.from_numpy(arrays[f"lstm.{name}"].copy()) for name in LSTM_PARTS)
        hidden, cell, vf_hidden, vf_cell = (part.to(self.device) for part in parts)
        self._last_lstm_states = RNNStates((hidden, cell), (vf_hidden, vf_cell))
        ended = {key: arrays[f"ended.{key}"].tolist() for key in EPISODE_SUMS}
        keys = [key for key in ended if ended[key]]
        episodes = zip(*(ended[key] for key in keys), strict=True)
        size = self._stats_window_size
        self.ep_info_buffer = deque((dict(zip(keys, e, strict=True)) for e in episodes), size)
        self.ep_success_buffer = deque(maxlen=size)

    def count(self, num_timesteps: int, num_updates: int) -> None:
        """Sets the counters that a training goes on from."""
        self.num_timesteps, self._n_updates = num_timesteps, num_updates

    def collect_rollouts(
        self, env: Any, callback: BaseCallback, rollout_buffer: Any, n_rollout_steps: int
    ) -> bool:
        """Fills the buffer with one rollout; False if the callback has stopped it."""
        compiled_policy = self._compiled_policy()
        if compiled_policy is None:
            return super().collect_rollouts(env, callback, rollout_buffer, n_rollout_steps)
        self.policy.set_training_mode(False)
        rollout_buffer.reset()
        callback.on_rollout_start()
        # Of one step: an update runs all of them again anyway.
        hidden, cell = (part[0].numpy() for part in self._last_lstm_states.pi)
        backend = compiled_policy.begin(1, env.num_envs, (hidden, cell))
        heads = np.empty((n_rollout_steps, *backend.heads.shape[1:]), np.float32)
        log_std = compiled_policy.log_stds()
        space: Any = self.action_space
        does = make_actions(space, "RecurrentPPO")
        noise = torch.empty(env.num_envs, does.num_heads)
        first_states = self._last_lstm_states
        for t in range(n_rollout_steps):
            actions = does.empty(env.num_envs)
            observation = np.asarray(self._last_obs, np.float32)
            draw_noise(noise, log_std)
            backend.step(0, observation, self._last_episode_starts, noise.numpy(), actions)
            heads[t] = backend.heads[0]
            new_obs, rewards, dones, infos = env.step(does.for_env(actions))
            self.num_timesteps += env.num_envs
            callback.update_locals(locals())
            if not callback.on_step():
                return False
            if np.count_nonzero(dones):
                self._update_info_buffer(infos, dones)
                rewards += self._cut_off(backend, new_obs, infos)
            rollout_buffer.note(t, self._last_obs, actions, rewards, self._last_episode_starts)
            self._last_obs, self._last_episode_starts = new_obs, dones
        log_probs = log_probabilities(heads, log_std, rollout_buffer.actions)
        rollout_buffer.complete(heads[..., -1], log_probs, first_states)
        self._conclude(rollout_buffer, backend)
        callback.update_locals(locals())
        callback.on_rollout_end()
        return True

    def _compiled_policy(self) -> CompiledPolicy | None:
        """The policy with compiled arithmetic; None where sb3-contrib runs it."""
        whole = isinstance(self.rollout_buffer, WholeEpisodeBuffer)
        if not whole or not can_compile(self.policy, self.observation_space):
            return None
        if self._compiled is None or self._compiled.policy is not self.policy:
            self._compiled = CompiledPolicy(self.policy)
        return self._compiled

    def _cut_off(
        self, backend: SequenceBackend, new_obs: NDArray[Any], infos: list[dict[str, Any]]
    ) -> NDArray[np.float32]:
        """The discounted value of what truncations have cut off, shape (num_envs,)."""
        cut = np.array([bool(info.get("TimeLimit.truncated")) for info in infos])
        if not cut.any():
            return np.zeros(len(cut), np.float32)
        final = np.array(new_obs, np.float32)
        for env in np.flatnonzero(cut).tolist():
            final[env] = infos[env]["terminal_observation"]
        return np.float32(self.gamma) * cut * backend.values(final, np.zeros_like(cut))

    def _conclude(self, buffer: WholeEpisodeBuffer, backend: SequenceBackend) -> None:
        """Computes what to learn from, and takes up the state that the rollout ends with."""
        observation = np.asarray(self._last_obs, np.float32)
        last_values = backend.values(observation, self._last_episode_starts)
        buffer.compute_returns_and_advantage(
            torch.from_numpy(last_values), self._last_episode_starts
        )
        hidden, cell = (torch.from_numpy(part[None]) for part in backend.state)
        self._last_lstm_states = RNNStates((hidden, cell), (hidden, cell))

    def train(self) -> None:
        """Takes the gradient steps of an update on the rollout in the buffer."""
        compiled_policy = self._compiled_policy()
        if compiled_policy is None:
            super().train()
            return
        self.policy.set_training_mode(True)
        self._update_learning_rate(self.policy.optimizer)
        optimizer, settings = CompiledAdam(self.policy.optimizer), self._loss_settings()
        losses: list[Losses] = []
        stop = False
        for _ in range(self.n_epochs):
            epoch = len(losses)
            for envs in self.rollout_buffer.shares(self.batch_size):
                losses.append(self._learn_from(compiled_policy, envs, settings))
                kl, target = losses[-1].approx_kl, self.target_kl
                stop = target is not None and kl > 1.5 * target
                if stop:
                    break
                optimizer.step(self.max_grad_norm)
            self._n_updates += 1
            if stop:
                break
        self._log(losses, epoch, settings)

    def _loss_settings(self) -> LossSettings:
        """Of the loss, as schedules stand now."""
        now = self._current_progress_remaining
        clip_range_vf = math.inf if self.clip_range_vf is None else self.clip_range_vf(now)
        return LossSettings(
            self.clip_range(now),
            clip_range_vf,
            self.ent_coef,
            self.vf_coef,
            self.normalize_advantage,
        )

    def _learn_from(
        self, compiled_policy: CompiledPolicy, envs: NDArray[np.intp], settings: LossSettings
    ) -> Losses:
        """Sets the gradients of a minibatch's loss: all steps of some sub-environments."""
        buffer = self.rollout_buffer
        hidden, cell = (part[0, envs].numpy() for part in buffer.first_states.pi)
        backend = compiled_policy.begin(buffer.buffer_size, len(envs), (hidden, cell))
        observations = buffer.observations[:, envs].astype(np.float32, copy=False)
        heads = backend.run(observations, buffer.episode_starts[:, envs] > 0)
        log_std = compiled_policy.log_stds()
        gradients, losses = loss_gradients(heads, log_std, buffer, envs, settings)
        compiled_policy.backward(backend, gradients)
        return losses

    def _log(self, losses: list[Losses], epoch: int, settings: LossSettings) -> None:
        """Records what sb3-contrib does; `epoch` is the first minibatch of the last one."""
        buffer = self.rollout_buffer
        foreseen = explained_variance(buffer.values.flatten(), buffer.returns.flatten())
        record = self.logger.record
        record("train/entropy_loss", -np.mean([one.entropy for one in losses]))
        record("train/policy_gradient_loss", np.mean([one.policy for one in losses]))
        record("train/value_loss", np.mean([one.value for one in losses]))
        record("train/approx_kl", np.mean([one.approx_kl for one in losses[epoch:]]))
        record("train/clip_fraction", np.mean([one.clip_fraction for one in losses]))
        record("train/loss", losses[-1].total)
        record("train/explained_variance", foreseen)
        if hasattr(self.policy, "log_std"):
            record("train/std", torch.exp(self.policy.log_std).mean().item())
        record("train/n_updates", self._n_updates, exclude="tensorboard")
        record("train/clip_range", settings.clip_range)
        if self.clip_range_vf is not None:
            record("train/clip_range_vf", settings.clip_range_vf)


def draw_noise(out: torch.Tensor, log_std: NDArray[np.float32]) -> None:
    """Draws what `sample` needs with torch's generator, shape (batch, num_actions).

    The numbers drawn are those that `LeanCategorical.sample`, or a Gaussian's `rsample`, draws for
    as many rows.

    Args:
        out: To be written.
        log_std: Logs of the standard deviations; empty where actions are discrete.
    """
    if len(log_std):
        out.normal_().mul_(torch.from_numpy(log_std).exp())
    else:
        log_of_exponential(out.exponential_().numpy().reshape(-1))
