"""Controls lack what they are to lack, and nothing else."""

import numpy as np
import pytest
import torch

from baselines.a2c_lstm import A2CLSTM, A2CLSTMConfig
from baselines.inside.controls import shuffled, untrained, without_memory
from baselines.inside.record import record
from tests.baselines.inside.bayes import ENV_ID, SHORT, counting_network, record_bayes


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A checkpoint of an agent trained with seed 3, and the agent."""
    config = A2CLSTMConfig(hidden_size=8, num_envs=4, cell="gru")
    agent = A2CLSTM(ENV_ID, config, seed=3, env_kwargs=SHORT)
    before = {name: weight.clone() for name, weight in agent.network.state_dict().items()}
    path = tmp_path_factory.mktemp("saved") / "agent.safetensors"
    agent.learn(4 * 20 * 5).save(path)
    return path, agent, before


def test_untrained_is_what_the_training_began_with(saved):
    """Broken if weights are the trained ones, or not drawn as the settings say."""
    path, agent, before = saved
    fresh = untrained(path, ENV_ID, SHORT, seed=3).network.state_dict()
    assert all(torch.equal(fresh[name], weight) for name, weight in before.items())
    trained = agent.network.state_dict()
    assert any(not torch.equal(fresh[name], trained[name]) for name in fresh)
    other = untrained(path, ENV_ID, SHORT, seed=4).network.state_dict()
    assert not torch.equal(other["heads.weight"], fresh["heads.weight"])


def test_without_memory_the_same_input_is_the_same_activity(saved):
    """Broken if a state is carried on, or the weights are others."""
    path, agent, _ = saved
    recording = record_bayes(agent.policy)
    now = record(without_memory(path, ENV_ID, SHORT), recording.evaluation)
    # Same last action, last reward and step: whatever came before.
    key = recording.actions[:, 3] * 2 + recording.rewards[:, 3]
    for kind in np.unique(key):
        assert np.ptp(now.activity[key == kind, 4], axis=0).max() == 0
    assert np.ptp(recording.activity[key == key[0], 4], axis=0).max() > 0
    # With nothing to remember yet they are one and the same.
    assert now.activity[:, 0] == pytest.approx(recording.activity[:, 0])


def test_shuffled_activity_is_of_another_episode():
    recording = record_bayes(counting_network())
    other = shuffled(recording)
    assert np.array_equal(other.activity[:-1], recording.activity[1:])
    assert np.array_equal(other.logits[:-1], recording.logits[1:])
    assert np.array_equal(other.belief["counts"], recording.belief["counts"])
