"""Steps a second of every environment on one core: scalar, SyncVectorEnv and native.

Usage: OMP_NUM_THREADS=1 python benchmarks/environments.py [--seconds 1.0] [--repeats 5]

Everything a user pays is in it: drawing tasks, autoreset, meta-observation, info. Scalar
environments are made with `gym.make(id, disable_env_checker=True)`. Each figure is the median
of the repeats, which go round all rows so that a slow moment of the machine hits them alike.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode
from rich.console import Console
from rich.table import Table

from meta_envs.registration import TABLE

NATIVE = (1, 64, 4096)
SYNC = 64


def scalar(env_id: str) -> Callable[[float], float]:
    """Measures one scalar environment; maps a time limit to steps a second."""
    env = gym.make(env_id, disable_env_checker=True)
    actions = np.random.default_rng(0).integers(0, env.action_space.n, 1024).tolist()
    env.reset(seed=0)

    def measure(seconds: float) -> float:
        steps, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            for action in actions:
                if env.step(action)[2]:
                    env.reset()
            steps += len(actions)
        return steps / (time.perf_counter() - began)

    return measure


def vector(env: gym.vector.VectorEnv) -> Callable[[float], float]:
    """Measures a vector environment."""
    rng = np.random.default_rng(0)
    actions = rng.integers(0, env.single_action_space.n, (16, env.num_envs))
    env.reset(seed=0)

    def measure(seconds: float) -> float:
        steps, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            for action in actions:
                env.step(action)
            steps += actions.size
        return steps / (time.perf_counter() - began)

    return measure


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    same_step = {"autoreset_mode": AutoresetMode.SAME_STEP}
    rows = {}
    for row in TABLE:
        sync = gym.make_vec(
            row.id, num_envs=SYNC, vectorization_mode="sync", vector_kwargs=same_step
        )
        native = [vector(gym.make_vec(row.id, num_envs=n)) for n in NATIVE]
        rows[row.id] = [scalar(row.id), vector(sync), *native]
    rates: dict[str, list[list[float]]] = {env_id: [[] for _ in rows[env_id]] for env_id in rows}
    for _ in range(arguments.repeats):
        for env_id, measures in rows.items():
            for rate, measure in zip(rates[env_id], measures, strict=True):
                rate.append(measure(arguments.seconds))
    table = Table("environment", title="steps a second, one core")
    for name in ("scalar", f"Sync {SYNC}", *(f"native {n:,}" for n in NATIVE)):
        table.add_column(name, justify="right")
    for env_id, lists in rates.items():
        table.add_row(env_id, *(f"{statistics.median(values):,.0f}" for values in lists))
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
