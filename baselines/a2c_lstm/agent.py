"""The A2C-LSTM agent: `learn`, `predict`, `save` and `load`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from gymnasium.vector import AutoresetMode, VectorEnv
from numpy.typing import NDArray

from baselines.a2c_lstm.checkpoint import (
    SUFFIX,
    Checkpoint,
    Metadata,
    read_checkpoint,
    write_checkpoint,
    write_release,
)
from baselines.a2c_lstm.config import A2CLSTMConfig, config_from_dict
from baselines.a2c_lstm.optimizer import make_optimizer
from baselines.a2c_lstm.policy import A2CLSTMPolicy, read_policy
from baselines.a2c_lstm.presets import make_preset
from baselines.a2c_lstm.rollout import Collector
from baselines.a2c_lstm.update import update
from baselines.common import distributed
from baselines.common.agent import Inspection
from baselines.common.callbacks import Callback, Metrics, chain
from baselines.common.environments import (
    bare_id,
    check_rollout,
    derive_seeds,
    episode_length,
    make_vector_env,
    reward_columns,
)
from baselines.common.errors import InputError, one_line
from baselines.common.files import digest_of
from baselines.common.run_folder import checkpoint_in
from baselines.common.threads import one_thread
from baselines.networks.backends import make_backend
from baselines.networks.build import initialise
from baselines.networks.cells import Array
from meta_envs.core.autoreset import find_autoreset_mode


class A2CLSTM:
    """The agent of Wang et al. 2016: advantage actor-critic on a single LSTM.

    Args:
        env: A Gymnasium vector environment, its actions Discrete or a Box of real numbers, or an id
            to make one from.
        config: Settings.
        seed: Weights, tasks, noise and actions follow from it.
        env_kwargs: Arguments for the environment, where `env` is an id; noted in checkpoints.

    Attributes:
        policy: What it has learnt so far, to predict with.
        num_timesteps: Environment steps trained for so far.

    Raises:
        InputError: If the agent cannot be trained on the environment with these settings.
    """

    suffix: ClassVar[str] = SUFFIX
    config_type: ClassVar[type[A2CLSTMConfig]] = A2CLSTMConfig
    in_processes: ClassVar[bool] = True
    make_preset = staticmethod(make_preset)
    config_from_dict = staticmethod(config_from_dict)
    read_policy = staticmethod(read_policy)
    write_release = staticmethod(write_release)

    def __init__(
        self,
        env: VectorEnv[Any, Any, Any] | str,
        config: A2CLSTMConfig | None = None,
        seed: int = 0,
        env_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        self.config = config or A2CLSTMConfig()
        self.seed, self.num_timesteps, self.num_updates = seed, 0, 0
        self.env_id = bare_id(env) if isinstance(env, str) else env.spec.id if env.spec else None
        self.env_kwargs = dict(env_kwargs or {})
        if isinstance(env, str):
            env = make_vector_env(env, distributed.share(self.config.num_envs), env_kwargs)
        self.env = _checked(env)
        self.num_steps = _num_steps(self.env, self.config)
        weight_seed, action_seed = derive_seeds(seed, "network", 2)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(weight_seed)  # For the encoder of images.
            self.policy = A2CLSTMPolicy(
                env.single_observation_space,
                env.single_action_space,
                self.config,
                reward_columns(self.env),
                action_seed,
            )
        weights = np.random.default_rng(weight_seed)
        initialise(self.network, self.policy.encoder, self.config, weights)
        self.optimizer = make_optimizer(self.network, self.config)
        # Each of several processes draws actions of its own.
        own_seed = derive_seeds(seed, "network", 2, distributed.rank())[1]
        self.generator = np.random.default_rng(own_seed)
        self.backend = make_backend(self.network, self.num_steps, self.env.num_envs)
        self.collector = Collector(
            self.env,
            self.policy.encoder,
            self.policy.actions,
            self.backend,
            self.generator,
            self.config.memory,
        )
        self._under_way = False

    @property
    def network(self) -> Any:
        """The network that is trained."""
        return self.policy.network

    def learn(
        self, total_timesteps: int, callback: Callback | None = None, progress_bar: bool = False
    ) -> A2CLSTM:
        """Trains until `total_timesteps` steps have been taken in all.

        Steps taken before a `load` count, so a stopped training goes on with the same call. Every
        update is a whole rollout, and the last may go a little past the total.

        Args:
            total_timesteps: Environment steps, summed over the sub-environments.
            callback: Called after every update with its metrics; False from it stops.
            progress_bar: Whether to show progress, rate and time left.
        """
        if progress_bar:
            from baselines.common.progress import Progress

            with Progress(total_timesteps, self.num_timesteps) as progress:
                return self.learn(total_timesteps, chain(progress.update, callback))
        if not self._under_way:
            self.collector.reset(self._training_seed())
            self._under_way = True
        with one_thread():
            stop = asked = False
            while self.num_timesteps < total_timesteps and not stop:
                metrics, agreed = self._iterate(self.num_timesteps / total_timesteps, asked)
                asked = callback is not None and callback(metrics) is False
                # Several processes stop together, after the update in which all have heard of it.
                stop = agreed if distributed.world_size() > 1 else asked
        return self

    def _training_seed(self) -> int:
        """For episodes that start now: no two stages or processes meet the same."""
        stage = self.num_updates * distributed.world_size() + distributed.rank()
        return derive_seeds(self.seed, "training", 1, stage)[0]

    def _iterate(self, progress: float, stop: bool) -> tuple[Metrics, bool]:
        """One rollout and one update; its metrics, and whether any process wants to stop."""
        began = time.perf_counter()
        rollout = self.collector.collect(self.config.discount.discount_at(progress))
        learnt, stop = update(self.backend, self.optimizer, rollout, self.config, progress, stop)
        steps = rollout.rewards.size * distributed.world_size()
        self.num_timesteps += steps
        self.num_updates += 1
        metrics = {
            "num_timesteps": self.num_timesteps,
            "steps_per_second": steps / (time.perf_counter() - began),
            **self.collector.means(),
            **learnt,
        }
        return metrics, stop

    def save(self, path: str | Path) -> None:
        """Writes a checkpoint: all that the training to come depends on, in safetensors.

        Where several processes train together all must call this, and process 0 writes.
        """
        tensors = {f"network.{k}": v for k, v in self.network.state_dict().items()}
        tensors |= {f"optimizer.{k}": v for k, v in self.optimizer.state().items()}
        mine = self.collector.state() if self._under_way else {}
        for rank, state in enumerate(distributed.gather(mine)):
            tensors |= {f"rank{rank}.{k}": torch.from_numpy(v) for k, v in state.items()}
        metadata = Metadata(
            env_id=self.env_id,
            env_kwargs=self.env_kwargs,
            seed=self.seed,
            config=self.config,
            num_timesteps=self.num_timesteps,
            num_updates=self.num_updates,
        )
        if distributed.rank() == 0:
            write_checkpoint(Path(path), tensors, metadata)

    def weights_digest(self) -> str:
        """The SHA-256 of the network's weights."""
        return digest_of({name: t.cpu().numpy() for name, t in self.network.state_dict().items()})

    @classmethod
    def load(cls, path: str | Path, env: VectorEnv[Any, Any, Any] | str | None = None) -> A2CLSTM:
        """Reads a checkpoint, ready to predict or to go on learning. No code in it is run.

        Args:
            path: What `save` wrote, or the folder of a run, whose latest checkpoint is taken.
            env: The environment to learn in, or its id; None makes the one it was trained on.

        Raises:
            InputError: If the file is no checkpoint of this agent or does not fit `env`.
        """
        checkpoint = read_checkpoint(checkpoint_in(Path(path)))
        metadata = checkpoint.metadata
        env = env or metadata.env_id
        if env is None:
            raise InputError(f"{checkpoint.path} does not name its environment: pass `env=`")
        agent = cls(env, metadata.config, metadata.seed, metadata.env_kwargs)
        agent._restore(checkpoint)
        return agent

    def restore(self, path: str | Path) -> None:
        """Takes weights, optimiser, counters and episodes under way from a checkpoint.

        Raises:
            InputError: If the file is no checkpoint of this agent or does not fit it.
        """
        self._restore(read_checkpoint(Path(path)))

    def _restore(self, checkpoint: Checkpoint) -> None:
        metadata, tensors = checkpoint.metadata, checkpoint.tensors
        self.policy.load_weights(checkpoint)
        self.num_timesteps, self.num_updates = metadata.num_timesteps, metadata.num_updates
        try:
            self._load_optimizer(tensors)
            self._load_episodes(metadata, tensors)
        except (KeyError, ValueError, TypeError, IndexError, RuntimeError) as error:
            raise InputError(
                f"{checkpoint.path} does not fit this agent: {one_line(error)}"
            ) from error

    def _load_episodes(self, metadata: Metadata, tensors: dict[str, torch.Tensor]) -> None:
        same = (metadata.env_id, metadata.env_kwargs) == (self.env_id, self.env_kwargs)
        mine = f"rank{distributed.rank()}." if same else "none"
        state = {k[len(mine) :]: v.numpy() for k, v in tensors.items() if k.startswith(mine)}
        self.collector.restore(state, self._training_seed())
        self._under_way = True

    def _load_optimizer(self, tensors: dict[str, torch.Tensor]) -> None:
        prefix = "optimizer."
        state = {n[len(prefix) :]: t for n, t in tensors.items() if n.startswith(prefix)}
        if state:
            self.optimizer.restore(state)

    def set_random_seed(self, seed: int) -> None:
        """Seeds the generator that `predict` samples actions with."""
        self.policy.set_random_seed(seed)

    def predict(
        self,
        observation: Any,
        state: tuple[np.ndarray, ...] | None = None,
        episode_start: np.ndarray | None = None,
        deterministic: bool = False,
    ) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
        """Chooses actions for a batch of episodes, or for one; see `A2CLSTMPolicy.predict`."""
        return self.policy.predict(observation, state, episode_start, deterministic)

    def inspect(
        self,
        observation: Any,
        state: tuple[Array, ...] | None = None,
        episode_start: NDArray[np.bool_] | None = None,
    ) -> tuple[Inspection, tuple[Array, ...]]:
        """What a batch of observations brings about; see `InspectableAgent.inspect`."""
        return self.policy.inspect(observation, state, episode_start)


def _checked(env: VectorEnv[Any, Any, Any]) -> VectorEnv[Any, Any, Any]:
    if find_autoreset_mode(env) not in (AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP):
        raise InputError(
            "the A2C-LSTM needs an environment that resets itself: make it with "
            "autoreset_mode=AutoresetMode.SAME_STEP or NEXT_STEP"
        )
    return env


def _num_steps(env: VectorEnv[Any, Any, Any], config: A2CLSTMConfig) -> int:
    length = episode_length(env)
    if length is not None and find_autoreset_mode(env) == AutoresetMode.NEXT_STEP:
        length += 1  # The step that starts the next episode.
    num_steps = config.num_steps or length
    if num_steps is None:
        raise InputError(
            "`num_steps` must be given for an environment that is not of meta_envs: "
            "the steps of its longest episode, so that none is cut, or fewer"
        )
    check_rollout(num_steps, env.num_envs, config.hidden_size)
    return num_steps
