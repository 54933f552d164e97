"""sb3-contrib's RecurrentPPO with rollouts that cost a fraction of the time."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from sb3_contrib import RecurrentPPO
from sb3_contrib.common.recurrent.type_aliases import RNNStates
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import VecTransposeImage

from baselines.networks.actor_critic import ActorCritic
from baselines.networks.backends import NumpyBackend
from baselines.networks.cells.lstm import LSTM
from baselines.networks.sampling import minus_gumbel, sample
from baselines.recurrent_ppo.buffer import WholeEpisodeBuffer

Arrays = dict[str, NDArray[Any]]

LSTM_PARTS = ("pi.hidden", "pi.cell", "vf.hidden", "vf.cell")
"""What the LSTMs hold between two rollouts: the policy's and the value's."""
EPISODE_SUMS = ("r", "l", "regret")
"""What is noted of an episode that has ended: return, length and regret."""


class NumpyRolloutPPO(RecurrentPPO):
    """RecurrentPPO that plays its rollouts in NumPy, where the network allows it.

    That is an LSTM of one layer that policy and value share, with nothing before or behind it,
    on the CPU, and discrete actions. Everything else goes sb3-contrib's way. Either way the
    rollouts are the same up to rounding, and with them all that is learnt: the actions are
    sampled with the same random numbers.
    """

    _backend: NumpyBackend | None = None
    # Always set while rollouts are played; their own types leave room for "not yet".
    _last_obs: Any
    _last_episode_starts: Any
    _last_lstm_states: Any

    def _excluded_save_params(self) -> list[str]:
        """What `save` leaves out besides: what is made anew, or depends on the clock.

        The episodes under way are noted elsewhere, see `baselines.recurrent_ppo.checkpoint`.
        """
        episodes = ("_last_obs", "_last_original_obs", "_last_episode_starts", "ep_info_buffer")
        clock = ("start_time", "ep_success_buffer")
        return [*super()._excluded_save_params(), "_backend", *episodes, *clock]

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
        if not self._in_numpy():
            return super().collect_rollouts(env, callback, rollout_buffer, n_rollout_steps)
        self.policy.set_training_mode(False)
        rollout_buffer.reset()
        callback.on_rollout_start()
        backend = self._take_up_policy(n_rollout_steps, env.num_envs)
        first_states = self._last_lstm_states
        for t in range(n_rollout_steps):
            heads = backend.step(t, self._last_obs, self._last_episode_starts)
            actions = sample_actions(heads[:-1])
            new_obs, rewards, dones, infos = env.step(actions)
            self.num_timesteps += env.num_envs
            callback.update_locals(locals())
            if not callback.on_step():
                return False
            if np.count_nonzero(dones):
                self._update_info_buffer(infos, dones)
                rewards += self._cut_off(backend, new_obs, infos)
            rollout_buffer.note(t, self._last_obs, actions, rewards, self._last_episode_starts)
            self._last_obs, self._last_episode_starts = new_obs, dones
        self._conclude(rollout_buffer, backend, first_states)
        callback.update_locals(locals())
        callback.on_rollout_end()
        return True

    def _in_numpy(self) -> bool:
        """Whether the network is one that the NumPy backend can run."""
        policy: Any = self.policy
        return (
            policy.lstm_critic is None
            and policy.critic is None
            and policy.lstm_actor.num_layers == 1
            and not len(policy.mlp_extractor.policy_net)
            and not len(policy.mlp_extractor.value_net)
            and isinstance(self.action_space, spaces.Discrete)
            and isinstance(self.rollout_buffer, WholeEpisodeBuffer)
            and len(self.observation_space.shape or ()) == 1
            and self.device.type == "cpu"
        )

    @torch.no_grad()
    def _take_up_policy(self, num_steps: int, num_envs: int) -> NumpyBackend:
        """The backend with the policy's weights and the LSTM's state as they are now."""
        policy: Any = self.policy
        if self._backend is None or self._backend.heads.shape[::2] != (num_steps, num_envs):
            # Its initial weights, never used, must not take numbers from the generator.
            with torch.random.fork_rng(devices=[]):
                cell = LSTM(policy.lstm_actor.input_size, policy.lstm_actor.hidden_size)
                network = ActorCritic(cell, policy.action_net.out_features)
            self._backend = NumpyBackend(network, num_steps, num_envs)
        network = self._backend.network
        for mine, its in zip(
            network.cell.parameters(), policy.lstm_actor.parameters(), strict=True
        ):
            mine.copy_(its)
        heads = policy.action_net, policy.value_net
        network.heads.weight.copy_(torch.cat([head.weight for head in heads]))
        network.heads.bias.copy_(torch.cat([head.bias for head in heads]))
        hidden, cell = (part[0].numpy().T for part in self._last_lstm_states.pi)
        self._backend.state = hidden, cell
        self._backend.begin()
        return self._backend

    def _cut_off(
        self, backend: NumpyBackend, new_obs: NDArray[Any], infos: list[dict[str, Any]]
    ) -> NDArray[np.float32]:
        """The discounted value of what truncations have cut off, shape (num_envs,)."""
        cut = np.array([bool(info.get("TimeLimit.truncated")) for info in infos])
        if not cut.any():
            return np.zeros(len(cut), np.float32)
        final = np.array(new_obs, np.float32)
        for env in np.flatnonzero(cut).tolist():
            final[env] = infos[env]["terminal_observation"]
        return np.float32(self.gamma) * cut * backend.values(final, np.zeros_like(cut))

    def _conclude(
        self, buffer: WholeEpisodeBuffer, backend: NumpyBackend, first_states: RNNStates
    ) -> None:
        """Completes the buffer with what can be computed for all steps at once."""
        heads = backend.heads
        log_policy = torch.from_numpy(heads[:, :-1]).log_softmax(dim=1).numpy()
        actions = buffer.actions[..., 0].astype(np.int64)
        log_probs = np.take_along_axis(log_policy, actions[:, None], axis=1)[:, 0]
        buffer.complete(heads[:, -1], log_probs, first_states)
        last_values = backend.values(self._last_obs, self._last_episode_starts)
        buffer.compute_returns_and_advantage(
            torch.from_numpy(last_values), self._last_episode_starts
        )
        hidden, cell = (torch.from_numpy(part.T[None].copy()) for part in backend.state)
        self._last_lstm_states = RNNStates((hidden, cell), (hidden, cell))


def sample_actions(logits: NDArray[np.float32]) -> NDArray[np.int64]:
    """Draws from softmax(logits), shape (actions, batch), with torch's generator.

    The numbers drawn are those that `LeanCategorical.sample` draws for as many rows.
    """
    num_actions, batch = logits.shape
    exponential = torch.empty(batch, num_actions).exponential_().numpy()
    return sample(logits, minus_gumbel(exponential.T), axis=0)
