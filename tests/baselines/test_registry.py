"""The registry: what a user gets who names an agent or a preset, and settings refused."""

import json
from dataclasses import asdict

import pytest

from baselines.a2c_lstm import A2CLSTMConfig
from baselines.common.errors import InputError
from baselines.recurrent_ppo import RecurrentPPOConfig
from baselines.registry import TRAINABLE, make_preset, trainable
from meta_envs.registration import TABLE


@pytest.mark.parametrize("env_id", [row.id for row in TABLE] + ["CartPole-v1"])
@pytest.mark.parametrize("agent", list(TRAINABLE))
def test_every_agent_has_settings_for_every_environment(agent, env_id):
    preset = make_preset(agent, "best", env_id, 100)
    kind = trainable(agent)
    assert type(preset.config) is kind.config_type
    assert kind.config_from_dict(json.loads(json.dumps(asdict(preset.config)))) == preset.config
    assert kind.suffix == TRAINABLE[agent].suffix


@pytest.mark.parametrize(("env_id", "length"), [("MetaBandit-v0", 100), ("Other-v0", 7)])
def test_the_papers_settings_are_those_of_its_table(env_id, length):
    """Single thread, 48 units, value loss .05, entropy 1 to 0, n-step return, 20,000 episodes."""
    config, steps = make_preset("a2c-lstm", "paper", env_id, length)
    assert isinstance(config, A2CLSTMConfig)
    assert (config.num_envs, config.hidden_size, config.value_coef) == (1, 48, 0.05)
    assert (config.entropy_coef.start, config.entropy_coef.end) == (1.0, 0.0)
    assert (config.gae_lambda, config.optimizer, config.num_steps) == (1.0, "rmsprop", None)
    assert steps == 20_000 * length


@pytest.mark.parametrize("env_id", ["MetaBanditInformative-v0", "MetaBanditRestless-v0"])
def test_the_papers_given_rates_are_kept(env_id):
    """Its table gives 1e-3 and .8 for these two experiments."""
    config = make_preset("a2c-lstm", "paper", env_id, 5).config
    assert (config.learning_rate.at(0.5), config.discount.at(0.5)) == (1e-3, 0.8)


@pytest.mark.parametrize(
    ("env_id", "rates"),
    [
        ("MetaVolatility-v0", (1, 48, None, 5e-5, 0.1, 0.5, 0.05)),
        ("MetaTwoStep-v0", (1, 48, None, 7e-4, 0.9, 0.05, 0.05)),
        ("MetaTwoStepReversal-v0", (1, 48, None, 7e-4, 0.9, 0.05, 0.05)),
        ("MetaMatching-v0", (1, 48, None, 7e-4, 0.75, 0.05, 0.05)),
        ("MetaRiskyChoice-v0", (1, 48, None, 7e-4, 0.9, 0.05, 0.05)),
        ("MetaHarlow-v0", (32, 256, 100, 7.5e-4, 0.91, 0.001, 0.4)),
        ("MetaHarlowSymbolic-v0", (32, 256, 100, 7.5e-4, 0.91, 0.001, 0.4)),
    ],
)
def test_the_second_papers_rates_are_kept(env_id, rates):
    """Wang et al. 2018, simulations 1, 2, 4 and 5, in place of what the first paper calls tuned."""
    config = make_preset("a2c-lstm", "paper", env_id, 900).config
    assert isinstance(config, A2CLSTMConfig)
    schedules = (config.learning_rate, config.discount, config.entropy_coef)
    middle = tuple(schedule.at(0.5) for schedule in schedules)
    sizes = config.num_envs, config.hidden_size, config.num_steps
    assert (*sizes, *middle, config.value_coef) == rates


@pytest.mark.parametrize(
    ("config", "settings", "message"),
    [
        (A2CLSTMConfig, {"cell": "lstn"}, "`cell` must be .* got 'lstn'"),
        (A2CLSTMConfig, {"initial_state": "one"}, "`initial_state` must be zero or learned, got"),
        (A2CLSTMConfig, {"optimizer": "sgd"}, "`optimizer` must be adam or rmsprop, got 'sgd'"),
        (
            A2CLSTMConfig,
            {"encoder_precision": "half"},
            "`encoder_precision` must be one of auto, float32, bfloat16, got 'half'",
        ),
        (A2CLSTMConfig, {"chrono_steps": 1}, "`chrono_steps` must be a whole number of at least 2"),
        (
            A2CLSTMConfig,
            {"reward_gain": -1.0},
            "`reward_gain` must be a finite number of",
        ),
        (RecurrentPPOConfig, {"critic_lstm": "none"}, "`critic_lstm` must be one of joint, shared"),
    ],
)
def test_settings_that_there_are_none_of_are_refused(config, settings, message):
    """Broken if a misspelt word were taken for the other choice without a warning."""
    with pytest.raises(InputError, match=message):
        config(**settings)
