"""Training steps a second of RecurrentPPO on MetaBandit-v0: sb3-contrib's as it comes, and ours.

Usage: OMP_NUM_THREADS=1 python benchmarks/recurrent_ppo.py [--repeats 7]

Both have 64 environments, one rollout of 100 steps an update, 4 epochs of 2 minibatches, and 48
LSTM units shared by actor and critic. They take turns, so that a busy machine slows both. A step
is one environment step with all that it costs: the environment, the rollout and its share of the
update.
"""

from __future__ import annotations

import argparse
import statistics
import time

import gymnasium as gym
import torch
from rich.console import Console
from rich.table import Table
from sb3_contrib import RecurrentPPO
from stable_baselines3.common.vec_env import DummyVecEnv

import meta_envs  # noqa: F401  (registers the environments)
from baselines.recurrent_ppo import RecurrentPPOConfig, make_model

ENV_ID = "MetaBandit-v0"
CONFIG = RecurrentPPOConfig(num_envs=64, num_steps=100, num_epochs=4, num_minibatches=2)
STEPS = 64 * 100


def make_stock() -> RecurrentPPO:
    """sb3-contrib's RecurrentPPO on Stable-Baselines3's own vector environment."""
    return RecurrentPPO(
        "MlpLstmPolicy",
        DummyVecEnv([lambda: gym.make(ENV_ID, disable_env_checker=True)] * CONFIG.num_envs),
        n_steps=100,
        batch_size=STEPS // CONFIG.num_minibatches,
        n_epochs=CONFIG.num_epochs,
        policy_kwargs={
            "net_arch": [],
            "lstm_hidden_size": CONFIG.hidden_size,
            "shared_lstm": True,
            "enable_critic_lstm": False,
        },
        device="cpu",
    )


def measure(model: RecurrentPPO, updates: int) -> float:
    """Trains for so many updates; returns steps a second."""
    began = time.perf_counter()
    model.learn(updates * STEPS)
    return updates * STEPS / (time.perf_counter() - began)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    ours = make_model(gym.make_vec(ENV_ID, num_envs=CONFIG.num_envs), CONFIG)
    # Updates that take both about as long, so that each sees as much of the machine's moods.
    models = {"sb3-contrib": (make_stock(), 3), "ours": (ours, 15)}
    for model, _ in models.values():
        measure(model, 1)
    rates: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(arguments.repeats):
        for name, (model, updates) in models.items():
            rates[name].append(measure(model, updates))
    table = Table("", title="RecurrentPPO, 64 environments, training steps a second, one core")
    for column in ("median", "least", "most"):
        table.add_column(column, justify="right")
    for name, values in rates.items():
        figures = (statistics.median(values), min(values), max(values))
        table.add_row(name, *(f"{value:,.0f}" for value in figures))
    console = Console()
    console.print(table)
    pairs = zip(rates["ours"], rates["sb3-contrib"], strict=True)
    ratio = statistics.median(ours / stock for ours, stock in pairs)
    console.print(f"ours is {ratio:.1f} times as fast (median of the pairs)")


if __name__ == "__main__":
    main()
