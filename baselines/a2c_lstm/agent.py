"""The A2C-LSTM agent: `learn`, `predict`, `save` and `load`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from numpy.typing import NDArray

from baselines.a2c_lstm.checkpoint import SUFFIX, read_facts, read_tensors, write_checkpoint
from baselines.a2c_lstm.config import A2CLSTMConfig, config_from_dict
from baselines.a2c_lstm.rollout import Collector
from baselines.a2c_lstm.update import make_optimizer, update
from baselines.common import distributed
from baselines.common.environments import (
    derive_seeds,
    episode_length,
    make_vector_env,
    reward_columns,
)
from baselines.common.errors import InputError
from baselines.common.learning import Callback, chain, one_thread
from baselines.networks.build import make_backend, make_network, network_inputs, torch_device
from baselines.networks.observation_encoder import Reader, batch_size


class A2CLSTM:
    """The agent of Wang et al. 2016: advantage actor-critic on a single LSTM.

    Args:
        env: A Gymnasium vector environment with discrete actions, or an id to make one from.
        config: Settings.
        seed: Weights, tasks, luck and actions follow from it.
        env_kwargs: Arguments for the environment, where `env` is an id.

    Raises:
        InputError: If the agent cannot be trained on the environment with these settings.
    """

    suffix = SUFFIX

    def __init__(
        self,
        env: VectorEnv[Any, Any, Any] | str,
        config: A2CLSTMConfig | None = None,
        seed: int = 0,
        env_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        self.config = config or A2CLSTMConfig()
        self.seed, self.num_timesteps, self.num_updates = seed, 0, 0
        self.env_id = env if isinstance(env, str) else env.spec.id if env.spec else None
        self.env_kwargs = dict(env_kwargs or {})
        if isinstance(env, str):
            env = make_vector_env(env, distributed.share(self.config.num_envs), env_kwargs)
        self.env = _checked(env)
        self.observation_space = env.single_observation_space
        self.num_steps = _num_steps(self.env, self.config)
        torch_seed, action_seed = derive_seeds(seed, "network", 2)
        self.reader = Reader(self.observation_space, reward_columns(self.env))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(torch_seed)
            num_actions = int(self.env.single_action_space.n)  # type: ignore[attr-defined]
            self.network = make_network(self.reader, num_actions, self.config)
        self.network.to(torch_device(self.config.device))
        self.optimizer = make_optimizer(self.network, self.config)
        self.generator = np.random.default_rng(action_seed)
        # Its own generator, so that an evaluation on the way does not change the training.
        self.predict_generator = np.random.default_rng(action_seed)
        self.backend = make_backend(self.network, self.num_steps, self.env.num_envs)
        self.collector = Collector(self.env, self.backend, self.generator, self.config.memory)
        self._under_way = False

    def learn(
        self, total_timesteps: int, callback: Callback | None = None, progress_bar: bool = False
    ) -> A2CLSTM:
        """Trains until `total_timesteps` steps have been taken in all.

        Steps taken before a `load` count, so a stopped training goes on with the same call. Every
        update is a whole rollout, and the last may go a little past the total.

        Args:
            total_timesteps: Environment steps, summed over the sub-environments.
            callback: Called after every update with its figures; False from it stops.
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
                figures, agreed = self._iterate(self.num_timesteps / total_timesteps, asked)
                asked = callback is not None and callback(figures) is False
                # Several processes stop together, after the update in which all have heard of it.
                stop = agreed if distributed.world_size() > 1 else asked
        return self

    def _training_seed(self) -> int:
        """For episodes that start now: no two stages or processes meet the same."""
        stage = self.num_updates * distributed.world_size() + distributed.rank()
        return derive_seeds(self.seed, "training", 1, stage)[0]

    def _iterate(self, progress: float, stop: bool) -> tuple[dict[str, float], bool]:
        """One rollout and one update; its figures, and whether any process wants to stop."""
        began = time.perf_counter()
        rollout = self.collector.collect(self.config.discount.discount_at(progress))
        learnt, stop = update(self.backend, self.optimizer, rollout, self.config, progress, stop)
        steps = rollout.rewards.size * distributed.world_size()
        self.num_timesteps += steps
        self.num_updates += 1
        figures = {
            "num_timesteps": self.num_timesteps,
            "steps_per_second": steps / (time.perf_counter() - began),
            **self.collector.means(),
            **learnt,
        }
        return figures, stop

    def save(self, path: str | Path) -> None:
        """Writes a checkpoint: all that the training to come depends on, in safetensors.

        Where several processes train together all must call this, and process 0 writes.
        """
        tensors = {f"network.{k}": v for k, v in self.network.state_dict().items()}
        for index, state in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{index}.{k}": torch.as_tensor(v) for k, v in state.items()}
        mine = self.collector.state() if self._under_way else {}
        for rank, state in enumerate(distributed.gather(mine)):
            tensors |= {f"rank{rank}.{k}": torch.from_numpy(v) for k, v in state.items()}
        facts = {
            "config": asdict(self.config),
            "env_id": self.env_id,
            "env_kwargs": self.env_kwargs,
            "seed": self.seed,
            "num_timesteps": self.num_timesteps,
            "num_updates": self.num_updates,
        }
        if distributed.rank() == 0:
            write_checkpoint(Path(path), tensors, facts)

    @classmethod
    def load(cls, path: str | Path, env: VectorEnv[Any, Any, Any] | str | None = None) -> A2CLSTM:
        """Reads a checkpoint, ready to predict or to go on learning.

        Args:
            path: What `save` wrote. Loading runs no code from it.
            env: The environment to learn in, or its id; None makes the one it was trained on.

        Raises:
            InputError: If the file is no checkpoint of this agent or does not fit `env`.
        """
        facts = read_facts(Path(path))
        env = env or facts["env_id"]
        if env is None:
            raise InputError(f"{path} does not name its environment: pass env=")
        agent = cls(env, config_from_dict(facts["config"]), facts["seed"], facts["env_kwargs"])
        agent.restore(path)
        return agent

    def restore(self, path: str | Path) -> None:
        """Takes weights, optimiser and counters from a checkpoint.

        Raises:
            InputError: If the file is no checkpoint of this agent or does not fit it.
        """
        facts, tensors = read_facts(Path(path)), read_tensors(Path(path))
        weights = {k[8:]: v for k, v in tensors.items() if k.startswith("network.")}
        for name, parameter in self.network.state_dict().items():
            if name not in weights or weights[name].shape != parameter.shape:
                raise InputError(
                    f"{path} was trained on {facts['env_id']} and does not fit the observations "
                    f"or actions of {self.env_id}"
                )
        self.network.load_state_dict(weights)
        self._load_optimizer(tensors)
        self.num_timesteps, self.num_updates = facts["num_timesteps"], facts["num_updates"]
        same = (facts["env_id"], facts["env_kwargs"]) == (self.env_id, self.env_kwargs)
        mine = f"rank{distributed.rank()}." if same else "none"
        state = {k[len(mine) :]: v.numpy() for k, v in tensors.items() if k.startswith(mine)}
        self.collector.restore(state, self._training_seed())
        self._under_way = True

    def _load_optimizer(self, tensors: dict[str, torch.Tensor]) -> None:
        state: dict[int, dict[str, torch.Tensor]] = {}
        for name, tensor in tensors.items():
            if name.startswith("optimizer."):
                _, index, key = name.split(".")
                state.setdefault(int(index), {})[key] = tensor
        if state:
            groups = self.optimizer.state_dict()["param_groups"]
            self.optimizer.load_state_dict({"state": state, "param_groups": groups})

    def set_random_seed(self, seed: int) -> None:
        """Seeds the generator that `predict` samples actions with."""
        self.predict_generator = np.random.default_rng(seed)

    @torch.no_grad()
    def predict(
        self,
        observation: NDArray[Any],
        state: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None,
        episode_start: NDArray[np.bool_] | None = None,
        deterministic: bool = False,
    ) -> tuple[NDArray[np.int64], tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """Chooses actions for a batch of episodes.

        Args:
            observation: A batch of the environment's observations.
            state: What the last call returned; None at the first.
            episode_start: Where an episode has just started, shape (num_envs,).
            deterministic: Whether to take the most probable action instead of a sample.

        Returns:
            Actions, shape (num_envs,), and the LSTM's state.
        """
        num_envs = batch_size(self.observation_space, observation)
        device = self.network.initial.device
        starts = np.zeros(num_envs, np.bool_) if state is not None else np.ones(num_envs, np.bool_)
        if episode_start is not None:
            starts |= np.asarray(episode_start, np.bool_)
        if not self.config.memory:
            starts[:] = True
        before = (
            self.network.initial_state(num_envs)
            if state is None
            else (torch.from_numpy(state[0]).to(device), torch.from_numpy(state[1]).to(device))
        )
        observed = self.reader.read(observation, num_envs)
        x = network_inputs(self.network, observed)
        heads, (hidden, cell) = self.network(
            x[None], before, torch.from_numpy(starts[None]).to(device)
        )
        scores = heads[0, :, :-1].cpu().numpy()
        if not deterministic:
            scores = scores - np.log(self.predict_generator.standard_exponential(scores.shape))
        first = int(self.env.single_action_space.start)  # type: ignore[attr-defined]
        return scores.argmax(axis=1) + first, (hidden.cpu().numpy(), cell.cpu().numpy())


def _checked(env: VectorEnv[Any, Any, Any]) -> VectorEnv[Any, Any, Any]:
    if not isinstance(env.single_action_space, spaces.Discrete):
        raise InputError(f"the A2C-LSTM needs Discrete actions, got {env.single_action_space}")
    if env.metadata.get("autoreset_mode") not in (AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP):
        raise InputError(
            "the A2C-LSTM needs an environment that resets itself: make it with "
            "autoreset_mode=AutoresetMode.SAME_STEP or NEXT_STEP"
        )
    return env


def _num_steps(env: VectorEnv[Any, Any, Any], config: A2CLSTMConfig) -> int:
    num_steps = config.num_steps or episode_length(env)
    if num_steps is None:
        raise InputError(
            "num_steps must be given for an environment that is not of meta_envs: "
            "the steps of its longest episode, so that none is cut, or fewer"
        )
    return num_steps
