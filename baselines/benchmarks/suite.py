"""What is measured, in which order, and what is compared with what."""

from __future__ import annotations

from typing import NamedTuple

from baselines.benchmarks.jobs import Job
from meta_envs.registration import TABLE


class Row(NamedTuple):
    """One line of a section's table."""

    name: str
    job: Job
    needs: str = ""
    """Package that must be installed for it."""


NATIVE = (1, 64, 4096)
JAX_ENVS = (32, 64, 128)


def environments() -> list[Row]:
    """Steps a second of every environment, scalar, SyncVectorEnv and native; gymnax beside."""
    rows = []
    for row in TABLE:
        one = {"measure": "scalar environment", "env_id": row.id, "cores": 1}
        many = {"measure": "vector environment", "env_id": row.id, "cores": 1}
        rows.append(Row(f"{row.id} scalar", one))
        rows.append(Row(f"{row.id} sync 64", many | {"num_envs": 64, "mode": "sync"}))
        rows += [
            Row(f"{row.id} native {n:,}", many | {"num_envs": n, "mode": None}) for n in NATIVE
        ]
    for fused in (False, True):
        for n in NATIVE[1:]:
            job = {"measure": "gymnax", "num_envs": n, "fused": fused, "cores": 1}
            rows.append(Row(f"gymnax {'scan' if fused else 'step'} {n:,}", job, "gymnax"))
    return rows


def training() -> list[Row]:
    """Training steps a second of both agents and of their peers, on one core and on all."""
    a2c, ppo = {"measure": "a2c-lstm"}, {"measure": "recurrent-ppo", "cores": 1}
    plain = {"measure": "ppo", "cores": 1}
    return [
        Row("A2C-LSTM 32, 1 core", a2c | {"num_envs": 32, "cores": 1}),
        Row("A2C-LSTM 64, 1 core", a2c | {"num_envs": 64, "cores": 1}),
        Row("A2C-LSTM 64, 2 processes", a2c | {"num_envs": 64, "processes": 2}),
        Row("A2C-LSTM 128, 2 processes", a2c | {"num_envs": 128, "processes": 2}),
        *(
            Row(f"JAX A2C {n}, {where}", {"measure": "jax a2c-lstm", "num_envs": n} | cores, "jax")
            for n in JAX_ENVS
            for where, cores in (("1 core", {"cores": 1}), ("all cores", {}))
        ),
        Row("RecurrentPPO 64, ours", ppo | {"stock": False}),
        Row("RecurrentPPO 64, sb3-contrib", ppo | {"stock": True}),
        Row("PPO 64, GymnasiumVecEnv", plain | {"native": True}),
        Row("PPO 64, make_vec_env", plain | {"native": False}),
    ]


def backends() -> list[Row]:
    """Ways to run the A2C-LSTM's network, 64 environments, one core."""
    names = ("compiled", "torch", "torch.compile")
    job = {"measure": "a2c-lstm", "num_envs": 64, "cores": 1}
    return [Row(name, job | {"backend": name}) for name in names]


def pixels() -> list[Row]:
    """Training steps a second from pixels, 64 environments, rollouts of 100 steps, one core."""
    job = {"measure": "a2c-lstm", "num_envs": 64, "num_steps": 100, "cores": 1}
    return [
        Row(f"{env_id}, {encoder}", job | {"env_id": env_id, "encoder_precision": encoder})
        for env_id in ("MetaHarlow-v0", "MetaIMaze-v0")
        for encoder in ("float32", "auto")
    ]


SCALES: dict[str, tuple[int, ...]] = {
    "environments": (1, 4, 16, 64, 256, 1024, 6400),
    "arms": (2, 5, 10, 20, 50),
    "trials": (10, 30, 100, 300, 1000),
    "hidden units": (16, 32, 48, 96, 192),
}


def scaling() -> list[Row]:
    """Cost and memory of A2C-LSTM training as one size grows, the others as in the defaults."""
    rows = []
    for size, values in SCALES.items():
        for value in values:
            job: Job = {"measure": "a2c-lstm", "cores": 1}
            if size == "environments":
                job["num_envs"] = value
            elif size == "hidden units":
                job["hidden_size"] = value
            else:
                job["env_kwargs"] = {f"num_{size}": value}
            rows.append(Row(f"{value:,} {size}", job))
    return rows


def regret() -> list[Row]:
    """Seconds of training on MetaBandit-v0 to Thompson sampling's regret, one core."""
    job = {"measure": "time to regret", "env_id": "MetaBandit-v0", "regret": 2.79, "cores": 1}
    # Schedules laid out for so many steps: the shorter, the sooner it is reached.
    job |= {"total_timesteps": 5_000_000, "every": 100, "changes": SHORT}
    return [Row(f"seed {seed}", job | {"seed": seed}) for seed in range(SEEDS)]


def _schedule(start: float, end: float, fraction: float = 1.0) -> dict[str, float]:
    return {"start": start, "end": end, "fraction": fraction}


SHORT: Job = {"hidden_size": 32, "num_steps": 50, "learning_rate": _schedule(1.5e-2, 0)}
"""For ten seconds of training: few units, which are fast, and many large steps."""


SEARCH: dict[str, Job] = {
    "defaults": {},
    "16 environments": {"num_envs": 16},
    "64 environments": {"num_envs": 64},
    "learning rate 3e-3": {"learning_rate": _schedule(3e-3, 0)},
    "learning rate 1e-2": {"learning_rate": _schedule(1e-2, 0)},
    "RMSProp, 4e-3": {"optimizer": "rmsprop", "learning_rate": _schedule(4e-3, 0)},
    "discount .9": {"discount": _schedule(0.9, 0.9)},
    "discount .8 to .95": {"discount": _schedule(0.8, 0.95, 0.6)},
    "discount .8 to .98": {"discount": _schedule(0.8, 0.98, 0.6)},
    "discount .8 to .97, all the way": {"discount": _schedule(0.8, 0.97)},
    "lambda .9": {"gae_lambda": 0.9},
    "lambda 1": {"gae_lambda": 1.0},
    "entropy .02": {"entropy_coef": _schedule(0.02, 0)},
    "entropy .1": {"entropy_coef": _schedule(0.1, 0)},
    "gradient norm .25": {"max_grad_norm": 0.25},
    "gradient norm 1": {"max_grad_norm": 1.0},
    "value coefficient .02": {"value_coef": 0.02},
    "value coefficient .1": {"value_coef": 0.1},
    "normalised advantages": {"normalize_advantage": True},
}
"""One change at a time to the A2C-LSTM's default settings."""
SEEDS = 10
"""Trainings of a setting: they differ by more than settings do."""


def search() -> list[Row]:
    """Optimality gap after 16 M steps on MetaBandit-v0, ten seeds a setting."""
    job = {"measure": "score after", "env_id": "MetaBandit-v0", "total_timesteps": 16_000_000}
    return [
        Row(f"{name}, seed {seed}", job | {"seed": seed, "changes": changes, "cores": 1})
        for seed in range(SEEDS)
        for name, changes in SEARCH.items()
    ]


CELLS: dict[str, int] = {
    "MetaBandit-v0": 16_000_000,
    "MetaTwoStepReversal-v0": 12_000_000,
    "MetaTabularMDP-v0": 20_000_000,
}
"""Environments that memory cells are compared in, and for how many steps."""


def cells() -> list[Row]:
    """Scores and rates of LSTM, GRU and plain RNN, otherwise with the best settings."""
    rows = []
    for env_id, steps in CELLS.items():
        for cell in ("lstm", "gru", "rnn"):
            # Without gates there is none to begin with a bias.
            changes = {"cell": cell} | ({"forget_bias": 0.0} if cell == "rnn" else {})
            job = {"measure": "score after", "env_id": env_id, "total_timesteps": steps}
            job |= {"changes": changes, "cores": 1}
            rows += [Row(f"{env_id}, {cell}, seed {seed}", job | {"seed": seed}) for seed in (0, 1)]
    return rows


SECTIONS = {
    "environments": environments,
    "training": training,
    "backends": backends,
    "pixels": pixels,
    "scaling": scaling,
    "regret": regret,
    "search": search,
    "cells": cells,
}
"""By name: what `--only` takes."""
TIMED = ("environments", "training", "backends", "pixels", "scaling")
"""Sections of rates, which are measured for so many seconds, several times."""
