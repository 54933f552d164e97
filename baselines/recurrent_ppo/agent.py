"""sb3-contrib's RecurrentPPO, trained, saved and called like the A2C-LSTM."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from gymnasium.vector import VectorEnv
from stable_baselines3.common.callbacks import BaseCallback

from baselines.common.agent import Inspection
from baselines.common.callbacks import Callback, Metrics, chain
from baselines.common.environments import bare_id, derive_seeds, make_vector_env
from baselines.common.errors import InputError, check_finite, one_line
from baselines.common.files import digest_of
from baselines.common.run_folder import checkpoint_in
from baselines.common.threads import one_thread
from baselines.recurrent_ppo.checkpoint import (
    SUFFIX,
    Checkpoint,
    Metadata,
    TrainingState,
    read_checkpoint,
    write_checkpoint,
    write_release,
)
from baselines.recurrent_ppo.config import RecurrentPPOConfig, config_from_dict
from baselines.recurrent_ppo.generators import Generators
from baselines.recurrent_ppo.model import make_model
from baselines.recurrent_ppo.numbers import as_numbers
from baselines.recurrent_ppo.policy import RecurrentPPOPolicy, read_policy
from baselines.recurrent_ppo.presets import make_preset
from baselines.recurrent_ppo.sb3_zip import restore_model
from baselines.recurrent_ppo.schedules import ScheduleCallback


class RecurrentPPO:
    """RecurrentPPO with the interface of `baselines.a2c_lstm.A2CLSTM`.

    The model itself is in `model`, and what `save` writes is Stable-Baselines3's own zip, which
    `sb3_contrib.RecurrentPPO.load` reads as well.

    Args:
        env: A Gymnasium vector environment with autoreset mode SAME_STEP, any number of
            sub-environments, and actions that are Discrete or a Box of real numbers; or an id to
            make one from.
        config: Settings.
        seed: Weights, tasks, noise and actions follow from it.
        env_kwargs: Arguments for the environment, where `env` is an id; noted in checkpoints.

    Attributes:
        policy: What it has learnt so far, to predict with.

    Raises:
        InputError: If the agent cannot be trained on the environment with these settings.
    """

    suffix: ClassVar[str] = SUFFIX
    config_type: ClassVar[type[RecurrentPPOConfig]] = RecurrentPPOConfig
    in_processes: ClassVar[bool] = False
    make_preset = staticmethod(make_preset)
    config_from_dict = staticmethod(config_from_dict)
    read_policy = staticmethod(read_policy)
    write_release = staticmethod(write_release)

    def __init__(
        self,
        env: VectorEnv[Any, Any, Any] | str,
        config: RecurrentPPOConfig | None = None,
        seed: int = 0,
        env_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        self.config, self.seed = config or RecurrentPPOConfig(), seed
        self.env_id = bare_id(env) if isinstance(env, str) else env.spec.id if env.spec else None
        self.env_kwargs = dict(env_kwargs or {})
        if isinstance(env, str):
            env = make_vector_env(env, self.config.num_envs, env_kwargs)
        self.generators = Generators()
        with self.generators.in_use():
            self.model = make_model(env, self.config, derive_seeds(seed, "network", 1)[0] % 2**32)
        self.policy = RecurrentPPOPolicy(
            self.model.policy, as_numbers(env.single_observation_space)
        )
        self.policy.set_random_seed(derive_seeds(seed, "sampling", 1)[0] % 2**32)
        self._under_way = False

    @property
    def num_timesteps(self) -> int:
        """Environment steps trained for so far."""
        return int(self.model.num_timesteps)

    def learn(
        self, total_timesteps: int, callback: Callback | None = None, progress_bar: bool = False
    ) -> RecurrentPPO:
        """Trains until `total_timesteps` steps have been taken in all.

        Steps taken before a `load` count, so a stopped training goes on with the same call.

        Args:
            total_timesteps: Environment steps, summed over the sub-environments.
            callback: Called after every update with its metrics; False from it stops.
            progress_bar: Whether to show progress, rate and time left.
        """
        if progress_bar:
            from baselines.common.progress import Progress

            with Progress(total_timesteps, self.num_timesteps) as progress:
                return self.learn(total_timesteps, chain(progress.update, callback))
        if self.num_timesteps >= total_timesteps:
            return self
        with self.generators.in_use(), one_thread():
            if not self._under_way:
                # No two stages of a training meet the same episodes.
                seed = derive_seeds(self.seed, "training", 1, self.num_timesteps)[0]
                self.model.start_episodes(seed)
                self._under_way = True
            # The schedules come last: what is reported is of the update before.
            schedules = ScheduleCallback(self.config.discount, self.config.entropy_coef)
            with suppress(StopTraining):
                self.model.learn(
                    total_timesteps - self.num_timesteps,
                    [_Reporter(callback), schedules],
                    reset_num_timesteps=False,
                )
        return self

    def save(self, path: str | Path) -> None:
        """Writes a checkpoint, whole or not at all: the model, and what an exact resume needs."""
        metadata = Metadata(self.env_id, self.env_kwargs, self.seed, self.config)
        arrays = {f"generators.{n}": a for n, a in self.generators.state().items()}
        if self._under_way:
            arrays |= {f"episodes.{n}": a for n, a in self.model.episodes().items()}
        write_checkpoint(Path(path), self.model, TrainingState(metadata, arrays))

    def weights_digest(self) -> str:
        """The SHA-256 of the policy's weights."""
        weights = self.model.policy.state_dict()
        return digest_of({name: t.cpu().numpy() for name, t in weights.items()})

    @classmethod
    def load(
        cls, path: str | Path, env: VectorEnv[Any, Any, Any] | str | None = None
    ) -> RecurrentPPO:
        """Reads a checkpoint, ready to predict or to go on learning. No code in it is run.

        Args:
            path: What `save` wrote, or the folder of a run, whose latest checkpoint is taken.
            env: The environment to learn in, or its id; None makes the one it was trained on.

        Raises:
            InputError: If the file is no checkpoint of this agent or does not fit `env`.
        """
        checkpoint = read_checkpoint(checkpoint_in(Path(path)))
        path, state = checkpoint.model.path, checkpoint.state
        if state is None:
            raise InputError(
                f"{path} holds no settings of this agent: make one for the environment and call "
                "its restore, or evaluate the zip as it is"
            )
        metadata = state.metadata
        env = env or metadata.env_id
        if env is None:
            raise InputError(f"{path} does not name its environment: pass `env=`")
        agent = cls(env, metadata.config, metadata.seed, metadata.env_kwargs)
        agent._restore(checkpoint)
        return agent

    def restore(self, path: str | Path) -> None:
        """Takes up a zip, such as a run's `checkpoints/000000012800.zip`. Nothing in it is run.

        That is all that the training to come depends on: weights, Adam's state and counters, as
        Stable-Baselines3 writes them; and in the further file `meta_envs.safetensors` the
        generators of torch, NumPy and Python, and of the episodes under way the environments'
        state, the sums so far and the LSTM's state.
        Episodes start anew where the zip is not one of ours, or was written for another
        environment.

        Raises:
            InputError: If the file is no zip of RecurrentPPO or does not fit.
        """
        self._restore(read_checkpoint(Path(path)))

    def _restore(self, checkpoint: Checkpoint) -> None:
        restore_model(self.model, checkpoint.model)
        self._under_way = False
        state = checkpoint.state
        if state is None:
            return
        generators = _part(state.arrays, "generators.")
        try:
            # An included agent has none: what comes next is drawn anew.
            if generators:
                self.generators.restore(generators)
        except (KeyError, ValueError, TypeError, RuntimeError) as error:
            raise InputError(
                f"{checkpoint.model.path} does not fit this agent: {one_line(error)}"
            ) from error
        saved = state.metadata.env_id, state.metadata.env_kwargs
        same = saved == (self.env_id, self.env_kwargs)
        episodes = _part(state.arrays, "episodes.")
        if same and episodes:
            # Where they do not fit, an older version wrote them: new ones start.
            with suppress(ValueError):
                self.model.restore_episodes(episodes)
                self._under_way = True

    def set_random_seed(self, seed: int) -> None:
        """Seeds the numbers that `predict` samples actions with."""
        self.policy.set_random_seed(seed)

    def predict(
        self,
        observation: Any,
        state: tuple[np.ndarray, ...] | None = None,
        episode_start: np.ndarray | None = None,
        deterministic: bool = False,
    ) -> tuple[np.ndarray, tuple[np.ndarray, ...] | None]:
        """Chooses actions for a batch of episodes or for one, as Stable-Baselines3 does."""
        return self.policy.predict(observation, state, episode_start, deterministic)

    def inspect(
        self,
        observation: Any,
        state: tuple[Any, ...] | None = None,
        episode_start: np.ndarray | None = None,
    ) -> tuple[Inspection, tuple[Any, ...]]:
        """What a batch of observations brings about; see `InspectableAgent.inspect`."""
        return self.policy.inspect(observation, state, episode_start)


def _part(arrays: dict[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    """The arrays whose names begin with a prefix, without it."""
    return {n[len(prefix) :]: a for n, a in arrays.items() if n.startswith(prefix)}


class StopTraining(Exception):  # noqa: N818 - as StopIteration, it is no error
    """Leaves the model's `learn` between two updates, as soon as a callback has asked for it."""


class _Reporter(BaseCallback):
    """Passes each update's metrics on, and stops where the callback asks for it."""

    def __init__(self, callback: Callback | None) -> None:
        super().__init__()
        self.callback = callback
        self.began, self.first = time.perf_counter(), 0

    def _on_training_start(self) -> None:
        self.first = self.num_timesteps

    def _on_rollout_start(self) -> None:
        # The moment after an update, but for the first time.
        if self.num_timesteps > self.first:
            self._report()

    def _on_training_end(self) -> None:
        self._report()

    def _on_step(self) -> bool:
        return True

    def _report(self) -> None:
        now, steps = time.perf_counter(), self.model.num_timesteps
        metrics: Metrics = {
            "num_timesteps": steps,
            "steps_per_second": (steps - self.first) / (now - self.began),
        }
        self.began, self.first = now, steps
        episodes = list(self.model.ep_info_buffer or ())
        for name, key in (("mean_return", "r"), ("mean_regret", "regret")):
            if episodes and key in episodes[0]:
                metrics[name] = float(np.mean([episode[key] for episode in episodes]))
        for name, value in self.logger.name_to_value.items():
            if name.startswith("train/"):
                metrics[name.removeprefix("train/")] = float(value)
        # Before the callback, so that no weights are saved that are none.
        check_finite("the loss (from an observation, or too large a step size)", metrics["loss"])
        if self.callback is not None and self.callback(metrics) is False:
            raise StopTraining
