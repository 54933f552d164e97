"""The agent of "Learning to reinforcement learn": advantage actor-critic on an LSTM."""

from baselines.common.extras import require

require("torch", "numba", "safetensors")

from baselines.a2c_lstm.agent import A2CLSTM  # noqa: E402
from baselines.a2c_lstm.config import A2CLSTMConfig  # noqa: E402
from baselines.a2c_lstm.policy import A2CLSTMPolicy  # noqa: E402
from baselines.common.schedule import Schedule, constant  # noqa: E402

__all__ = ["A2CLSTM", "A2CLSTMConfig", "A2CLSTMPolicy", "Schedule", "constant"]
