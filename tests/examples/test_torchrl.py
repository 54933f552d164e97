"""TorchRL steps our vector environment as it is, and sees whole episodes."""

import gymnasium as gym
import pytest

import meta_envs  # noqa: F401
from tests.examples.frameworks import need


@pytest.mark.filterwarnings("ignore")  # TorchRL's own.
def test_torchrl_sees_where_episodes_start_and_end():
    """Broken if a batch began in the middle of an episode, or the first observation were lost."""
    need("torchrl")
    from torchrl.collectors import Collector
    from torchrl.envs import GymWrapper, InitTracker

    vector = gym.make_vec("MetaBanditDependentUniform-v0", num_envs=4)
    env = GymWrapper(vector, categorical_action_encoding=True)
    env.append_transform(InitTracker())
    env.set_seed(0)
    for data in Collector(env, None, frames_per_batch=800, total_frames=1_600):
        starts = data["is_init"].squeeze(-1).nonzero()[:, 1].tolist()
        ends = data["next", "terminated"].squeeze(-1).nonzero()[:, 1].tolist()
        assert starts == [0, 100] * 4 and ends == [99, 199] * 4
        assert not data["observation"][:, [0, 100]].any()
        # The last observation of an episode is its own, not the first of the next.
        assert (data["next", "observation"][:, [99, 199], -1] == 1).all()
