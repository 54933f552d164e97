"""sb3-contrib's RecurrentPPO, trained, saved and called like the A2C-LSTM."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gymnasium.vector import VectorEnv
from stable_baselines3.common.callbacks import BaseCallback

from baselines.common.environments import derive_seeds
from baselines.common.files import replacing
from baselines.common.learning import Callback, chain, one_thread
from baselines.recurrent_ppo.checkpoint import restore
from baselines.recurrent_ppo.config import RecurrentPPOConfig
from baselines.recurrent_ppo.model import make_model


class RecurrentPPOAgent:
    """RecurrentPPO with the interface of `baselines.a2c_lstm.A2CLSTM`.

    The model itself is in `model`, and what `save` writes is Stable-Baselines3's own zip, which
    `sb3_contrib.RecurrentPPO.load` reads as well.

    Args:
        env: A Gymnasium vector environment with autoreset mode SAME_STEP.
        config: Settings.
        seed: Weights, tasks, luck and actions follow from it.
        env_kwargs: Arguments the environment was made with, noted in checkpoints.

    Raises:
        InputError: If the agent cannot be trained on the environment with these settings.
    """

    suffix = ".zip"

    def __init__(
        self,
        env: VectorEnv[Any, Any, Any],
        config: RecurrentPPOConfig | None = None,
        seed: int = 0,
        env_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        self.config, self.seed = config or RecurrentPPOConfig(), seed
        self.model = make_model(env, self.config, derive_seeds(seed, "network", 1)[0] % 2**32)
        # Saved with the model, so that a checkpoint says what it was trained on.
        facts: Any = self.model
        facts.env_id = env.spec.id if env.spec else None
        facts.env_kwargs = dict(env_kwargs or {})

    @property
    def num_timesteps(self) -> int:
        """Environment steps trained for so far."""
        return int(self.model.num_timesteps)

    def learn(
        self, total_timesteps: int, callback: Callback | None = None, progress_bar: bool = False
    ) -> RecurrentPPOAgent:
        """Trains until `total_timesteps` steps have been taken in all.

        Args:
            total_timesteps: Environment steps, summed over the sub-environments.
            callback: Called after every rollout with the figures of the update before it; False
                from it stops.
            progress_bar: Whether to show progress, rate and time left.
        """
        if progress_bar:
            from baselines.common.progress import Progress

            with Progress(total_timesteps, self.num_timesteps) as progress:
                return self.learn(total_timesteps, chain(progress.update, callback))
        stage = self.num_timesteps
        vec_env: Any = self.model.get_env()
        vec_env.seed(derive_seeds(self.seed, "training", 1, stage)[0])
        self.model._last_obs = None  # new episodes, from the new seeds
        with one_thread():
            self.model.learn(
                total_timesteps - self.num_timesteps,
                _Figures(callback),
                reset_num_timesteps=False,
            )
        return self

    def save(self, path: str | Path) -> None:
        """Writes the model as Stable-Baselines3 does, whole or not at all."""
        with replacing(Path(path)) as partial:
            self.model.save(partial)

    def restore(self, path: str | Path) -> None:
        """Takes weights, optimiser and counters from a zip, without running anything in it.

        Raises:
            InputError: If the file is no zip of RecurrentPPO or does not fit.
        """
        restore(self.model, Path(path))

    def set_random_seed(self, seed: int) -> None:
        """Seeds torch's generator, which actions are sampled with."""
        torch.manual_seed(seed)

    def predict(
        self,
        observation: Any,
        state: tuple[np.ndarray, ...] | None = None,
        episode_start: np.ndarray | None = None,
        deterministic: bool = False,
    ) -> tuple[np.ndarray, tuple[np.ndarray, ...] | None]:
        """Chooses actions for a batch of episodes, as Stable-Baselines3 does."""
        return self.model.predict(observation, state, episode_start, deterministic)


class _Figures(BaseCallback):
    """Passes each update's figures on, and stops where the callback asks for it."""

    def __init__(self, callback: Callback | None) -> None:
        super().__init__()
        self.callback, self.stopped = callback, False
        self.began, self.first = time.perf_counter(), 0

    def _on_training_start(self) -> None:
        self.first = self.num_timesteps

    def _on_rollout_start(self) -> None:
        # The moment after an update, but for the first time.
        if self.num_timesteps > self.first:
            self._report()

    def _on_training_end(self) -> None:
        if not self.stopped:
            self._report()

    def _on_step(self) -> bool:
        return not self.stopped

    def _report(self) -> None:
        now, steps = time.perf_counter(), self.model.num_timesteps
        figures = {
            "num_timesteps": steps,
            "steps_per_second": (steps - self.first) / (now - self.began),
        }
        self.began, self.first = now, steps
        episodes = list(self.model.ep_info_buffer or ())
        for name, key in (("mean_return", "r"), ("mean_regret", "regret")):
            if episodes and key in episodes[0]:
                figures[name] = float(np.mean([episode[key] for episode in episodes]))
        for name, value in self.logger.name_to_value.items():
            if name.startswith("train/"):
                figures[name.removeprefix("train/")] = float(value)
        if self.callback is not None and self.callback(figures) is False:
            self.stopped = True
