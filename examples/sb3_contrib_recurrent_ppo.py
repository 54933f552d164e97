"""RecurrentPPO of sb3-contrib as it comes: `python examples/sb3_contrib_recurrent_ppo.py`.

It needs nothing of ours but the id. Two settings matter for tasks that are learnt inside an
episode: a rollout is of whole episodes (`n_steps` a multiple of their length), and a minibatch is
the whole rollout, as smaller ones cut episodes in two. `baselines.RecurrentPPO` is the same
algorithm, several times faster.
"""

import argparse
import time

import gymnasium as gym
import torch
from sb3_contrib import RecurrentPPO
from stable_baselines3.common.env_util import make_vec_env

import meta_envs  # noqa: F401  (registers the environments)
from baselines import evaluate

NUM_ENVS = 64


def main() -> None:
    """Trains, scores and keeps the agent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--env", default="MetaBanditDependentUniform-v0")
    parser.add_argument("--total-timesteps", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", default="runs/recurrent-ppo.zip", help="where the agent is kept")
    args = parser.parse_args()
    torch.set_num_threads(1)  # A network this small is fastest with one.

    num_steps = gym.make(args.env).unwrapped.family.episode_length
    # Without the None, Stable-Baselines3 asks for pictures, which not every task has.
    kwargs = {"render_mode": None}
    env = make_vec_env(args.env, n_envs=NUM_ENVS, seed=args.seed, env_kwargs=kwargs)
    model = RecurrentPPO(
        "MlpLstmPolicy",
        env,
        n_steps=num_steps,
        batch_size=num_steps * NUM_ENVS,
        n_epochs=8,
        learning_rate=3e-3,
        gamma=0.8,
        gae_lambda=0.95,
        ent_coef=0.03,
        policy_kwargs={
            "net_arch": [],
            "lstm_hidden_size": 48,
            "shared_lstm": True,
            "enable_critic_lstm": False,
        },
        seed=args.seed,
        device="cpu",
    )
    began = time.perf_counter()
    model.learn(args.total_timesteps)
    seconds, steps = time.perf_counter() - began, model.num_timesteps
    model.save(args.out)

    print(evaluate(model, args.env), end=" ")
    print(f"{steps:,} steps, {seconds:.0f} s, {steps / seconds:,.0f} steps/s")


if __name__ == "__main__":
    main()
