"""RLlib's PPO with an LSTM: `python examples/rllib_ppo_lstm.py`.

It steps the native vector environment. Ray asks for a Gymnasium of its own: install
`examples/rllib/requirements.txt` into a virtual environment of its own. RLlib's connector for
previous actions and rewards is not needed, as the meta-observation has both.
"""

import argparse
import time
from pathlib import Path

import gymnasium as gym
import torch
from gymnasium.vector import AutoresetMode
from ray.rllib.algorithms.ppo import PPOConfig
from ray.rllib.core.columns import Columns
from ray.rllib.core.rl_module.default_model_config import DefaultModelConfig
from ray.tune import register_env

import meta_envs  # noqa: F401  (registers the environments)
from baselines import evaluate

NUM_ENVS = 64


class Agent:
    """A recurrent module of RLlib as `evaluate` calls an agent: the state goes in and comes out."""

    def __init__(self, module):
        self.module = module

    def predict(self, observation, state=None, episode_start=None, deterministic=False):
        """Chooses actions, as Stable-Baselines3's models do."""
        obs = torch.as_tensor(observation)[:, None]  # RLlib wants (batch, time, ...).
        if state is None:
            zeros = self.module.get_initial_state()
            state = {key: zero.expand(len(obs), *zero.shape) for key, zero in zeros.items()}
        goes_on = torch.as_tensor(~episode_start).float()[:, None, None]
        state = {key: goes_on * part for key, part in state.items()}
        step = self.module.forward_inference({Columns.OBS: obs, Columns.STATE_IN: state})
        logits = step[Columns.ACTION_DIST_INPUTS][:, 0]
        sample = torch.distributions.Categorical(logits=logits).sample()
        action = logits.argmax(-1) if deterministic else sample
        return action.numpy(), step[Columns.STATE_OUT]


def make(config):
    """RLlib's creator of environments: it starts episodes anew in the step after their end."""
    id = config["id"]
    if "num_envs" not in config:  # It asks for a single one as well.
        return gym.make(id)
    return gym.make_vec(id, config["num_envs"], autoreset_mode=AutoresetMode.NEXT_STEP)


def configure(id, seed):
    """RLlib's settings: a batch is one whole episode of each environment."""
    num_steps = gym.make(id).unwrapped.family.episode_length
    return (
        PPOConfig()
        .environment("meta-env", env_config={"id": id})
        .env_runners(
            num_env_runners=0,  # In this process.
            num_envs_per_env_runner=NUM_ENVS,
            gym_env_vectorize_mode="vector_entry_point",
            rollout_fragment_length=num_steps,
        )
        .rl_module(
            model_config=DefaultModelConfig(
                use_lstm=True,
                lstm_cell_size=48,
                max_seq_len=num_steps,
                fcnet_hiddens=[48],
                vf_share_layers=True,
            )
        )
        .training(
            train_batch_size=NUM_ENVS * num_steps,
            minibatch_size=NUM_ENVS * num_steps // 4,
            num_epochs=4,
            lr=2e-3,
            gamma=0.8,
            lambda_=0.95,
            entropy_coeff=0.03,
            vf_loss_coeff=0.5,
            vf_clip_param=float("inf"),
            use_kl_loss=False,
            clip_param=0.2,
            grad_clip=0.5,
        )
        .debugging(seed=seed, log_level="ERROR")
    )


def main() -> None:
    """Trains, scores and keeps the agent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--env", default="MetaBanditDependentUniform-v0")
    parser.add_argument("--total-timesteps", type=int, default=500_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default="runs/rllib.pt", help="file for the weights")
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)

    register_env("meta-env", make)
    config = configure(args.env, args.seed)
    algorithm = config.build_algo()
    began, steps = time.perf_counter(), 0
    while steps < args.total_timesteps:
        algorithm.train()
        steps += config.train_batch_size
    seconds = time.perf_counter() - began
    module = algorithm.get_module()
    torch.save(module.state_dict(), args.out)

    print(evaluate(Agent(module), args.env), end=" ")
    print(f"{steps:,} steps, {seconds:.0f} s, {steps / seconds:,.0f} steps/s")
    algorithm.stop()


if __name__ == "__main__":
    main()
