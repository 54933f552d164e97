"""One measurement each: what runs in a process of its own and comes back as a few numbers."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode

import meta_envs  # noqa: F401  (registers the environments)
from baselines.a2c_lstm import A2CLSTM, A2CLSTMConfig
from baselines.a2c_lstm.config import config_from_dict
from baselines.a2c_lstm.rollout import Collector
from baselines.benchmarks import peers
from baselines.common import distributed
from baselines.evaluation.evaluate import evaluate

Job = dict[str, Any]
"""What to measure: `measure` names one of `MEASURES`, the rest are its arguments.

`cores` is for `run_job`: how many processor cores it may use, all if not given.
"""


def run_job(job: Job, command: list[str]) -> dict[str, float]:
    """Runs a measurement in this process.

    Args:
        job: What to measure.
        command: The command line behind it, for further processes.

    Returns:
        Metrics by name, with the process's largest memory in MB among them.
    """
    arguments = {k: v for k, v in job.items() if k not in ("measure", "cores", "processes")}
    if "cores" in job and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: job["cores"]])
    with distributed.group(job.get("processes", 1), command):
        metrics = MEASURES[job["measure"]](**arguments)
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return metrics | {"memory_mb": kilobytes / 1024}


def repeat(step: Callable[[], int], seconds: float) -> dict[str, float]:
    """Calls `step`, which returns how many environment steps it took, for so many seconds."""
    step()
    steps, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        steps += step()
    return {"steps_per_second": steps / (time.perf_counter() - began)}


def scalar_environment(env_id: str, seconds: float) -> dict[str, float]:
    """Random actions in `gym.make(env_id)`; drawing tasks and restarting are counted in."""
    env = gym.make(env_id, disable_env_checker=True)
    actions = np.random.default_rng(0).integers(0, env.action_space.n, 1024).tolist()  # type: ignore[attr-defined]
    env.reset(seed=0)

    def step() -> int:
        for action in actions:
            if env.step(action)[2]:
                env.reset()
        return len(actions)

    return repeat(step, seconds)


def vector_environment(
    env_id: str, num_envs: int, mode: str | None, seconds: float
) -> dict[str, float]:
    """Random actions in a vector environment: the native one, or mode "sync"."""
    vector_kwargs = {"autoreset_mode": AutoresetMode.SAME_STEP} if mode else None
    env: Any = gym.make_vec(
        env_id, num_envs=num_envs, vectorization_mode=mode, vector_kwargs=vector_kwargs
    )
    actions = np.random.default_rng(0).integers(0, env.single_action_space.n, (16, num_envs))
    env.reset(seed=0)

    def step() -> int:
        for action in actions:
            env.step(action)
        return int(actions.size)

    return repeat(step, seconds)


def a2c_lstm(
    seconds: float,
    env_id: str = "MetaBandit-v0",
    env_kwargs: dict[str, Any] | None = None,
    backend: str = "compiled",
    **changes: Any,
) -> dict[str, float]:
    """Training of the A2C-LSTM, everything counted in; `changes` are to its settings."""
    agent = A2CLSTM(env_id, replace(A2CLSTMConfig(), **changes), env_kwargs=env_kwargs)
    if backend != "compiled":
        agent.backend = peers.BACKENDS[backend](agent.network, agent.num_steps, agent.env.num_envs)
        policy = agent.policy
        agent.collector = Collector(
            agent.env, policy.encoder, policy.actions, agent.backend, agent.generator
        )
    per_update = agent.num_steps * agent.env.num_envs * distributed.world_size()
    agent.learn(2 * per_update)
    first, began = agent.num_timesteps, time.perf_counter()
    agent.learn(10**12, lambda _: time.perf_counter() - began < seconds)
    return {"steps_per_second": (agent.num_timesteps - first) / (time.perf_counter() - began)}


def time_to_regret(
    env_id: str,
    regret: float,
    seed: int,
    every: int,
    total_timesteps: int,
    changes: dict[str, Any],
) -> dict[str, float]:
    """Seconds of training until 1,000 fresh episodes show a mean regret, infinite if never.

    What the scoring takes is not counted.

    Args:
        env_id: The environment.
        regret: To reach.
        seed: Of the training.
        every: Updates between scorings.
        total_timesteps: Steps that schedules are laid out for, and after which it gives up.
        changes: To the environment's best preset, as JSON holds them.
    """
    config = _changed(env_id, changes)
    agent, best, updates = A2CLSTM(env_id, config, seed), float("inf"), 0
    began, scoring = time.perf_counter(), 0.0

    def callback(metrics: dict[str, float]) -> bool:
        nonlocal best, scoring, updates
        updates += 1
        if updates % every and agent.num_timesteps < total_timesteps:
            return True
        asked = time.perf_counter()
        best = float(evaluate(agent, env_id, 1_000, seed + 1_000).mean_regret or 0.0)
        scoring += time.perf_counter() - asked
        return best > regret

    agent.learn(total_timesteps, callback)
    seconds = time.perf_counter() - began - scoring
    return {
        "seconds": seconds if best <= regret else float("inf"),
        "steps": agent.num_timesteps,
        "regret": best,
    }


def score_after(
    env_id: str, total_timesteps: int, seed: int, changes: dict[str, Any]
) -> dict[str, float]:
    """What 3,000 fresh episodes after a training bring, and what the training took.

    Args:
        env_id: The environment.
        total_timesteps: Of the training.
        seed: Of the training; all are scored on the same episodes.
        changes: To the environment's best preset, as JSON holds them.
    """
    agent, began = A2CLSTM(env_id, _changed(env_id, changes), seed), time.perf_counter()
    agent.learn(total_timesteps)
    seconds = time.perf_counter() - began
    evaluation = evaluate(agent, env_id, 3_000, seed=77)
    scores = {
        "optimality_gap": evaluation.mean_optimality_gap,
        "regret": evaluation.mean_regret,
        "return": evaluation.mean_return,
    }
    known = {name: score for name, score in scores.items() if score is not None}
    steps = agent.num_timesteps / seconds
    return known | {"seconds": seconds, "steps_per_second": steps}


def _changed(env_id: str, changes: dict[str, Any]) -> A2CLSTMConfig:
    """An environment's best preset, changed."""
    best: Any = A2CLSTM.make_preset("best", env_id, None).config
    return config_from_dict(asdict(best) | changes)


MEASURES: dict[str, Callable[..., dict[str, float]]] = {
    "scalar environment": scalar_environment,
    "vector environment": vector_environment,
    "a2c-lstm": a2c_lstm,
    "time to regret": time_to_regret,
    "score after": score_after,
    "recurrent-ppo": peers.recurrent_ppo,
    "ppo": peers.stock_ppo,
    "jax a2c-lstm": peers.jax_a2c_lstm,
    "gymnax": peers.gymnax_bandit,
}
"""By name: functions that measure, with JSON-able arguments."""
