"""Compiled rollouts are sb3-contrib's own rollouts."""

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from baselines.recurrent_ppo import RecurrentPPOConfig, make_model
from baselines.recurrent_ppo.algorithm import CompiledPPO

FIELDS = ("observations", "actions", "rewards", "episode_starts")
COMPUTED = ("values", "log_probs", "advantages", "returns")


class Cut(gym.Env):
    """Every third step its episode ends, by turns because it is over and because time is out."""

    observation_space = spaces.Box(-1, 1, (3,))
    action_space = spaces.Discrete(2)
    episodes = 0

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.left = 3
        self.episodes += 1
        return self.look(), {}

    def step(self, action):
        self.left -= 1
        over, cut = self.left == 0, self.episodes % 2 == 0
        return self.look(), float(action), over and not cut, over and cut, {}

    def look(self):
        return self.np_random.uniform(-1, 1, 3).astype(np.float32)


def bandits(num_envs):
    return gym.make_vec("MetaBandit-v0", num_envs, num_trials=10)


def halves(num_envs):
    """Every rollout of ten steps ends in the middle of an episode, or begins there."""
    return gym.make_vec("MetaBandit-v0", num_envs, num_trials=20)


def shifts(num_envs):
    """The second rollout begins in the middle of an episode, and another one starts in it."""
    return gym.make_vec("MetaBandit-v0", num_envs, num_trials=14)


def cuts(num_envs):
    return SyncVectorEnv([Cut] * num_envs, autoreset_mode=AutoresetMode.SAME_STEP)


def play(make, compiled, monkeypatch):
    """Two rollouts with an update between them; the second one's buffer, and the model."""
    with monkeypatch.context() as patch:
        if not compiled:
            patch.setattr(CompiledPPO, "_compiled_policy", lambda self: None)
        config = RecurrentPPOConfig(num_envs=8, num_minibatches=2, hidden_size=8, num_steps=10)
        model = make_model(make(8), config, seed=3)
        assert (model._compiled_policy() is not None) == compiled
        torch.nn.init.normal_(model.policy.action_net.weight)
        return model.learn(2 * 80)


@pytest.mark.parametrize("make", [bandits, halves, shifts, cuts])
def test_compiled_rollouts_are_those_of_sb3_contrib(make, monkeypatch):
    """Same seed, same actions, same values: also across starts, ends, truncations and rollouts.

    Broken if a state is carried over an episode's end, a truncation's value is left out, or
    the random numbers are used in another way.
    """
    ours, theirs = (play(make, compiled, monkeypatch) for compiled in (True, False))
    for name in FIELDS:
        first, second = (getattr(model.rollout_buffer, name) for model in (ours, theirs))
        np.testing.assert_allclose(first, second, atol=1e-5, err_msg=name)
    for name in COMPUTED:
        first, second = (getattr(model.rollout_buffer, name) for model in (ours, theirs))
        np.testing.assert_allclose(first, second, atol=1e-4, err_msg=name)
    states = [torch.cat([*model._last_lstm_states.pi]) for model in (ours, theirs)]
    torch.testing.assert_close(*states, atol=1e-5, rtol=1e-5)
    assert list(ours.ep_info_buffer)[-1]["r"] == list(theirs.ep_info_buffer)[-1]["r"]
    weights = [model.policy.state_dict() for model in (ours, theirs)]
    torch.testing.assert_close(*weights, atol=1e-4, rtol=1e-4)


def test_what_is_not_compiled_goes_sb3_contribs_way():
    """Broken if an agent with a critic of its own would be played, and learn with the actor's."""
    config = RecurrentPPOConfig(num_envs=8, num_minibatches=2, hidden_size=8)
    assert make_model(bandits(8), config)._compiled_policy() is not None
    separate = RecurrentPPOConfig(
        num_envs=8, num_minibatches=2, hidden_size=8, critic_lstm="separate"
    )
    model = make_model(bandits(8), separate)
    assert model._compiled_policy() is None
    assert model.learn(80).num_timesteps == 80
