"""TorchRL's PPO with an LSTM: `python examples/torchrl_ppo_lstm.py`.

`GymWrapper` takes the native vector environment, which `gym.make_vec` makes, as it is. A batch of
the collector is one whole episode of each environment, so that the LSTM is trained through it all.
"""

import argparse
import time
from pathlib import Path

import gymnasium as gym
import torch
from tensordict import TensorDict
from tensordict.nn import ProbabilisticTensorDictModule, ProbabilisticTensorDictSequential
from tensordict.nn import TensorDictModule as Module
from tensordict.nn import TensorDictSequential as Sequential
from torch import nn
from torchrl.collectors import Collector
from torchrl.envs import ExplorationType, GymWrapper, InitTracker, set_exploration_type
from torchrl.modules import LSTMModule, set_recurrent_mode
from torchrl.objectives import ClipPPOLoss
from torchrl.objectives.value import GAE

import meta_envs  # noqa: F401  (registers the environments)
from baselines import evaluate

NUM_ENVS, HIDDEN, EPOCHS, MINIBATCHES = 64, 48, 4, 4


class Agent:
    """A policy with an LSTM as `evaluate` calls an agent: the state goes in and comes out."""

    def __init__(self, policy):
        self.policy = policy

    @torch.no_grad()
    def predict(self, observation, state=None, episode_start=None, deterministic=False):
        """Chooses actions, as Stable-Baselines3's models do."""
        step = TensorDict({"observation": torch.as_tensor(observation)}, [len(observation)])
        step["is_init"] = torch.as_tensor(episode_start)[:, None]
        if state is None:
            state = {key: torch.zeros(len(step), 1, HIDDEN) for key in ("h", "c")}
        kind = ExplorationType.DETERMINISTIC if deterministic else ExplorationType.RANDOM
        with set_exploration_type(kind):
            self.policy(step.update(state))
        return step["action"].numpy(), step["next"].select("h", "c").to_dict()


def build(vector):
    """Policy and critic on one LSTM, which is given back with them."""
    lstm = LSTMModule(
        vector.single_observation_space.shape[0],
        HIDDEN,
        in_keys=["observation", "h", "c"],
        out_keys=["hidden", ("next", "h"), ("next", "c")],
    )
    logits = Module(nn.Linear(HIDDEN, vector.single_action_space.n), ["hidden"], ["logits"])
    choice = ProbabilisticTensorDictModule(
        in_keys=["logits"],
        out_keys=["action"],
        distribution_class=torch.distributions.Categorical,
        return_log_prob=True,
    )
    policy = ProbabilisticTensorDictSequential(lstm, logits, choice)
    critic = Sequential(lstm, Module(nn.Linear(HIDDEN, 1), ["hidden"], ["state_value"]))
    return policy, critic, lstm


def train(policy, critic, collector, updates):
    """PPO: an update of several passes for each batch of the collector."""
    advantage = GAE(gamma=0.8, lmbda=0.95, value_network=critic, shifted=True)
    loss = ClipPPOLoss(policy, critic, entropy_coeff=0.03, critic_coeff=0.5, loss_critic_type="l2")
    optimizer = torch.optim.Adam(loss.parameters(), 2e-3, eps=1e-5)
    for update, data in enumerate(collector):
        optimizer.param_groups[0]["lr"] = 2e-3 * (1 - update / updates)
        with set_recurrent_mode(True):
            with torch.no_grad():
                advantage(data)
            for envs in [part for _ in range(EPOCHS) for part in minibatches()]:
                parts = loss(data[envs])
                total = parts["loss_objective"] + parts["loss_critic"] + parts["loss_entropy"]
                optimizer.zero_grad()
                total.backward()
                nn.utils.clip_grad_norm_(loss.parameters(), 0.5)
                optimizer.step()


def minibatches():
    """A pass over a batch: the environments in parts, drawn anew."""
    return torch.randperm(NUM_ENVS).chunk(MINIBATCHES)


def main() -> None:
    """Trains, scores and keeps the agent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--env", default="MetaBanditDependentUniform-v0")
    parser.add_argument("--total-timesteps", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default="runs/torchrl.pt", help="file for the weights")
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # A network this small is fastest with one.
    torch.manual_seed(args.seed)

    vector = gym.make_vec(args.env, num_envs=NUM_ENVS)
    policy, critic, lstm = build(vector)
    env = GymWrapper(vector, categorical_action_encoding=True)
    env.append_transform(InitTracker())
    env.append_transform(lstm.make_tensordict_primer())
    env.set_seed(args.seed)
    batch = NUM_ENVS * vector.family.episode_length
    updates = max(args.total_timesteps // batch, 1)
    steps = updates * batch
    began = time.perf_counter()
    collector = Collector(env, policy, frames_per_batch=batch, total_frames=steps)
    train(policy, critic, collector, updates)
    seconds = time.perf_counter() - began
    torch.save(policy.state_dict(), args.out)

    print(evaluate(Agent(policy), args.env), end=" ")
    print(f"{steps:,} steps, {seconds:.0f} s, {steps / seconds:,.0f} steps/s")


if __name__ == "__main__":
    main()
