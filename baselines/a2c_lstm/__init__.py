"""The agent of "Learning to reinforcement learn": advantage actor-critic on an LSTM."""

from baselines.a2c_lstm.agent import A2CLSTM
from baselines.a2c_lstm.config import A2CLSTMConfig, Schedule

__all__ = ["A2CLSTM", "A2CLSTMConfig", "Schedule"]
