"""Memory cells by name: that they are what they say, and go where an agent needs them."""

import numpy as np
import pytest
import torch
from torch import nn

from baselines.a2c_lstm import A2CLSTM, A2CLSTMConfig
from baselines.common.errors import InputError
from baselines.networks.cells import CELLS
from baselines.networks.config import InputSizes, NetworkConfig

PLAIN = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
"""Cells that torch has under such a name."""


@pytest.mark.parametrize("name", PLAIN)
def test_a_cell_is_what_its_name_says(name):
    """Over a sequence, with the same weights; broken if a name had another's cell."""
    torch.manual_seed(0)
    cell = CELLS[name].build(InputSizes(0, 1, 3), NetworkConfig(hidden_size=5))
    other = PLAIN[name](4, 5)
    other.load_state_dict(cell.state_dict())
    inputs = torch.randn(6, 2, 4)
    state = tuple(torch.randn(1, 2, 5) for _ in cell.state_names)
    output, last = cell(inputs, state)
    wanted, _ = other(inputs, state if len(state) > 1 else state[0])
    torch.testing.assert_close(output, wanted)
    torch.testing.assert_close(last[0][0], wanted[-1])


@pytest.mark.parametrize("name", PLAIN)
def test_an_agent_learns_with_any_cell(name, tmp_path):
    """And goes on from its checkpoint as if it had not been stopped."""
    config = A2CLSTMConfig(cell=name, num_envs=8, num_steps=20, hidden_size=12, input_gain=2.0)
    agent = A2CLSTM("MetaTwoStep-v0", config).learn(2_000)
    agent.save(tmp_path / "agent.safetensors")
    again = A2CLSTM.load(tmp_path / "agent.safetensors")
    assert agent.learn(4_000).weights_digest() == again.learn(4_000).weights_digest()
    observation = np.zeros((3, agent.policy.encoder.size), np.float32)
    actions, state = agent.predict(observation, deterministic=True)
    assert actions.shape == (3,) and [part.shape for part in state] == [(3, 12)] * len(state)


@pytest.mark.parametrize("settings", [{"forget_bias": 1.0}, {"chrono_steps": 10}])
def test_settings_of_gates_are_refused_where_there_are_none(settings):
    """Broken if they were ignored in silence."""
    with pytest.raises(InputError, match="`cell` rnn has none"):
        A2CLSTM("MetaBandit-v0", A2CLSTMConfig(cell="rnn", **settings))


def test_a_gate_that_keeps_is_raised_in_a_gru():
    """An open update gate keeps what is there, as an LSTM's forget gate does."""
    configs = [A2CLSTMConfig(cell="gru", hidden_size=4, forget_bias=bias) for bias in (0.0, 2.0)]
    first, second = (A2CLSTM("MetaBandit-v0", config).network.cell for config in configs)
    changed = second.bias_ih_l0 - first.bias_ih_l0
    torch.testing.assert_close(changed, torch.tensor([0.0] * 4 + [2.0] * 4 + [0.0] * 4))
    assert torch.equal(first.weight_hh_l0, second.weight_hh_l0)
