"""Which networks can be taken apart: those of one plain memory cell."""

from __future__ import annotations

from typing import Any

from baselines.a2c_lstm.policy import A2CLSTMPolicy
from baselines.common.errors import InputError
from baselines.networks.cells.gru import GRU
from baselines.networks.cells.lstm import LSTM
from baselines.networks.cells.rnn import RNN


def plain_cell(policy: Any) -> Any:
    """The memory cell of an A2C-LSTM's policy: an LSTM, a GRU or an RNN of one layer.

    Args:
        policy: What `baselines.load` returns, or an agent's `policy`.

    Raises:
        InputError: If it has another cell, or forgets from step to step.
    """
    if not isinstance(policy, A2CLSTMPolicy):
        raise InputError(
            f"only the policy of an A2C-LSTM can be taken apart, not a {type(policy).__name__}"
        )
    cell = policy.network.cell
    if not isinstance(cell, LSTM | GRU | RNN):
        raise InputError(
            f"only a `cell` lstm, gru or rnn can be taken apart, not a {type(cell).__name__}"
        )
    if not policy.memory:
        raise InputError("an agent that was trained without memory has no dynamics: `memory` false")
    return cell
