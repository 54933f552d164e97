"""sb3-contrib's RecurrentPPO made to fit: the same learning, several times faster."""

from baselines.common.extras import require

require("torch", "numba", "safetensors", "sb3_contrib")

from baselines.recurrent_ppo.agent import RecurrentPPO  # noqa: E402
from baselines.recurrent_ppo.buffer import WholeEpisodeBuffer  # noqa: E402
from baselines.recurrent_ppo.config import RecurrentPPOConfig  # noqa: E402
from baselines.recurrent_ppo.lstm_policy import WholeSequencePolicy  # noqa: E402
from baselines.recurrent_ppo.model import make_model  # noqa: E402
from baselines.recurrent_ppo.policy import RecurrentPPOPolicy  # noqa: E402
from baselines.recurrent_ppo.sb3_zip import load_sb3_policy  # noqa: E402
from baselines.recurrent_ppo.schedules import ScheduleCallback  # noqa: E402

__all__ = [
    "RecurrentPPO",
    "RecurrentPPOConfig",
    "RecurrentPPOPolicy",
    "ScheduleCallback",
    "WholeEpisodeBuffer",
    "WholeSequencePolicy",
    "load_sb3_policy",
    "make_model",
]
