"""A recording is of the network that plays, or of one that is shown what another has played."""

import numpy as np
import pytest
import torch
from sb3_contrib import RecurrentPPO as StockRecurrentPPO
from stable_baselines3 import PPO

from baselines.a2c_lstm import A2CLSTM, A2CLSTMConfig
from baselines.common.environments import make_vector_env
from baselines.common.errors import InputError
from baselines.common.schedule import constant
from baselines.common.vec_env import GymnasiumVecEnv
from baselines.evaluation.episodes import BATCH, start_episodes
from baselines.evaluation.evaluate import evaluate
from baselines.inside.record import record, record_activity
from baselines.recurrent_ppo import RecurrentPPO

ENV_ID = "MetaTwoStepReversal-v0"
SHORT = {"num_trials": 5}
CELLS = ("lstm", "gru", "rnn", "actor-critic-lstm")


def trained(kind, seed=0):
    """An agent whose weights are anything but small: what it holds differs from step to step."""
    if kind == "recurrent-ppo":
        agent = RecurrentPPO(ENV_ID, seed=seed, env_kwargs=SHORT)
        weights = agent.model.policy.parameters()
    else:
        config = A2CLSTMConfig(cell=kind, hidden_size=8, num_envs=4, discount=constant(0.9))
        agent = A2CLSTM(ENV_ID, config, seed=seed, env_kwargs=SHORT)
        weights = agent.policy.network.parameters()
    with torch.no_grad():
        torch.manual_seed(seed)
        for weight in weights:
            weight.copy_(0.5 * torch.randn_like(weight))
    return agent


@pytest.mark.parametrize("kind", [*CELLS, "recurrent-ppo"])
def test_what_is_recorded_is_what_the_policy_was_read_of(kind):
    """Broken if activity, logits or values are of another step, episode or part of the state."""
    agent = trained(kind)
    recording = record_activity(agent, ENV_ID, 3, seed=2, env_kwargs=SHORT)
    greedy = evaluate(agent, ENV_ID, 3, seed=2, env_kwargs=SHORT, deterministic=True)
    told = record(agent, greedy)
    chosen = told.logits.argmax(axis=2)
    assert (chosen[told.played] == greedy.actions[told.played]).all()
    assert np.ptp(told.values[told.played]) > 0.1
    # Again step by step, one episode alone, with what predict keeps.
    env = make_vector_env(ENV_ID, 1, SHORT)
    observation, state = start_episodes(env, recording.evaluation.episodes[1:2]), None
    for step, action in enumerate(recording.actions[1, : recording.evaluation.lengths[1]]):
        assert recording.own[1, step] == pytest.approx(observation[0, : recording.own.shape[2]])
        _, state = agent.predict(observation, state, np.array([step == 0]))
        output = state[0][-1] if kind == "recurrent-ppo" else state[0]
        assert recording.activity[1, step] == pytest.approx(output[0], abs=1e-5)
        observation = env.step(np.array([action], np.int64))[0]


@pytest.mark.parametrize("kind", CELLS[:3])
def test_the_heads_are_read_off_the_activity(kind):
    """Broken if a probe of the activity looked at other numbers than the policy does."""
    agent = trained(kind)
    recording = record_activity(agent, ENV_ID, 2, env_kwargs=SHORT)
    heads = agent.policy.network.heads
    with torch.no_grad():
        read = heads(torch.from_numpy(recording.activity)).numpy()[recording.played]
    assert read[:, :-1] == pytest.approx(recording.logits[recording.played], abs=1e-5)
    assert read[:, -1] == pytest.approx(recording.values[recording.played], abs=1e-5)


def test_a_network_is_shown_what_another_has_played():
    """Broken if the episodes were not the teacher's, or the activity not the network's."""
    agent, other = trained("lstm"), trained("lstm", seed=1)
    taught = record_activity(agent, ENV_ID, 4, env_kwargs=SHORT, teacher=other)
    own = record(other, taught.evaluation)
    alone = evaluate(other, ENV_ID, 4, env_kwargs=SHORT)
    assert (taught.actions == alone.actions).all()
    assert (taught.actions == own.actions).all()
    first = np.abs(taught.activity[:, 0] - own.activity[:, 0])
    assert first.max() > 0.05
    untaught = record_activity(agent, ENV_ID, 4, env_kwargs=SHORT)
    assert (untaught.activity[:, 0] == taught.activity[:, 0]).all()
    assert (untaught.activity != taught.activity).any()


def test_every_batch_begins_anew():
    """Broken if the memory of one batch of episodes went on into the next."""
    evaluation = evaluate("random", ENV_ID, BATCH + 2, env_kwargs={"num_trials": 2})
    agent = A2CLSTM(ENV_ID, seed=0, env_kwargs={"num_trials": 2})
    whole = record(agent, evaluation).activity[BATCH:]
    later = evaluate("random", ENV_ID, evaluation.episodes[BATCH:], env_kwargs={"num_trials": 2})
    alone = record(agent, later)
    same = (alone.actions == evaluation.actions[BATCH:]).all(axis=1)
    assert (whole[:, 0] == alone.activity[:, 0]).all()
    assert (whole[same] == alone.activity[same]).all()


def test_of_agents_without_a_network_it_is_what_they_remember():
    """Thompson's memory is its counts, before each pull."""
    recording = record_activity("thompson", "MetaBandit-v0", 5)
    pulls = recording.activity[:, :, :2]
    assert pulls.sum(axis=2) == pytest.approx(np.tile(np.arange(100.0), (5, 1)))
    expected = np.cumsum(recording.actions == 0, axis=1)[:, :-1]
    assert (pulls[:, 1:, 0] == expected).all()
    assert recording.logits is recording.values is None
    assert recording.own.shape == (5, 100, 0)


def test_belief_is_the_optimums_also_where_the_agent_is_blindfolded():
    """Broken if the observer needed what is withheld from the agent."""
    kwargs = {"inputs": ["timestep"], "num_trials": 20}
    agent = A2CLSTM("MetaBandit-v0", seed=0, env_kwargs=kwargs)
    recording = record_activity(agent, "MetaBandit-v0", 6, env_kwargs=kwargs)
    counts = recording.belief["counts"]
    won = (recording.actions == 0) & (recording.rewards > 0)
    assert (counts[:, 1:, 0] == won.cumsum(axis=1)[:, :-1]).all()
    assert (counts.sum(axis=2) == np.arange(20)).all()


def test_where_no_optimum_is_known_there_is_no_belief():
    agent = A2CLSTM("CartPole-v1", A2CLSTMConfig(hidden_size=8, num_envs=2, num_steps=20))
    recording = record_activity(agent, "CartPole-v1", 2)
    assert (recording.belief, recording.own.shape[2]) == ({}, 0)
    assert recording.activity[recording.played].any(axis=1).all()
    assert not recording.activity[~recording.played].any()


def test_anybodys_policy_of_stable_baselines3(tmp_path):
    """A stock RecurrentPPO has two LSTMs; the critic's value is its own, not the actor's."""
    env = GymnasiumVecEnv(make_vector_env(ENV_ID, 2, SHORT))
    model = StockRecurrentPPO("MlpLstmPolicy", env, seed=0, policy_kwargs={"lstm_hidden_size": 8})
    model.save(tmp_path / "stock.zip")
    recording = record_activity(tmp_path / "stock.zip", ENV_ID, 2, env_kwargs=SHORT)
    assert recording.activity.shape[2] == 8
    assert np.ptp(recording.values) > 0
    PPO("MlpPolicy", env, seed=0).save(tmp_path / "ppo.zip")
    with pytest.raises(InputError, match="has no memory to look into"):
        record_activity(tmp_path / "ppo.zip", ENV_ID, 2, env_kwargs=SHORT)


def test_an_agent_that_keeps_no_state_is_told_so():
    def forgets(observation, state, episode_start, deterministic):
        return np.zeros(len(observation), np.int64), None

    with pytest.raises(InputError, match=r"forgets tells no activity: .* got none for 2 env"):
        record_activity(forgets, ENV_ID, 2, env_kwargs=SHORT)
