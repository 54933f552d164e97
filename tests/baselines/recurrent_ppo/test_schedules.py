"""A discount and a weight of the entropy that move during training."""

from dataclasses import asdict

import numpy as np
import pytest
from stable_baselines3 import A2C

from baselines.common.schedule import Schedule, constant
from baselines.common.vec_env import GymnasiumVecEnv
from baselines.recurrent_ppo import RecurrentPPO, RecurrentPPOConfig, ScheduleCallback
from baselines.recurrent_ppo.config import config_from_dict
from tests.baselines.forge import forge
from tests.baselines.recurrent_ppo.test_agent import ENV_ID, KWARGS

TRIALS, ENVS = KWARGS["num_trials"], 4
ROLLOUT, TOTAL = ENVS * TRIALS, 4 * ENVS * TRIALS
DISCOUNT, ENTROPY = Schedule(0.5, 0.95, 0.5), Schedule(2.0, 0.0)
SETTINGS = {"num_envs": ENVS, "num_epochs": 1, "num_minibatches": 1, "hidden_size": 8}
MOVING = RecurrentPPOConfig(**SETTINGS, discount=DISCOUNT, entropy_coef=ENTROPY)
OLD = {"learning_rate": 3e-3, "learning_rate_schedule": "linear"}
OLD |= {"discount": 0.8, "entropy_coef": 0.03}


def make(config=MOVING):
    return RecurrentPPO(ENV_ID, config, 0, KWARGS)


def advantages(buffer, discount, gae_lambda):
    """Of rollouts that are whole episodes, from the definition: no value follows the last step."""
    out, later, value = np.zeros_like(buffer.rewards), 0.0, 0.0
    for t in reversed(range(len(out))):
        error = buffer.rewards[t] + discount * value - buffer.values[t]
        out[t] = later = error + discount * gae_lambda * later
        value = buffer.values[t]
    return out


@pytest.mark.parametrize("critic_lstm", ["joint", "separate"])
def test_each_update_learns_with_what_the_schedules_say(critic_lstm):
    """Of four updates, in compiled ones and sb3-contrib's own.

    Broken if the model has a schedule that its returns or its loss do not.
    """
    agent = make(RecurrentPPOConfig(**SETTINGS, discount=DISCOUNT, entropy_coef=ENTROPY,
                                    critic_lstm=critic_lstm))  # fmt: skip
    entropies = []

    def check(metrics):
        progress = len(entropies) / 4
        model, discount = agent.model, DISCOUNT.discount_at(progress)
        assert (model.gamma, model.ent_coef) == (discount, ENTROPY.at(progress))
        buffer = model.rollout_buffer
        expected = advantages(buffer, discount, agent.config.gae_lambda)
        np.testing.assert_allclose(buffer.advantages, expected, atol=1e-5)
        rest = metrics["policy_gradient_loss"] + agent.config.value_coef * metrics["value_loss"]
        entropies.append((metrics["loss"] - rest) / metrics["entropy_loss"])

    agent.learn(TOTAL, check)
    assert entropies == pytest.approx([2.0, 1.5, 1.0, 0.5], abs=1e-4)


def test_a_stopped_training_moves_on_as_one_that_never_was(tmp_path):
    """Broken if the schedules began anew, or went by the steps of one call of `learn`."""
    whole = make().learn(TOTAL)
    make().learn(TOTAL, lambda metrics: metrics["num_timesteps"] < 2 * ROLLOUT).save(
        tmp_path / "a.zip"
    )
    resumed = RecurrentPPO.load(tmp_path / "a.zip")
    assert resumed.num_timesteps == 2 * ROLLOUT
    resumed.learn(TOTAL)
    assert resumed.weights_digest() == whole.weights_digest()
    files = tmp_path / "whole.zip", tmp_path / "resumed.zip"
    whole.save(files[0])
    resumed.save(files[1])
    assert files[0].read_bytes() == files[1].read_bytes()
    still = RecurrentPPOConfig(**SETTINGS, discount=constant(0.5), entropy_coef=constant(2.0))
    assert make(still).learn(TOTAL).weights_digest() != whole.weights_digest()


def test_any_on_policy_model_can_be_given_them():
    """The callback asks nothing of a model but what Stable-Baselines3 has."""
    env = GymnasiumVecEnv(make().model.env.env)
    model = A2C("MlpPolicy", env, n_steps=TRIALS).learn(TOTAL, ScheduleCallback(DISCOUNT, ENTROPY))
    assert model.gamma == model.rollout_buffer.gamma == pytest.approx(0.95)
    assert model.ent_coef == 0.5


@pytest.mark.parametrize(("falls", "end"), [("linear", 0.0), ("constant", 3e-3)])
def test_a_file_of_an_older_version_still_loads(tmp_path, falls, end):
    """There discount, entropy and step size were numbers, and the weights drawn as torch does."""
    path = tmp_path / "old.zip"
    make().learn(ROLLOUT).save(path)

    def as_it_was(values):
        values["config"] |= OLD | {"learning_rate_schedule": falls}
        for new in ("input_gain", "reward_gain", "forget_bias", "chrono_steps"):
            del values["config"][new]

    forge(path, as_it_was)
    config = RecurrentPPO.load(path).config
    assert config.learning_rate == Schedule(3e-3, end)
    assert (config.discount, config.entropy_coef) == (constant(0.8), constant(0.03))
    assert (config.input_gain, config.forget_bias, config.chrono_steps) == (1, 0, None)
    with pytest.raises(ValueError, match="`learning_rate_schedule` is unknown"):
        config_from_dict(asdict(MOVING) | {"learning_rate_schedule": "cosine"})
