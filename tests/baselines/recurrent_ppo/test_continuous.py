"""RecurrentPPO with continuous actions: sb3-contrib's own rollouts, updates and zips."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from gymnasium import spaces
from sb3_contrib import RecurrentPPO as StockPPO
from sb3_contrib.common.recurrent.type_aliases import RNNStates
from stable_baselines3 import PPO
from stable_baselines3.common.logger import Logger

from baselines.common.errors import InputError
from baselines.common.schedule import Schedule, constant
from baselines.evaluation.evaluate import evaluate
from baselines.recurrent_ppo import (
    RecurrentPPO,
    RecurrentPPOConfig,
    WholeEpisodeBuffer,
    load_sb3_policy,
    make_model,
)
from baselines.recurrent_ppo.algorithm import CompiledPPO
from tests.baselines import aim

ENVS, STEPS = 7, aim.STEPS
QUICK = RecurrentPPOConfig(
    num_envs=ENVS, num_minibatches=2, num_steps=STEPS, hidden_size=8, critic_lstm="shared"
)


def test_it_learns_to_aim():
    """Without an answer nobody gets above -2.67, and nobody at all above -0.54."""
    config = RecurrentPPOConfig(
        num_envs=32, num_steps=STEPS, entropy_coef=constant(0.0), learning_rate=Schedule(4e-3, 0.0)
    )
    agent = RecurrentPPO(aim.AimVector(32), config, seed=0).learn(200 * 32 * STEPS)
    best = evaluate(agent, aim.ID, 300, seed=1, deterministic=True).mean_return
    assert aim.CONSTANT / 2 < best < aim.BOUND + 0.05


def play(compiled, shape, config, monkeypatch):
    """Two rollouts with an update between them."""
    with monkeypatch.context() as patch:
        if not compiled:
            patch.setattr(CompiledPPO, "_compiled_policy", lambda self: None)
        model = make_model(aim.AimVector(ENVS, shape), config, seed=3)
        assert (model._compiled_policy() is not None) == compiled
        torch.nn.init.normal_(model.policy.action_net.weight)
        return model.learn(2 * ENVS * STEPS)


@pytest.mark.parametrize("shape", [(1,), (2, 2)])
@pytest.mark.parametrize("critic_lstm", ["joint", "shared"])
def test_compiled_rollouts_are_those_of_sb3_contrib(critic_lstm, shape, monkeypatch):
    """Same seed, same draws: unclipped in the buffer, clipped in the environment."""
    config = replace(QUICK, critic_lstm=critic_lstm)
    models = [play(compiled, shape, config, monkeypatch) for compiled in (True, False)]
    ours, theirs = (model.rollout_buffer for model in models)
    assert np.abs(ours.actions).max() > 1
    for name in ("observations", "actions", "rewards", "values", "log_probs", "returns"):
        first, second = (getattr(buffer, name) for buffer in (ours, theirs))
        np.testing.assert_allclose(first, second, rtol=1e-4, atol=1e-4, err_msg=name)
    weights = [model.policy.state_dict() for model in models]
    torch.testing.assert_close(*weights, atol=1e-4, rtol=1e-4)


def pair(**changes):
    """Our model and sb3-contrib's own, with the same weights and settings."""
    ours = make_model(aim.AimVector(ENVS, (3,)), QUICK, seed=0)
    for head in (ours.policy.action_net, ours.policy.value_net):
        torch.nn.init.normal_(head.weight)
    names = ("learning_rate", "n_steps", "batch_size", "n_epochs", "ent_coef", "vf_coef")
    arguments = {name: getattr(ours, name) for name in names}
    arguments |= {"clip_range": 0.2, "max_grad_norm": 0.5, "normalize_advantage": False} | changes
    kwargs = {name: ours.policy_kwargs[name] for name in ours.policy_kwargs}
    del kwargs["optimizer_kwargs"]  # Stable-Baselines3's own.
    stock = StockPPO("MlpLstmPolicy", ours.env, policy_kwargs=kwargs, device="cpu", **arguments)
    stock.policy.load_state_dict(ours.policy.state_dict())
    for name in (*arguments, "lr_schedule"):
        setattr(ours, name, getattr(stock, name))
    stock.set_logger(Logger(folder=None, output_formats=[]))
    return ours, stock


def update(model, seed):
    """One update on a rollout of noise; what was logged."""
    shape = STEPS, ENVS
    env = model.env
    buffer = WholeEpisodeBuffer(
        STEPS, env.observation_space, env.action_space, (STEPS, 1, ENVS, 8), "cpu", n_envs=ENVS
    )
    rng = np.random.default_rng(seed)
    buffer.observations[:] = rng.normal(size=buffer.observations.shape)
    buffer.actions[:] = rng.normal(size=(*shape, 3))
    buffer.episode_starts[:] = rng.random(shape) < 0.2
    buffer.advantages[:], buffer.returns[:] = rng.normal(size=(2, *shape))
    states = torch.from_numpy(rng.normal(0, 0.5, (2, 1, ENVS, 8)).astype(np.float32))
    # About what a standard Gaussian makes of them: some ratios leave the range.
    log_probs = -0.5 * (buffer.actions**2).sum(-1) - 2.76 + 0.2 * rng.normal(size=shape)
    buffer.complete(rng.normal(size=shape), log_probs, RNNStates(tuple(states), tuple(states)))
    model.rollout_buffer = buffer
    np.random.seed(seed)  # noqa: NPY002 - the generator that shuffles minibatches
    model.train()
    return dict(model.logger.name_to_value)


CASES = {
    "as it comes": {},
    "normalised advantages": {"normalize_advantage": True},
    "clipped values": {"clip_range_vf": 0.3},
    "a narrow range": {"clip_range": 0.02},
    "a gradient clipped hard": {"max_grad_norm": 1e-3},
}


@pytest.mark.parametrize("case", CASES)
def test_an_update_gives_stock_sb3_contribs_parameters(case):
    """To 1e-6, the standard deviations among them, and the same log."""
    ours, stock = pair(**CASES[case])
    before = stock.policy.log_std.detach().clone()
    logged, expected = update(ours, 1), update(stock, 1)
    assert ours._compiled_policy() is not None
    for name, weight in stock.policy.state_dict().items():
        torch.testing.assert_close(
            ours.policy.state_dict()[name], weight, rtol=0, atol=1e-6, msg=name
        )
    assert (stock.policy.log_std != before).all()
    assert logged.keys() == expected.keys()
    for name in logged:
        assert logged[name] == pytest.approx(expected[name], rel=1e-4, abs=1e-6), name


def test_a_saved_agent_is_sb3_contribs_too_and_learns_as_before(tmp_path):
    """What it writes again is the same file, and everybody's reader makes the same of it."""
    agent = RecurrentPPO(aim.AimVector(ENVS), QUICK, seed=3).learn(2 * ENVS * STEPS)
    agent.save(tmp_path / "agent.zip")
    pair = [RecurrentPPO.load(tmp_path / "agent.zip", aim.AimVector(ENVS)) for _ in range(2)]
    assert len({one.learn(4 * ENVS * STEPS).weights_digest() for one in pair}) == 1
    assert pair[0].weights_digest() != agent.weights_digest()
    observations = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    stock = StockPPO.load(tmp_path / "agent.zip", device="cpu")
    policy = load_sb3_policy(tmp_path / "agent.zip", stock.observation_space, stock.action_space)
    expected, _ = stock.predict(observations, deterministic=True)
    for player in (agent, policy):
        actions, _ = player.predict(observations, deterministic=True)
        np.testing.assert_allclose(actions, expected, atol=1e-6)
    sampled, _ = agent.predict(np.repeat(observations, 20, axis=0))
    assert (np.abs(sampled) <= 1).all() and (np.abs(sampled) == 1).any()


def test_a_zip_for_other_actions_is_refused(tmp_path):
    """Broken if a continuous policy was read as a discrete one, or the other way round."""
    numbers, choices = spaces.Box(-1, 1, (2,)), spaces.Discrete(2)
    seen = spaces.Box(-np.inf, np.inf, (3,))
    agent = RecurrentPPO(aim.AimVector(ENVS, (2,)), QUICK)
    agent.save(tmp_path / "numbers.zip")
    with pytest.raises(InputError, match=r"its log_std is \(2,\) where nothing is"):
        load_sb3_policy(tmp_path / "numbers.zip", seen, choices)
    PPO("MlpPolicy", "CartPole-v1", device="cpu").save(tmp_path / "choices.zip")
    with pytest.raises(InputError, match=r"where \(2,\) is needed"):
        load_sb3_policy(tmp_path / "choices.zip", spaces.Box(-1, 1, (4,)), numbers)


def test_a_critic_of_its_own_goes_sb3_contribs_way():
    config = RecurrentPPOConfig(ENVS, STEPS, hidden_size=8, critic_lstm="separate")
    agent = RecurrentPPO(aim.AimVector(ENVS, (2, 2)), config)
    assert agent.model._compiled_policy() is None
    assert agent.learn(ENVS * STEPS).num_timesteps == ENVS * STEPS
