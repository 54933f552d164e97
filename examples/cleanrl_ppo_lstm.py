"""PPO with an LSTM in one file, in CleanRL's manner: `python examples/cleanrl_ppo_lstm.py`.

Everything is here to be read and changed: the rollout, the advantages, the loss. Observations and
discrete actions of any environment whose observation is an array; the vector environment is
Gymnasium's `gym.make_vec`, for ids of `meta_envs` the native one.
"""

import time
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import gymnasium as gym
import numpy as np
import torch
import tyro
from gymnasium.vector import AutoresetMode
from torch import Tensor, nn
from torch.distributions import Categorical
from torch.utils.tensorboard import SummaryWriter

import meta_envs  # noqa: F401  (registers the environments)
from baselines import evaluate

State = tuple[Tensor, Tensor]
"""Of the LSTM: output and cell, each of shape (1, num_envs, hidden_size)."""


@dataclass
class Args:
    """Settings; each is a flag of the command."""

    env: str = "MetaBanditDependentUniform-v0"
    """Id of the environment."""
    total_timesteps: int = 1_000_000
    """Steps to train for."""
    seed: int = 0
    """Of everything random."""
    out: Path = Path("runs/cleanrl-ppo-lstm")
    """Folder for the weights (`agent.pt`) and TensorBoard's events."""
    num_envs: int = 64
    """Environments side by side."""
    num_steps: int = 100
    """Steps of a rollout: whole episodes, so that the LSTM is trained through all of one."""
    update_epochs: int = 4
    """Passes over each rollout."""
    num_minibatches: int = 4
    """Parts of a rollout, each of whole sequences."""
    hidden_size: int = 48
    """Units of the LSTM."""
    learning_rate: float = 2e-3
    """Of Adam, at the start; it falls to 0."""
    gamma: float = 0.8
    """Discount."""
    gae_lambda: float = 0.95
    """Of generalised advantage estimation."""
    clip_coef: float = 0.2
    """How far a probability ratio may leave 1."""
    ent_coef: float = 0.03
    """Weight of the entropy."""
    vf_coef: float = 0.5
    """Weight of the value loss."""
    max_grad_norm: float = 0.5
    """Gradients longer than this are shortened to it."""


class Agent(nn.Module):
    """Policy and value on one LSTM.

    Args:
        num_inputs: Numbers in an observation.
        num_actions: Actions to choose from.
        hidden_size: Units of the LSTM.
    """

    def __init__(self, num_inputs: int, num_actions: int, hidden_size: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(num_inputs, hidden_size)
        self.actor = nn.Linear(hidden_size, num_actions)
        self.critic = nn.Linear(hidden_size, 1)
        for name, parameter in self.lstm.named_parameters():
            nn.init.zeros_(parameter) if "bias" in name else nn.init.orthogonal_(parameter)
        for head, gain in ((self.actor, 0.01), (self.critic, 1.0)):
            nn.init.orthogonal_(head.weight, gain)
            nn.init.zeros_(head.bias)

    def initial_state(self, num_envs: int) -> State:
        """What the LSTM holds before it has seen anything: zeros."""
        zeros = torch.zeros(1, num_envs, self.lstm.hidden_size)
        return zeros, zeros

    def forward(self, obs: Tensor, starts: Tensor, state: State) -> tuple[Tensor, Tensor, State]:
        """Reads a sequence of observations.

        Args:
            obs: Shape (steps, num_envs, num_inputs).
            starts: 1 where an episode has just started: it must know nothing of the one before.
                Shape (steps, num_envs).
            state: Of the LSTM, before the first step.

        Returns:
            Logits, shape (steps, num_envs, num_actions); values, shape (steps, num_envs); and
            the state after the last step.
        """
        # Between two steps at which some episode starts, the LSTM runs in one call.
        cuts = [t for t in range(1, len(obs)) if starts[t].any()]
        outputs = []
        for first, last in pairwise([0, *cuts, len(obs)]):
            keep = (1 - starts[first]).view(1, -1, 1)
            output, state = self.lstm(obs[first:last], (keep * state[0], keep * state[1]))
            outputs.append(output)
        hidden = torch.cat(outputs)
        return self.actor(hidden), self.critic(hidden).squeeze(-1), state

    @torch.no_grad()
    def predict(self, observation, state=None, episode_start=None, deterministic=False):
        """Chooses actions as Stable-Baselines3's models do: all that `evaluate` needs."""
        obs = torch.as_tensor(observation, dtype=torch.float32)[None]
        starts = torch.as_tensor(episode_start, dtype=torch.float32)[None]
        state = self.initial_state(obs.shape[1]) if state is None else state
        logits, _, state = self(obs, starts, state)
        action = logits.argmax(-1) if deterministic else Categorical(logits=logits).sample()
        return action[0].numpy(), state


@dataclass
class Rollout:
    """Steps of all environments, each array of shape (num_steps, num_envs, ...)."""

    obs: Tensor
    starts: Tensor
    actions: Tensor
    log_probs: Tensor
    values: Tensor
    advantages: Tensor
    state: State  # Of the LSTM before the first step.


class Trainer:
    """PPO: collects a rollout, then learns from it, and so on."""

    def __init__(self, args: Args) -> None:
        torch.manual_seed(args.seed)
        spec = gym.spec(args.env)
        # Without a vector environment of its own, Gymnasium's, to start anew in the same step.
        other = {} if spec.vector_entry_point else {"autoreset_mode": AutoresetMode.SAME_STEP}
        envs = gym.make_vec(args.env, num_envs=args.num_envs, vector_kwargs=other)
        self.envs = gym.wrappers.vector.RecordEpisodeStatistics(envs)
        self.args = args
        num_inputs = int(np.prod(envs.single_observation_space.shape))
        self.agent = Agent(num_inputs, int(envs.single_action_space.n), args.hidden_size)
        self.optimizer = torch.optim.Adam(self.agent.parameters(), args.learning_rate, eps=1e-5)
        obs, _ = self.envs.reset(seed=args.seed)
        self.obs = torch.as_tensor(obs, dtype=torch.float32)
        self.start = torch.ones(args.num_envs)
        self.state = self.agent.initial_state(args.num_envs)
        self.returns: list[float] = []

    @torch.no_grad()
    def collect(self) -> Rollout:
        """Steps the environments, and says how much better each action was than expected."""
        steps, first_state = [], self.state
        for _ in range(self.args.num_steps):
            logits, value, self.state = self.agent(self.obs[None], self.start[None], self.state)
            choice = Categorical(logits=logits[0])
            action = choice.sample()
            obs, reward, terminated, truncated, infos = self.envs.step(action.numpy())
            reward = torch.as_tensor(reward, dtype=torch.float32)
            steps.append((self.obs, self.start, action, choice.log_prob(action), value[0], reward))
            self.obs = torch.as_tensor(obs, dtype=torch.float32)
            self.start = torch.as_tensor(terminated | truncated, dtype=torch.float32)
            if "episode" in infos:
                self.returns += infos["episode"]["r"][infos["_episode"]].tolist()
        stacked = [torch.stack(parts) for parts in zip(*steps, strict=True)]
        obs, starts, actions, log_probs, values, rewards = stacked
        _, next_value, _ = self.agent(self.obs[None], self.start[None], self.state)
        advantages = self.advantages(rewards, values, next_value[0], starts)
        return Rollout(obs, starts, actions, log_probs, values, advantages, first_state)

    def advantages(self, rewards: Tensor, values: Tensor, next_value: Tensor, starts: Tensor):
        """Generalised advantage estimation; nothing is counted past an episode's end."""
        gamma, lam = self.args.gamma, self.args.gae_lambda
        next_values = torch.cat([values[1:], next_value[None]])
        goes_on = 1 - torch.cat([starts[1:], self.start[None]])
        errors = rewards + gamma * goes_on * next_values - values
        advantages, total = torch.zeros_like(rewards), torch.zeros_like(next_value)
        for t in reversed(range(len(rewards))):
            total = errors[t] + gamma * lam * goes_on[t] * total
            advantages[t] = total
        return advantages

    def loss(self, rollout: Rollout, envs: Tensor) -> tuple[Tensor, dict[str, float]]:
        """PPO's loss on the sequences of some environments, and what to log."""
        state = tuple(part[:, envs] for part in rollout.state)
        logits, values, _ = self.agent(rollout.obs[:, envs], rollout.starts[:, envs], state)
        choice = Categorical(logits=logits)
        advantages = rollout.advantages[:, envs]
        targets = advantages + rollout.values[:, envs]
        ratio = (choice.log_prob(rollout.actions[:, envs]) - rollout.log_probs[:, envs]).exp()
        clipped = ratio.clamp(1 - self.args.clip_coef, 1 + self.args.clip_coef)
        policy_loss = -torch.min(ratio * advantages, clipped * advantages).mean()
        value_loss = 0.5 * (values - targets).square().mean()
        entropy = choice.entropy().mean()
        loss = policy_loss + self.args.vf_coef * value_loss - self.args.ent_coef * entropy
        logged = {"policy_loss": policy_loss, "value_loss": value_loss, "entropy": entropy}
        return loss, {f"losses/{name}": value.item() for name, value in logged.items()}

    def update(self, rollout: Rollout) -> dict[str, float]:
        """Several passes over a rollout, in minibatches of whole sequences."""
        for _ in range(self.args.update_epochs):
            for envs in torch.randperm(self.args.num_envs).chunk(self.args.num_minibatches):
                loss, logged = self.loss(rollout, envs)
                self.optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(self.agent.parameters(), self.args.max_grad_norm)
                self.optimizer.step()
        return logged

    def train(self, writer: SummaryWriter) -> int:
        """All of the training.

        Returns:
            Steps taken.
        """
        size = self.args.num_envs * self.args.num_steps
        updates = max(self.args.total_timesteps // size, 1)
        for update in range(updates):
            self.optimizer.param_groups[0]["lr"] = self.args.learning_rate * (1 - update / updates)
            logged = self.update(self.collect())
            if self.returns:
                logged["charts/episodic_return"] = float(np.mean(self.returns))
                self.returns.clear()
            for name, value in logged.items():
                writer.add_scalar(name, value, (update + 1) * size)
        return updates * size


def main() -> None:
    """Trains, scores and keeps the agent."""
    args = tyro.cli(Args, description=__doc__)
    torch.set_num_threads(1)  # A network this small is fastest with one.
    trainer = Trainer(args)
    began = time.perf_counter()
    with SummaryWriter(args.out) as writer:
        writer.add_text("settings", str(asdict(args)))
        steps = trainer.train(writer)
    seconds = time.perf_counter() - began
    torch.save(trainer.agent.state_dict(), args.out / "agent.pt")

    print(evaluate(trainer.agent, args.env), end=" ")
    print(f"{steps:,} steps, {seconds:.0f} s, {steps / seconds:,.0f} steps/s")


if __name__ == "__main__":
    main()
