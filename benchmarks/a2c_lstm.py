"""Training steps a second of the A2C-LSTM on MetaBandit-v0, by number of environments.

Usage: OMP_NUM_THREADS=1 python benchmarks/a2c_lstm.py [--seconds 5] [--repeats 5]

A step is one environment step with all that it costs: the environment, the rollout and its
share of the update. Each figure is the median of the repeats.
"""

from __future__ import annotations

import argparse
import statistics
import time

from rich.console import Console
from rich.table import Table

from baselines.a2c_lstm import A2CLSTM, A2CLSTMConfig

NUM_ENVS = (1, 16, 32, 64, 128, 256)


def measure(agent: A2CLSTM, seconds: float) -> float:
    """Trains for so many seconds; returns steps a second."""
    first, began = agent.num_timesteps, time.perf_counter()
    agent.learn(10**12, lambda _: time.perf_counter() - began < seconds)
    return (agent.num_timesteps - first) / (time.perf_counter() - began)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    agents = {n: A2CLSTM("MetaBandit-v0", A2CLSTMConfig(num_envs=n)) for n in NUM_ENVS}
    rates: dict[int, list[float]] = {n: [] for n in agents}
    for _ in range(arguments.repeats):
        for num_envs, agent in agents.items():
            rates[num_envs].append(measure(agent, arguments.seconds))
    table = Table("environments", title="A2C-LSTM, 48 units, training steps a second, one core")
    for name in ("median", "least", "most"):
        table.add_column(name, justify="right")
    for num_envs, values in rates.items():
        figures = (statistics.median(values), min(values), max(values))
        table.add_row(str(num_envs), *(f"{value:,.0f}" for value in figures))
    Console().print(table)


if __name__ == "__main__":
    main()
