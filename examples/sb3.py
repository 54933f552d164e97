"""PPO or A2C of Stable-Baselines3, without memory: `python examples/sb3.py --algorithm ppo`.

What an agent without memory reaches. From the last action and reward alone it learns to stay where
it won and to leave where it lost, regret 8.3 on these tasks. With `--env-kwargs '{"inputs":
["timestep"]}'` it sees neither, and is left with chance: 25.
"""

import argparse
import json
import time

import torch
from stable_baselines3 import A2C, PPO
from stable_baselines3.common.env_util import make_vec_env

import meta_envs  # noqa: F401  (registers the environments)
from baselines import evaluate

SETTINGS = {
    "ppo": (PPO, {"n_steps": 100, "batch_size": 800, "learning_rate": 1e-3}),
    "a2c": (A2C, {"n_steps": 20, "learning_rate": 1e-3}),
}


def main() -> None:
    """Trains, scores and keeps the agent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--algorithm", choices=SETTINGS, default="ppo")
    parser.add_argument("--env", default="MetaBanditDependentUniform-v0")
    parser.add_argument("--env-kwargs", type=json.loads, default={}, help="as JSON")
    parser.add_argument("--total-timesteps", type=int, default=300_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", default="runs/sb3.zip", help="where the agent is kept")
    args = parser.parse_args()
    torch.set_num_threads(1)  # A network this small is fastest with one.

    # Without the None, Stable-Baselines3 asks for pictures, which not every task has.
    env_kwargs = {"render_mode": None} | args.env_kwargs
    env = make_vec_env(args.env, n_envs=32, seed=args.seed, env_kwargs=env_kwargs)
    algorithm, settings = SETTINGS[args.algorithm]
    model = algorithm(
        "MlpPolicy",
        env,
        gamma=0.8,
        ent_coef=0.03,
        seed=args.seed,
        device="cpu",
        **settings,
    )
    began = time.perf_counter()
    model.learn(args.total_timesteps)
    seconds, steps = time.perf_counter() - began, model.num_timesteps
    model.save(args.out)

    print(evaluate(model, args.env, env_kwargs=args.env_kwargs), end=" ")
    print(f"{steps:,} steps, {seconds:.0f} s, {steps / seconds:,.0f} steps/s")


if __name__ == "__main__":
    main()
